package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
)

// recipeCategory groups the flags in the help text.
const recipeCategory = "Preprocessing, for models that do not carry their own"

// recipeFlags say how pictures become the model's input, in torchvision's terms.
func recipeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "resize", Category: recipeCategory, Usage: "`HOW`: stretch:WxH, short-side:N, pad:WxH or none"},
		&cli.StringFlag{Name: "crop", Category: recipeCategory, Usage: "cut the middle: `center:N` or center:WxH"},
		&cli.StringFlag{Name: "filter", Category: recipeCategory, Usage: "`FILTER` of the resize: nearest, bilinear, bicubic or lanczos"},
		&cli.BoolFlag{Name: "no-antialias", Category: recipeCategory, Usage: "keep the filter narrow when reducing, as OpenCV does"},
		&cli.StringFlag{Name: "scale", Category: recipeCategory, Usage: "multiply pixels by `NUMBER` first, such as 1/255"},
		&cli.StringFlag{Name: "mean", Category: recipeCategory, Usage: "then subtract `NUMBERS`, one a channel, such as 0.485,0.456,0.406"},
		&cli.StringFlag{Name: "std", Category: recipeCategory, Usage: "then divide by `NUMBERS`, one a channel"},
		&cli.StringFlag{Name: "layout", Category: recipeCategory, Usage: "`AXES` of the tensor: NCHW or NHWC"},
		&cli.StringFlag{Name: "channel-order", Category: recipeCategory, Usage: "`ORDER` of the colours: RGB or BGR"},
		&cli.BoolFlag{Name: "grey", Category: recipeCategory, Usage: "one grey channel"},
		&cli.BoolFlag{Name: "exif", Category: recipeCategory, Usage: "turn pictures upright by their EXIF orientation"},
		&cli.StringFlag{Name: "decode", Category: recipeCategory, Usage: "`HOW` much of a JPEG: exact, or scaled: faster, no more detail than the resize keeps"},
	}
}

// recipeSet lists the recipe flags that the command line sets.
func recipeSet(c *cli.Context) []string {
	var set []string
	for _, flag := range recipeFlags() {
		if name := flag.Names()[0]; c.IsSet(name) {
			set = append(set, name)
		}
	}
	return set
}

// recipeFromFlags lays the recipe flags over what is known of the input, and reports whether any was set. Base is a model's input,
// complete or only its name, element, layout and size; nil when there is no model: then the tensor is uint8 NHWC, or float32 NCHW
// when numbers are to be scaled. What is still missing is a usage error that names the flag.
func recipeFromFlags(c *cli.Context, base *model.Input) (*model.Input, bool, error) {
	switch set := recipeSet(c); {
	case len(set) == 0:
		return base, false, nil
	case base != nil && slices.Equal(set, []string{"decode"}): // the model says the rest, or does not
		in := recipeBase(c, base)
		return in, true, takeDecode(c, in)
	}
	in := recipeBase(c, base)
	for _, take := range []func(*cli.Context, *model.Input) error{takeChannels, takeResize, takeCrop, takeFilter, takeNumbers, takeDecode} {
		if err := take(c, in); err != nil {
			return nil, true, err
		}
	}
	if err := in.Validate(); err != nil {
		return nil, true, &usageError{fmt.Sprintf("preprocessing flags: %v", err), ""}
	}
	return in, true, nil
}

// recipeBase copies the base or makes one up.
func recipeBase(c *cli.Context, base *model.Input) *model.Input {
	if base != nil {
		in := *base
		in.Mean, in.Std = slices.Clone(base.Mean), slices.Clone(base.Std)
		return &in
	}
	in := &model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC}
	if c.IsSet("scale") || c.IsSet("mean") || c.IsSet("std") {
		in.Element, in.Layout = model.Float32, model.NCHW
	}
	return in
}

func takeChannels(c *cli.Context, in *model.Input) error {
	if c.IsSet("layout") {
		in.Layout = model.Layout(strings.ToUpper(c.String("layout")))
		if in.Layout != model.NCHW && in.Layout != model.NHWC {
			return &usageError{fmt.Sprintf("--layout %q: must be NCHW or NHWC", c.String("layout")), ""}
		}
	}
	switch {
	case c.IsSet("grey") && c.Bool("grey"):
		if c.IsSet("channel-order") {
			return &usageError{"--grey and --channel-order exclude each other", ""}
		}
		in.Channels, in.ChannelOrder = 1, ""
	case in.Channels == 0, c.IsSet("grey"):
		in.Channels = 3
	}
	if c.IsSet("channel-order") {
		in.ChannelOrder = model.ChannelOrder(strings.ToUpper(c.String("channel-order")))
		if in.ChannelOrder != model.RGB && in.ChannelOrder != model.BGR {
			return &usageError{fmt.Sprintf("--channel-order %q: must be RGB or BGR", c.String("channel-order")), ""}
		}
	}
	if in.Channels == 3 && in.ChannelOrder == "" {
		in.ChannelOrder = model.RGB
	}
	if c.IsSet("exif") {
		in.ApplyEXIF = c.Bool("exif")
	}
	return nil
}

