package explain

import (
	"image"
	"image/color"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

// The colours of a map: evidence for the class from amber to red, evidence against it from light to dark blue. They differ in
// brightness too, and red against blue is told apart by colour-blind eyes.
var (
	forWeak, forStrong         = color.NRGBA{0xff, 0xc2, 0x33, 0xff}, color.NRGBA{0xc8, 0x10, 0x2e, 0xff}
	againstWeak, againstStrong = color.NRGBA{0x8e, 0xc5, 0xff, 0xff}, color.NRGBA{0x14, 0x3c, 0xb4, 0xff}
)

// How a map is laid over a picture.
const (
	opaqueAt = 0.75 // share of the colour where the map is 1
	gamma    = 0.8  // below 1 shows weak evidence, above 1 hides it
	faint    = 0.08 // values below it are not drawn
	outside  = 0.35 // brightness of what the model does not see
)

// Overlay draws the map over the grey picture, upright as the model takes it, its longer side made side pixels. What the model does not see
// of it is dark. The edges of the patches, which mean nothing, are smoothed; the numbers are not.
func Overlay(x *Explanation, side int) *image.NRGBA {
	out := Thumbnail(x, side)
	kernel := gaussian(float64(slices.Min(x.Sizes)) / 4)
	across := smooth(x.Values, x.Width, x.Height, 1, 1, x.Width, kernel)
	drawn := smooth(across, x.Height, x.Width, 1, x.Width, 1, kernel)
	for py := range out.Rect.Dy() {
		for px := range out.Rect.Dx() {
			at := out.Pix[py*out.Stride+4*px:][:4]
			// luminance of ITU-R BT.601
			grey := 0.299*float64(at[0]) + 0.587*float64(at[1]) + 0.114*float64(at[2])
			value, seen := x.at(drawn, px, py, out.Rect.Dx(), out.Rect.Dy())
			if !seen {
				grey *= outside
			}
			tint, share := colour(value)
			at[0] = mix(grey, tint.R, share)
			at[1] = mix(grey, tint.G, share)
			at[2] = mix(grey, tint.B, share)
		}
	}
	return out
}

// Thumbnail is the picture, upright as the model takes it, its longer side made side pixels.
func Thumbnail(x *Explanation, side int) *image.NRGBA {
	src := x.Source.Image()
	longer := max(x.Source.Width, x.Source.Height)
	width := max(1, (x.Source.Width*side+longer/2)/longer)
	height := max(1, (x.Source.Height*side+longer/2)/longer)
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	var scaler draw.Scaler = draw.CatmullRom
	if longer*4 <= side { // a picture of few pixels is shown as that
		scaler = draw.NearestNeighbor
	}
	scaler.Scale(out, out.Rect, src, src.Bounds(), draw.Src, nil)
	return out
}

// at is the value of a map under the middle of a drawn pixel, linear between the middles of the map's; seen is false where the model sees
// nothing.
func (x *Explanation) at(values []float64, px, py, width, height int) (value float64, seen bool) {
	w := x.Window
	sx := (float64(px) + 0.5) / float64(width) * float64(x.Source.Width)
	sy := (float64(py) + 0.5) / float64(height) * float64(x.Source.Height)
	if sx < w.X0 || sx >= w.X1 || sy < w.Y0 || sy >= w.Y1 {
		return 0, false
	}
	mx := w.ToX0 + (sx-w.X0)/(w.X1-w.X0)*(w.ToX1-w.ToX0) - 0.5
	my := w.ToY0 + (sy-w.Y0)/(w.Y1-w.Y0)*(w.ToY1-w.ToY0) - 0.5
	x0, y0 := math.Floor(mx), math.Floor(my)
	fx, fy := mx-x0, my-y0
	pick := func(cx, cy float64) float64 {
		column := min(max(int(cx), 0), x.Width-1)
		row := min(max(int(cy), 0), x.Height-1)
		return values[row*x.Width+column]
	}
	top := (1-fx)*pick(x0, y0) + fx*pick(x0+1, y0)
	low := (1-fx)*pick(x0, y0+1) + fx*pick(x0+1, y0+1)
	return (1-fy)*top + fy*low, true
}

// colour gives a value's colour and how much of the picture it covers.
func colour(value float64) (color.NRGBA, float64) {
	weak, strong := forWeak, forStrong
	if value < 0 {
		weak, strong = againstWeak, againstStrong
	}
	size := math.Abs(value)
	if size < faint {
		return weak, 0
	}
	return color.NRGBA{between(weak.R, strong.R, size), between(weak.G, strong.G, size), between(weak.B, strong.B, size), 0xff},
		opaqueAt * math.Pow(size, gamma)
}

func between(a, b uint8, t float64) uint8 {
	return uint8(math.Round(float64(a) + t*(float64(b)-float64(a))))
}

func mix(grey float64, tint uint8, share float64) uint8 {
	return uint8(math.Round((1-share)*grey + share*float64(tint)))
}
