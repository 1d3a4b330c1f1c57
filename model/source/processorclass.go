package source

import "github.com/scones-unlimited/scones/model"

// A processorClass is what a transformers image processor does that its preprocessor_config.json need not say: the class
// attributes and own steps of models/*/image_processing_pil_*.py, version 5.24.0.
type processorClass struct {
	resample   int  // PIL.Image.Resampling
	squares    bool // a size that is one number means a square, not the shorter side (default_to_square)
	crops      bool // do_center_crop
	normalises bool // do_normalize
	flips      bool // do_flip_channel_order
	rule       sizeRule
	cropPct    float64 // crop_pct
}

// processorClasses are the image processors that classification models use. Swin, ResNet, RegNet, DINOv2, Data2Vec and others have
// none of their own and use one of these.
var processorClasses = map[string]processorClass{
	"Beit":         {resample: 3, squares: true, normalises: true},
	"Bit":          {resample: 3, crops: true, normalises: true},
	"ChineseCLIP":  {resample: 3, crops: true, normalises: true},
	"CLIP":         {resample: 3, crops: true, normalises: true},
	"ConvNext":     {resample: 3, normalises: true, rule: convNext, cropPct: 224 / 256.0},
	"DeiT":         {resample: 3, squares: true, crops: true, normalises: true},
	"EfficientNet": {resample: 3, squares: true, normalises: true, rule: efficientNet},
	"Levit":        {resample: 3, crops: true, normalises: true, rule: levit},
	"MobileNetV1":  {resample: 2, crops: true, normalises: true},
	"MobileNetV2":  {resample: 2, crops: true, normalises: true},
	"MobileViT":    {resample: 3, crops: true, flips: true},
	"PoolFormer":   {resample: 3, crops: true, normalises: true, rule: poolFormer, cropPct: 0.9},
	"Pvt":          {resample: 3, squares: true, normalises: true},
	"Siglip":       {resample: 3, normalises: true},
	"ViT":          {resample: 2, squares: true, normalises: true},
}

// A sizeRule is how a class comes from its configured size to the size that pictures are resized to.
type sizeRule int

const (
	plain sizeRule = iota
	convNext
	levit
	poolFormer
	efficientNet
)

// A pictureSize is the length of the shorter side, or width and height.
type pictureSize struct{ short, width, height int }

// apply gives the size to resize to, and the square that is cut at once when it is not zero. All quotients are cut off, as Python's
// int does, after an ordinary float64 division.
func (r sizeRule) apply(p *config, size pictureSize, pct float64) (pictureSize, int) {
	if (r == convNext || r == poolFormer) && (!(pct > 0) || pct > 1) {
		p.fail("crop_pct", "is %v, must be above 0 and at most 1", pct)
		return size, 0
	}
	switch {
	case r == convNext && size.short == 0:
		p.fail("size", "must give shortest_edge for ConvNext")
	case r == convNext && size.short >= 384: // stretched, without a cut
		return pictureSize{width: size.short, height: size.short}, 0
	case r == convNext:
		return pictureSize{short: enlarged(p, size.short, pct)}, size.short
	case r == levit && size.short > 0:
		ratio := 256 / 224.0 // rounded to float64 before it multiplies, as in Python
		return pictureSize{short: int(ratio * float64(size.short))}, 0
	case r == poolFormer && size.short > 0:
		return pictureSize{short: enlarged(p, size.short, pct)}, 0
	case r == poolFormer && size.width == size.height:
		return pictureSize{short: enlarged(p, size.width, pct)}, 0
	case r == poolFormer:
		return pictureSize{width: enlarged(p, size.width, pct), height: enlarged(p, size.height, pct)}, 0
	}
	return size, 0
}

// enlarged gives side / pct without its fraction.
func enlarged(p *config, side int, pct float64) int {
	quotient := float64(side) / pct
	if quotient > model.MaxSide {
		p.fail("crop_pct", "is %v, which makes more than %d pixels of %d", pct, model.MaxSide, side)
		return side
	}
	return int(quotient)
}

// size reads {"height": h, "width": w}, {"shortest_edge": n} or one number, which means a square or the shorter side.
func (p *config) size(key string, squares bool) (size pictureSize) {
	if !p.has(key) {
		return size
	}
	if number := p.values[key]; number[0] >= '0' && number[0] <= '9' {
		if n := get(p, key, 0); squares {
			size.width, size.height = n, n
		} else {
			size.short = n
		}
	} else if o := p.object(key); o != nil {
		size.short, size.width, size.height = get(o, "shortest_edge", 0), get(o, "width", 0), get(o, "height", 0)
		o.refuseRest()
		if p.err == nil && o.err != nil {
			p.err = o.err
		}
	}
	sides := size.width > 0 && size.height > 0
	if p.err == nil && (sides == (size.short > 0) || max(size.short, size.width, size.height) > model.MaxSide || min(size.short, size.width, size.height) < 0 ||
		(size.width > 0) != (size.height > 0)) {
		p.fail(key, "is %.80s, must be height and width or shortest_edge, of 1 to %d pixels", p.values[key], model.MaxSide)
	}
	return size
}