func takeResize(c *cli.Context, in *model.Input) error {
	if !c.IsSet("resize") {
		if in.Resize.Mode == "" {
			return &usageError{"--resize is missing", "--resize short-side:256 --crop center:224 --filter bilinear, for example"}
		}
		return nil
	}
	mode, size, _ := strings.Cut(c.String("resize"), ":")
	width, height, err := parseSize(size)
	rest := in.Resize
	in.Resize = model.Resize{Mode: model.ResizeMode(mode), Filter: rest.Filter, NoAntialias: rest.NoAntialias, CropRounding: rest.CropRounding}
	switch {
	case mode == string(model.None) && size == "":
		in.Resize.Filter = ""
	case (mode == string(model.Stretch) || mode == string(model.Pad)) && err == nil:
		in.Width, in.Height = width, height
	case mode == string(model.ShortSide) && err == nil && !strings.Contains(size, "x"):
		in.Resize.ShortSide = width
	default:
		return &usageError{fmt.Sprintf("--resize %q: must be stretch:WxH, short-side:N, pad:WxH or none", c.String("resize")), ""}
	}
	return nil
}

func takeCrop(c *cli.Context, in *model.Input) error {
	cuts := in.Resize.Mode == model.ShortSide || in.Resize.Mode == model.None
	if !c.IsSet("crop") {
		if cuts && (in.Width == 0 || in.Height == 0) {
			return &usageError{fmt.Sprintf("--crop is missing: --resize %s leaves the size open", in.Resize.Mode), "--crop center:224, for example"}
		}
		return nil
	}
	if !cuts {
		return &usageError{fmt.Sprintf("--crop belongs to --resize short-side and none, not %s", in.Resize.Mode), ""}
	}
	size, ok := strings.CutPrefix(c.String("crop"), "center:")
	width, height, err := parseSize(size)
	if !ok || err != nil {
		return &usageError{fmt.Sprintf("--crop %q: must be center:N or center:WxH", c.String("crop")), ""}
	}
	in.Width, in.Height = width, height
	return nil
}

func takeFilter(c *cli.Context, in *model.Input) error {
	if c.IsSet("no-antialias") {
		in.Resize.NoAntialias = c.Bool("no-antialias")
	}
	if !c.IsSet("filter") {
		if in.Resize.Filter == "" && in.Resize.Mode != model.None {
			return &usageError{"--filter is missing", "--filter bilinear is torchvision's default"}
		}
		return nil
	}
	filter := model.Filter(c.String("filter"))
	if !slices.Contains([]model.Filter{model.Nearest, model.Bilinear, model.Bicubic, model.Lanczos}, filter) {
		return &usageError{fmt.Sprintf("--filter %q: must be nearest, bilinear, bicubic or lanczos", filter), ""}
	}
	if in.Resize.Mode == model.None {
		return &usageError{"--filter has nothing to do with --resize none", ""}
	}
	in.Resize.Filter = filter
	return nil
}

func takeNumbers(c *cli.Context, in *model.Input) error {
	if c.IsSet("scale") {
		scale, err := parseNumber(c.String("scale"))
		if err != nil || scale <= 0 {
			return &usageError{fmt.Sprintf("--scale %q: must be a positive number or a quotient such as 1/255", c.String("scale")), ""}
		}
		in.Scale = scale
	}
	for _, list := range []struct {
		flag string
		to   *[]float64
	}{{"mean", &in.Mean}, {"std", &in.Std}} {
		if !c.IsSet(list.flag) {
			continue
		}
		values, err := parseNumbers(c.String(list.flag))
		if err == nil && len(values) == 1 { // one number for every channel
			values = slices.Repeat(values, in.Channels)
		}
		if err != nil || len(values) != in.Channels {
			return &usageError{fmt.Sprintf("--%s %q: must be one number, or %d separated by commas", list.flag, c.String(list.flag), in.Channels), ""}
		}
		*list.to = values
	}
	if in.Element == model.Uint8 && (in.Scale != 0 || len(in.Mean) > 0 || len(in.Std) > 0) {
		return &usageError{"the model takes uint8 pixels as they are: --scale, --mean and --std have no place", ""}
	}
	return nil
}

func takeDecode(c *cli.Context, in *model.Input) error {
	switch how := model.Decode(c.String("decode")); {
	case !c.IsSet("decode"):
	case how == model.Exact:
		in.Decode = "" // the default, which has one spelling in a contract's hash
	case how == model.Scaled:
		in.Decode = how
	default:
		return &usageError{fmt.Sprintf("--decode %q: must be exact or scaled", how), ""}
	}
	return nil
}
