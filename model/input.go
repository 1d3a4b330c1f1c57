package model

// Input is the preprocessing contract. A picture becomes a tensor in this order, whatever the model:
//
//  1. decode, whole or by Decode; turn upright when EXIF says so and ApplyEXIF is set
//  2. convert to Channels and ChannelOrder (alpha is dropped, not blended)
//  3. resize by Resize, on 8-bit values
//  4. cut the centre, Width × Height (short-side and none leave something to cut, and stretch to a size of its own)
//  5. per channel: value = (pixel·Scale − Mean) / Std, unless Element is uint8, which takes the pixels as they are
type Input struct {
	// Name of the graph input.
	Name string `json:"name"`
	// Element type of the tensor.
	Element Element `json:"element"`
	// Layout of the tensor.
	Layout Layout `json:"layout"`
	// Width and Height that the model sees, in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Channels is 1 (grey) or 3 (colour).
	Channels int `json:"channels"`
	// ChannelOrder of colour pictures; empty for grey.
	ChannelOrder ChannelOrder `json:"channel_order,omitempty"`
	// Resize says how a picture of any size comes to Width × Height.
	Resize Resize `json:"resize"`
	// Scale multiplies a pixel (0 to 255) first; zero means 1. For models trained on 0 to 1 it is 1/255.
	Scale float64 `json:"scale,omitempty"`
	// Mean is subtracted from the scaled value; one number a channel, or empty for 0.
	Mean []float64 `json:"mean,omitempty"`
	// Std divides the result; one number a channel, or empty for 1.
	Std []float64 `json:"std,omitempty"`
	// ApplyEXIF turns pictures upright by their EXIF orientation before anything else.
	ApplyEXIF bool `json:"apply_exif,omitempty"`
	// Decode says how many of a picture's pixels are decoded; empty means [Exact].
	Decode Decode `json:"decode,omitempty"`
}

// Resize says how a picture of any size comes to the model's size.
type Resize struct {
	Mode ResizeMode `json:"mode"`
	// ShortSide is the length that the shorter side is resized to; the other becomes int(ShortSide·long/short), truncated as
	// torchvision's Resize does. Only for [ShortSide].
	ShortSide int `json:"short_side,omitempty"`
	// Width and Height that mode [Stretch] resizes to before the centre is cut, as DeiT does; both zero where nothing is cut.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Filter of the resize; empty only with mode none.
	Filter Filter `json:"filter,omitempty"`
	// NoAntialias keeps the filter as narrow for reducing as it is for enlarging, as OpenCV does. False widens it with the
	// reduction, as Pillow does.
	NoAntialias bool `json:"no_antialias,omitempty"`
	// CropRounding says where the centre crop starts when the margin is odd; empty means [RoundHalfEven].
	CropRounding CropRounding `json:"crop_rounding,omitempty"`
	// PadValue (0 to 255) fills the border of mode pad.
	PadValue uint8 `json:"pad_value,omitempty"`
}

// Element is the element type of the input tensor.
type Element string

// The element types.
const (
	Uint8   Element = "uint8"
	Float32 Element = "float32"
	Float16 Element = "float16"
)

// Decode says how many of a picture's pixels are decoded.
type Decode string

// The ways to decode.
const (
	// Exact decodes every pixel.
	Exact Decode = "exact"
	// Scaled lets a JPEG decoder leave out detail that the resize would blur anyway: the picture comes at the smallest of the sizes
	// 1/8, 2/8, ... 8/8 that is at least twice as wide and as high as the resize makes it. Scores move by a little. Pictures that
	// are not resized, and other formats, are decoded as by Exact.
	Scaled Decode = "scaled"
)

// Layout is the axis order of the input tensor.
type Layout string

// The layouts. N is the batch, C the channels, H the rows, W the columns.
const (
	NCHW Layout = "NCHW"
	NHWC Layout = "NHWC"
)

// ChannelOrder is the order of the colour channels.
type ChannelOrder string

// The channel orders.
const (
	RGB ChannelOrder = "RGB"
	BGR ChannelOrder = "BGR"
)

// ResizeMode says what happens to the aspect ratio.
type ResizeMode string

// The resize modes.
const (
	// Stretch resizes to Width × Height and does not keep the aspect ratio, as SageMaker's built-in algorithm does. With
	// Resize.Width and Resize.Height it resizes to those and cuts the centre.
	Stretch ResizeMode = "stretch"
	// ShortSide resizes the shorter side to Resize.ShortSide and cuts the centre.
	ShortSide ResizeMode = "short-side"
	// Pad resizes to fit inside Width × Height and fills the rest with Resize.PadValue.
	Pad ResizeMode = "pad"
	// None takes pictures as they are and cuts the centre; a smaller picture is an error.
	None ResizeMode = "none"
)

// Filter is a resampling filter, defined as Pillow defines it.
type Filter string

// The filters, with the support that they have when a picture is enlarged.
const (
	Nearest  Filter = "nearest"
	Bilinear Filter = "bilinear" // support 1
	Bicubic  Filter = "bicubic"  // support 2, a = -0.5
	Lanczos  Filter = "lanczos"  // support 3
)

// CropRounding says where a centre crop starts when margin/2 is not whole.
type CropRounding string

// The roundings.
const (
	// RoundHalfEven is torchvision's CenterCrop: int(round(margin/2)), Python's round.
	RoundHalfEven CropRounding = "half-even"
	// RoundDown is Hugging Face's center_crop: margin // 2.
	RoundDown CropRounding = "down"
)

// Activation turns logits into probabilities.
type Activation string

// The activations.
const (
	// NoActivation means that the graph's output holds probabilities already.
	NoActivation Activation = "none"
	Softmax      Activation = "softmax"
	Sigmoid      Activation = "sigmoid"
)
