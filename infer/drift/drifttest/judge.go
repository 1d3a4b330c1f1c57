package drifttest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// StandIn judges drawn pictures by how much of the middle is covered, since thick wheels and a body cover more. It sees an 8 × 8 picture in
// grey. It stands for a model where none can be loaded.
func StandIn(picture []byte) (scores, vector []float32, err error) {
	m, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, nil, err
	}
	const cells = 8
	vector = make([]float32, cells*cells)
	width, height := m.Bounds().Dx()/cells, m.Bounds().Dy()/cells
	for k := range vector {
		x, y := k%cells*width, k/cells*height
		vector[k] = float32(mean(m, image.Rect(x, y, x+width, y+height)) / 255)
	}
	edge := (mean(m, image.Rect(0, 0, 32, 3)) + mean(m, image.Rect(0, 29, 32, 32))) / 2
	dark := 0.0
	for y := 8; y < 28; y++ {
		for x := 4; x < 28; x++ {
			dark += min(1, max(0, edge-grey(m, x, y))/max(edge, 1)/0.4)
		}
	}
	logit := 24 * (dark/(20*24) - 0.46)
	p := 1 / (1 + math.Exp(logit))
	return []float32{float32(p), float32(1 - p)}, vector, nil
}

func mean(m image.Image, r image.Rectangle) float64 {
	total := 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			total += grey(m, x, y)
		}
	}
	return total / float64(r.Dx()*r.Dy())
}

func grey(m image.Image, x, y int) float64 {
	return float64(color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
}
