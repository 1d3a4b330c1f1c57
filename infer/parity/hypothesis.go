package parity

import (
	"fmt"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// An Axis is one thing in which two sides can differ. Two hypotheses of one axis exclude each other.
type Axis string

// The axes.
const (
	FilterAxis      Axis = "filter"
	CropAxis        Axis = "crop"
	ChannelAxis     Axis = "channels"
	NormaliseAxis   Axis = "normalisation"
	EXIFAxis        Axis = "EXIF"
	AlphaAxis       Axis = "alpha"
	JPEGAxis        Axis = "JPEG"
	NetworkAxis     Axis = "network"
	ActivationAxis  Axis = "activation"
	OrderAxis       Axis = "class order"
	TemperatureAxis Axis = "temperature"
)

// A hypothesis is something that the other side may do and the local side does not. The fields that are set say how to do it here.
type hypothesis struct {
	axis Axis
	says string // what the other side does, behind "the other side"
	// edit changes the contract. Lists in it are replaced, never written to.
	edit func(*model.Input)
	// float is set where the edit makes numbers that no byte holds.
	float bool
	// file changes the picture's bytes; it returns them as they are where it has nothing to change.
	file func([]byte, preprocess.Limits) ([]byte, error)
	// pixels changes the decoded picture.
	pixels func(*preprocess.Picture) error
	// network takes the place of the local one.
	network *Network
	// answer takes the place of the contract's activation: raw is the network's output.
	answer func(raw []float32, m *model.Model) []float32
	// other changes the other side's answer, to compare what it was made from.
	other func(remote []float32) []float32
	// fitted says that answer was fitted to half of the sample, so that only the other half may judge it.
	fitted bool
}

// runs tells that the network must run for it.
func (h *hypothesis) runs() bool { return h.answer == nil && h.other == nil }

// inputHypotheses are the plausible differences before the network, but for those that the contract is already.
func inputHypotheses(in *model.Input) []*hypothesis {
	return slices.Concat(filterHypotheses(in), cropHypotheses(in), channelHypotheses(in), normaliseHypotheses(in), exifHypotheses(in), []*hypothesis{
		{axis: AlphaAxis, says: "lays transparent pictures over white", file: compositeOver(0xff)},
		{axis: AlphaAxis, says: "lays transparent pictures over black", file: compositeOver(0)},
		{axis: JPEGAxis, says: "gets the pictures re-encoded as JPEG of quality 95", pixels: reencode(in, 95)},
		{axis: JPEGAxis, says: "gets the pictures re-encoded as JPEG of quality 75", pixels: reencode(in, 75)},
	})
}

func filterHypotheses(in *model.Input) (list []*hypothesis) {
	if in.Resize.Mode == model.None {
		return nil
	}
	for _, f := range []struct {
		filter model.Filter
		narrow bool
		says   string
	}{
		{model.Nearest, false, "takes the nearest pixel"},
		{model.Bilinear, false, "resizes bilinear with antialias, as Pillow does"},
		{model.Bilinear, true, "resizes bilinear without antialias, as OpenCV does"},
		{model.Bicubic, false, "resizes bicubic with antialias, as Pillow does"},
		{model.Bicubic, true, "resizes bicubic without antialias"},
		{model.Lanczos, false, "resizes with Lanczos"},
	} {
		if f.filter == in.Resize.Filter && f.narrow == in.Resize.NoAntialias {
			continue
		}
		list = append(list, &hypothesis{axis: FilterAxis, says: f.says, edit: func(in *model.Input) {
			in.Resize.Filter, in.Resize.NoAntialias = f.filter, f.narrow
		}})
	}
	return list
}

// cropHypotheses keep the aspect ratio where the contract does not, and the reverse. 256 to 224 is the customary margin of networks
// that were trained on ImageNet.
func cropHypotheses(in *model.Input) (list []*hypothesis) {
	side := max(in.Width, in.Height)
	for _, r := range []struct {
		resize model.Resize
		says   string
	}{
		{model.Resize{Mode: model.Stretch}, "stretches pictures to the model's size"},
		{model.Resize{Mode: model.ShortSide, ShortSide: side}, "cuts the centre instead of stretching"},
		{model.Resize{Mode: model.ShortSide, ShortSide: int(math.Round(float64(side) * 256 / 224))}, "resizes to 256/224 of the size and cuts the centre"},
		{model.Resize{Mode: model.Pad}, "pads pictures with black"},
	} {
		r.resize.Filter, r.resize.NoAntialias = in.Resize.Filter, in.Resize.NoAntialias
		if in.Resize.Mode == model.None {
			r.resize.Filter = model.Bilinear
		}
		if r.resize.Mode == in.Resize.Mode && r.resize.ShortSide == in.Resize.ShortSide {
			continue
		}
		list = append(list, &hypothesis{axis: CropAxis, says: r.says, edit: func(in *model.Input) {
			filter, narrow := in.Resize.Filter, in.Resize.NoAntialias
			in.Resize = r.resize
			if filter != "" { // another hypothesis may have chosen it
				in.Resize.Filter, in.Resize.NoAntialias = filter, narrow
			}
		}})
	}
	return list
}

func channelHypotheses(in *model.Input) []*hypothesis {
	if in.Channels != 3 {
		return nil
	}
	swapped := model.BGR
	if in.ChannelOrder == model.BGR {
		swapped = model.RGB
	}
	return []*hypothesis{
		{axis: ChannelAxis, says: fmt.Sprintf("feeds the channels as %s", swapped), edit: func(in *model.Input) { in.ChannelOrder = swapped }},
		{axis: ChannelAxis, says: "makes pictures grey", pixels: grey},
	}
}

// normaliseHypotheses are the customary ways to make numbers of pixels. The numbers are those of torchvision's models for ImageNet.
func normaliseHypotheses(in *model.Input) (list []*hypothesis) {
	mean, std := []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	half := []float64{0.5, 0.5, 0.5}
	if in.Channels == 1 {
		mean, std, half = []float64{0.449}, []float64{0.226}, []float64{0.5}
	}
	times255 := make([]float64, len(mean))
	for i := range mean {
		times255[i] = mean[i] * 255
	}
	var is normalisation
	is.scale, is.mean, is.std = in.Scale, in.Mean, in.Std
	for _, n := range []struct {
		to   normalisation
		says string
	}{
		{normalisation{}, "feeds pixels as they are, 0 to 255"},
		{normalisation{scale: 1.0 / 255}, "divides pixels by 255 and does no more"},
		{normalisation{scale: 1.0 / 255, mean: mean, std: std}, "divides pixels by 255 and applies the mean and deviation of ImageNet"},
		{normalisation{scale: 1.0 / 255, mean: half, std: half}, "scales pixels to -1 to 1"},
		{normalisation{mean: times255}, "subtracts the mean of ImageNet and does not divide"},
	} {
		if n.to.equal(is) {
			continue
		}
		list = append(list, &hypothesis{axis: NormaliseAxis, says: n.says, float: true, edit: func(in *model.Input) {
			in.Scale, in.Mean, in.Std = n.to.scale, n.to.mean, n.to.std
		}})
	}
	return list
}

type normalisation struct {
	scale     float64
	mean, std []float64
}

// equal compares what two normalisations do: a scale of 0 is 1, no mean is a mean of 0.
func (n normalisation) equal(other normalisation) bool {
	whole := func(scale float64) float64 {
		if scale == 0 {
			return 1
		}
		return scale
	}
	same := func(a, b []float64, neutral float64) bool {
		for i := range max(len(a), len(b)) {
			x, y := neutral, neutral
			if i < len(a) {
				x = a[i]
			}
			if i < len(b) {
				y = b[i]
			}
			if math.Abs(x-y) > 1e-9 {
				return false
			}
		}
		return true
	}
	return math.Abs(whole(n.scale)-whole(other.scale)) < 1e-9 && same(n.mean, other.mean, 0) && same(n.std, other.std, 1)
}

func exifHypotheses(in *model.Input) []*hypothesis {
	if in.ApplyEXIF {
		return []*hypothesis{{axis: EXIFAxis, says: "does not turn pictures by their EXIF orientation", edit: func(in *model.Input) { in.ApplyEXIF = false }}}
	}
	return []*hypothesis{{axis: EXIFAxis, says: "turns pictures by their EXIF orientation", edit: func(in *model.Input) { in.ApplyEXIF = true }}}
}
