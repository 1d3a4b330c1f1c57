package source

import (
	"encoding/json"
	"math"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// fromTimmConfig reads the config.json of a timm model in a folder (timm/models/_hub.py, save_config_for_hf, version 1.0.31): the
// picture's way is in pretrained_cfg, the classes' names beside it or inside.
//
// timm itself reads pictures without turning them by EXIF; transformers' pipeline, which writes model_type timm_wrapper, turns them.
func fromTimmConfig(c *config, f *onnx.File) (*model.Model, error) {
	inner := c.object("pretrained_cfg")
	if inner == nil {
		return nil, c.err
	}
	m, err := fromPretrained(inner, f)
	if err != nil {
		return nil, err
	}
	m.Name = get(c, "architecture", m.Name)
	if labels := c.timmLabels(); labels != nil {
		m.Labels = labels
	}
	m.Input.ApplyEXIF = get(c, "model_type", "") == "timm_wrapper"
	return m, c.err
}

// fromTimmMetadata reads the same pretrained_cfg as JSON in the ONNX file's metadata.
func fromTimmMetadata(f *onnx.File) (*model.Model, bool, error) {
	text, ok := f.Metadata["pretrained_cfg"]
	if !ok {
		return nil, false, nil
	}
	c, err := newConfig("metadata pretrained_cfg", "", []byte(text))
	if err != nil {
		return nil, true, err
	}
	m, err := fromPretrained(c, f)
	return m, true, err
}

// fromPretrained is the evaluation transform of a pretrained_cfg (timm/data/transforms_factory.py, transforms_imagenet_eval). Sizes
// are floor(size / crop_pct); mean and std follow a division by 255.
func fromPretrained(c *config, f *onnx.File) (*model.Model, error) {
	m, err := fromEnds(f, "x", "logits")
	if err != nil {
		return nil, err
	}
	m.Name = get(c, "architecture", "")
	m.Labels = c.timmLabels()
	m.Output.Activation = model.Softmax
	if activationOf(f, m.Output.Name) == model.NoActivation {
		m.Output.Activation = model.NoActivation
	}
	in := &m.Input
	size := need[[]int](c, "input_size")
	if c.err == nil && len(size) != 3 {
		c.fail("input_size", "has %d numbers, must have 3: channels, height and width", len(size))
	}
	pct := need[float64](c, "crop_pct")
	if c.err == nil && (!(pct > 0) || pct > 1) {
		c.fail("crop_pct", "is %v, must be above 0 and at most 1", pct)
	}
	in.Scale, in.Mean, in.Std = 1/255.0, need[[]float64](c, "mean"), need[[]float64](c, "std")
	in.Resize.Filter = c.timmFilter()
	if c.err != nil {
		return nil, c.err
	}
	in.Channels, in.Height, in.Width = size[0], size[1], size[2]
	if in.Channels == 1 {
		in.ChannelOrder = ""
	}
	c.timmCrop(in, pct)
	return m, c.err
}

// timmCrop sets what becomes of the picture's shape.
func (c *config) timmCrop(in *model.Input, pct float64) {
	if border := get(c, "crop_border_pixels", 0); border != 0 {
		c.fail("crop_border_pixels", "is %d, which is not understood", border)
	}
	height, width := int(math.Floor(float64(in.Height)/pct)), int(math.Floor(float64(in.Width)/pct))
	switch mode := get(c, "crop_mode", "center"); { // a configuration older than crop_mode means center
	case mode == "squash":
		in.Resize.Mode = model.Stretch
		if height != in.Height || width != in.Width {
			in.Resize.Width, in.Resize.Height = width, height
		}
	case mode == "center" && height == width:
		in.Resize.Mode, in.Resize.ShortSide = model.ShortSide, height
	case mode == "center":
		c.fail("input_size", "is %d × %d, which is no square: with crop_mode center scones resizes for squares only", in.Width, in.Height)
	default: // border fills with the mean, and starts an odd margin elsewhere than mode pad
		c.fail("crop_mode", "is %q, must be center or squash", mode)
	}
}

func (c *config) timmFilter() model.Filter {
	name := need[string](c, "interpolation")
	filter := model.Filter(name)
	switch filter {
	case model.Nearest, model.Bilinear, model.Bicubic, model.Lanczos:
	default:
		c.fail("interpolation", "is %q, must be nearest, bilinear, bicubic or lanczos", name)
	}
	return filter
}

// timmLabels reads label_names, a list or an object by class index; label_descriptions, which are prose about the same classes,
// are left aside. Older files call it labels.
func (c *config) timmLabels() []string {
	for _, key := range []string{"label_names", "labels"} {
		if !c.has(key) {
			continue
		}
		var list []string
		if json.Unmarshal(c.values[key], &list) == nil {
			return list
		}
		return c.labels(key)
	}
	return nil
}
