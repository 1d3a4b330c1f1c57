package drifttest

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
)

// A Change is something that happens to a window.
type Change string

// The changes.
const (
	Nothing     Change = "nothing"     // another window of the same population
	Labels      Change = "labels"      // class 0 is 70 % of the pictures instead of 50 %
	Brightness  Change = "brightness"  // 20 % less
	Blur        Change = "blur"        // Gaussian of radius (standard deviation) 1 pixel
	JPEG        Change = "jpeg"        // saved at quality 20 on the way; the file is a PNG as before
	Class       Change = "class"       // 30 % of the pictures are of a class that the judge does not know
	Calibration Change = "calibration" // the judge is less sure: its log odds are six tenths of what they were
)

// Changes are all of them.
var Changes = []Change{Nothing, Labels, Brightness, Blur, JPEG, Class, Calibration}

// How large the changes are.
const (
	labelShare   = 0.7
	dimmed       = 0.8
	blurRadius   = 1.0
	jpegQuality  = 20
	foreignShare = 0.3
	surer        = 0.6
)

// apply changes a picture; most changes leave pictures as they are.
func (c Change) apply(m *image.NRGBA) (*image.NRGBA, error) {
	switch c {
	case Brightness:
		out := image.NewNRGBA(m.Rect)
		for i, v := range m.Pix {
			out.Pix[i] = v
			if i%4 != 3 {
				out.Pix[i] = clamp(dimmed * float64(v))
			}
		}
		return out, nil
	case Blur:
		return blur(m), nil
	case JPEG:
		var file bytes.Buffer
		if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: jpegQuality}); err != nil {
			return nil, fmt.Errorf("saving as JPEG: %w", err)
		}
		decoded, err := jpeg.Decode(&file)
		if err != nil {
			return nil, fmt.Errorf("reading the JPEG: %w", err)
		}
		out := image.NewNRGBA(m.Rect)
		draw.Draw(out, m.Rect, decoded, decoded.Bounds().Min, draw.Src)
		return out, nil
	}
	return m, nil
}

// blur is a Gaussian, first along rows and then along columns; the edges are repeated.
func blur(m *image.NRGBA) *image.NRGBA {
	const reach = 4
	var kernel [2*reach + 1]float64
	total := 0.0
	for i := range kernel {
		d := float64(i - reach)
		kernel[i] = math.Exp(-d * d / (2 * blurRadius * blurRadius))
		total += kernel[i]
	}
	pass := func(from *image.NRGBA, dx, dy int) *image.NRGBA {
		to := image.NewNRGBA(from.Rect)
		width, height := from.Rect.Dx(), from.Rect.Dy()
		for y := range height {
			for x := range width {
				for k := range 4 {
					sum := 0.0
					for i, w := range kernel {
						px, py := min(width-1, max(0, x+dx*(i-reach))), min(height-1, max(0, y+dy*(i-reach)))
						sum += w * float64(from.Pix[py*from.Stride+4*px+k])
					}
					to.Pix[y*to.Stride+4*x+k] = clamp(sum / total)
				}
			}
		}
		return to
	}
	return pass(pass(m, 1, 0), 0, 1)
}
