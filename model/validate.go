package model

import (
	"fmt"
	"math"
	"slices"
)

// MaxSide bounds the width and height that a manifest may ask for, in pixels.
const MaxSide = 8192

// Validate reports the first field that is missing or out of range as a [*FieldError].
func (m *Model) Validate() error {
	if len(m.Labels) == 0 {
		return &FieldError{"labels", "is missing: name the classes in class order"}
	}
	if m.Output.Name == "" {
		return &FieldError{"output.name", "is missing: name the graph output that holds the scores"}
	}
	if err := oneOf("output.activation", m.Output.Activation, NoActivation, Softmax, Sigmoid); err != nil {
		return err
	}
	return m.Input.Validate()
}

// Validate reports the first field of the contract that is missing or out of range as a [*FieldError].
func (in *Input) Validate() error {
	if in.Name == "" {
		return &FieldError{"input.name", "is missing: name the graph input"}
	}
	if err := oneOf("input.element", in.Element, Uint8, Float32, Float16); err != nil {
		return err
	}
	if err := oneOf("input.layout", in.Layout, NCHW, NHWC); err != nil {
		return err
	}
	if err := oneOf("input.decode", in.Decode, "", Exact, Scaled); err != nil {
		return err
	}
	return in.validatePicture()
}

// validatePicture checks what does not depend on the graph: sizes, channels, resize and normalisation.
func (in *Input) validatePicture() error {
	for _, side := range []struct {
		field string
		value int
	}{{"input.width", in.Width}, {"input.height", in.Height}} {
		if side.value < 1 || side.value > MaxSide {
			return &FieldError{side.field, fmt.Sprintf("must be 1 to %d pixels, got %d", MaxSide, side.value)}
		}
	}
	switch in.Channels {
	case 1:
		if in.ChannelOrder != "" {
			return &FieldError{"input.channel_order", "must be empty for a grey input"}
		}
	case 3:
		if err := oneOf("input.channel_order", in.ChannelOrder, RGB, BGR); err != nil {
			return err
		}
	default:
		return &FieldError{"input.channels", fmt.Sprintf("must be 1 or 3, got %d", in.Channels)}
	}
	if err := in.validateResize(); err != nil {
		return err
	}
	return in.validateNormalisation()
}

func (in *Input) validateResize() error {
	r := in.Resize
	if err := oneOf("input.resize.mode", r.Mode, Stretch, ShortSide, Pad, None); err != nil {
		return err
	}
	if r.Mode != None {
		if err := oneOf("input.resize.filter", r.Filter, Nearest, Bilinear, Bicubic, Lanczos); err != nil {
			return err
		}
	}
	if err := oneOf("input.resize.crop_rounding", r.CropRounding, "", RoundHalfEven, RoundDown); err != nil {
		return err
	}
	if r.Mode == ShortSide {
		if least := max(in.Width, in.Height); r.ShortSide < least || r.ShortSide > MaxSide {
			return &FieldError{"input.resize.short_side", fmt.Sprintf("must be %d (the crop) to %d pixels, got %d", least, MaxSide, r.ShortSide)}
		}
	} else if r.ShortSide != 0 {
		return &FieldError{"input.resize.short_side", fmt.Sprintf("belongs to mode %q, the mode is %q", ShortSide, r.Mode)}
	}
	for _, side := range []struct {
		field       string
		value, crop int
	}{{"input.resize.width", r.Width, in.Width}, {"input.resize.height", r.Height, in.Height}} {
		switch {
		case r.Width == 0 && r.Height == 0:
		case r.Mode != Stretch:
			return &FieldError{side.field, fmt.Sprintf("belongs to mode %q, the mode is %q", Stretch, r.Mode)}
		case side.value < side.crop || side.value > MaxSide:
			return &FieldError{side.field, fmt.Sprintf("must be %d (the crop) to %d pixels, got %d", side.crop, MaxSide, side.value)}
		}
	}
	return nil
}

func (in *Input) validateNormalisation() error {
	if math.IsNaN(in.Scale) || math.IsInf(in.Scale, 0) || in.Scale < 0 {
		return &FieldError{"input.scale", fmt.Sprintf("must be a positive number, got %v", in.Scale)}
	}
	for _, list := range []struct {
		field  string
		values []float64
	}{{"input.mean", in.Mean}, {"input.std", in.Std}} {
		if n := len(list.values); n != 0 && n != in.Channels {
			return &FieldError{list.field, fmt.Sprintf("must have one number a channel (%d), got %d", in.Channels, n)}
		}
		for _, v := range list.values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return &FieldError{list.field, "holds a number that is not finite"}
			}
		}
	}
	if slices.Contains(in.Std, 0) {
		return &FieldError{"input.std", "holds a zero, nothing can be divided by it"}
	}
	if in.Element == Uint8 && (in.Scale != 0 && in.Scale != 1 || len(in.Mean) > 0 || len(in.Std) > 0) {
		return &FieldError{"input.element", "is uint8, which takes pixels as they are: scale, mean and std must be empty"}
	}
	return nil
}

// oneOf reports a value outside an enumeration and lists the enumeration.
func oneOf[T ~string](field string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	if value == "" {
		return &FieldError{field, fmt.Sprintf("is missing: one of %q", allowed)}
	}
	return &FieldError{field, fmt.Sprintf("is %q, must be one of %q", value, allowed)}
}
