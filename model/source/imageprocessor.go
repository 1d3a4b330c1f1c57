package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/model"
)

// imageProcessor fills the contract from a preprocessor_config.json, both of today's shape (image_processor_type, sizes by name)
// and of the one before transformers 4.26 (feature_extractor_type, sizes as numbers). Keys that are missing have their class's
// defaults, as in the library. Any key that might change a score and is not understood is an error that names it.
func imageProcessor(p *config, in *model.Input) (warnings []string, err error) {
	kind := get(p, "image_processor_type", get(p, "feature_extractor_type", ""))
	name, suffix := processorName(kind)
	class, known := processorClasses[name]
	switch {
	case kind == "":
		p.fail("image_processor_type", "is missing")
	case !known:
		p.fail("image_processor_type", "is %q, which is not known: its pictures may be made in a way of its own", kind)
	}
	if p.err != nil {
		return nil, p.err
	}
	if suffix == "ImageProcessorFast" {
		warnings = append(warnings, fmt.Sprintf("%s resizes with torchvision; scones resizes as Pillow does, whose pixels differ by 1 of 255 here and there", kind))
	}
	in.ApplyEXIF = true
	in.Resize = model.Resize{Mode: model.None, CropRounding: model.RoundDown}
	p.resize(class, in)
	p.crop(class, in)
	p.normalise(class, in)
	if get(p, "do_flip_channel_order", class.flips) {
		if !class.flips {
			p.fail("do_flip_channel_order", "is true, %s has no such step", kind)
		}
		in.ChannelOrder = model.BGR
	}
	if format := get(p, "data_format", "channels_first"); format != "channels_first" {
		p.fail("data_format", "is %q, must be channels_first", format)
	}
	p.ignore("processor_class", "_processor_class", "_valid_processor_keys", "do_convert_rgb", "do_reduce_labels", "do_pad", "pad_size", "disable_grouping",
		"default_to_square", "model_input_names", "return_tensors", "input_data_format", "device", "name_or_path", "transformers_version")
	if get(p, "do_pad", false) {
		p.fail("do_pad", "is true, which classification does not need and scones does not do")
	}
	p.refuseRest()
	return warnings, p.err
}

// processorName splits a class's name, such as ViTImageProcessorFast, into the model and the kind.
func processorName(class string) (name, suffix string) {
	for _, suffix := range []string{"ImageProcessorFast", "ImageProcessorPil", "ImageProcessor", "FeatureExtractor"} {
		if name, ok := strings.CutSuffix(class, suffix); ok {
			return name, suffix
		}
	}
	return class, ""
}

// resize reads size, resample and crop_pct. A size in pixels is what the picture is stretched to, a shortest_edge what its
// shorter side becomes.
func (p *config) resize(class processorClass, in *model.Input) {
	size := p.size("size", class.squares)
	pct := get(p, "crop_pct", class.cropPct)
	filter := get(p, "resample", class.resample)
	if !get(p, "do_resize", true) {
		return
	}
	filters := []model.Filter{model.Nearest, model.Lanczos, model.Bilinear, model.Bicubic} // by PIL.Image.Resampling
	if filter < 0 || filter >= len(filters) {
		p.fail("resample", "is %d, must be 0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic)", filter)
		return
	}
	if !p.has("size") {
		p.fail("size", "is missing")
	}
	if p.err != nil {
		return
	}
	in.Resize.Filter = filters[filter]
	if p.has("crop_pct") && class.rule == plain {
		p.fail("crop_pct", "is %v, only ConvNext and PoolFormer have it", pct)
		return
	}
	size, cut := class.rule.apply(p, size, pct)
	if p.err != nil {
		return
	}
	switch {
	case size.short > 0:
		in.Resize.Mode, in.Resize.ShortSide = model.ShortSide, size.short
	default:
		in.Resize.Mode, in.Width, in.Height = model.Stretch, size.width, size.height
	}
	if cut > 0 {
		in.Width, in.Height = cut, cut
	}
}

// crop reads crop_size. A crop larger than what is left of the resize would be filled with black in transformers; no model means
// that, so it is refused.
func (p *config) crop(class processorClass, in *model.Input) {
	size := p.size("crop_size", true)
	if !get(p, "do_center_crop", class.crops) {
		if in.Resize.Mode != model.Stretch && in.Width == 0 {
			p.fail("do_center_crop", "is false: pictures keep their shape, and a batch needs one size")
		}
		return
	}
	switch {
	case !p.has("crop_size"):
		p.fail("crop_size", "is missing")
	case p.err != nil:
	case in.Resize.Mode == model.Stretch && (size.width > in.Width || size.height > in.Height),
		in.Resize.Mode == model.ShortSide && max(size.width, size.height) > in.Resize.ShortSide:
		p.fail("crop_size", "is %d × %d, larger than what the picture is resized to", size.width, size.height)
	case class.rule == convNext && in.Width > 0 && (size.width != in.Width || size.height != in.Height):
		p.fail("crop_size", "is %d × %d, after ConvNext's own cut of %d × %d", size.width, size.height, in.Width, in.Height)
	default:
		if in.Resize.Mode == model.Stretch && (size.width != in.Width || size.height != in.Height) {
			in.Resize.Width, in.Resize.Height = in.Width, in.Height
		}
		in.Width, in.Height = size.width, size.height
	}
}

// normalise reads rescale and normalisation: (pixel·rescale_factor − image_mean) / image_std. EfficientNet takes 1 off after
// rescaling when rescale_offset is set, and divides by image_std once more when include_top is set
// (image_processing_pil_efficientnet.py).
func (p *config) normalise(class processorClass, in *model.Input) {
	factor, offset := get(p, "rescale_factor", 1/255.0), 0.0
	rescales := get(p, "do_rescale", true)
	normalises := get(p, "do_normalize", class.normalises)
	if normalises && !class.normalises {
		p.fail("do_normalize", "is true, which this class does not look at")
	}
	mean, std := p.perChannel("image_mean"), p.perChannel("image_std")
	if class.rule == efficientNet && get(p, "rescale_offset", false) && rescales {
		offset = 1
	}
	top := class.rule == efficientNet && get(p, "include_top", true)
	if p.err != nil {
		return
	}
	if rescales {
		in.Scale = factor
	}
	switch {
	case normalises && mean == nil:
		p.fail("image_mean", "is missing")
		return
	case (normalises || top) && std == nil:
		p.fail("image_std", "is missing")
		return
	case !normalises && !top && offset == 0:
		return
	}
	for i := range 3 {
		shift, divisor := offset, 1.0
		if normalises {
			shift, divisor = shift+mean[i], std[i]
		}
		if top {
			divisor *= std[i]
		}
		in.Mean, in.Std = append(in.Mean, shift), append(in.Std, divisor)
	}
}

// perChannel reads a list of three numbers, or one number for all; nil when it is missing.
func (p *config) perChannel(key string) []float64 {
	if !p.has(key) {
		return nil
	}
	var one float64
	if json.Unmarshal(p.values[key], &one) == nil {
		return slices.Repeat([]float64{one}, 3)
	}
	list := get[[]float64](p, key, nil)
	if p.err == nil && len(list) != 3 {
		p.fail(key, "has %d numbers, must have 3", len(list))
	}
	return list
}
