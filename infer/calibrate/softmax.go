package calibrate

import (
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model/onnx"
)

// scaled gives the probabilities of one picture's logits after a scaling; the zero scaling leaves them as they are.
func scaled(logits []float64, s onnx.Scaling) []float64 {
	z := slices.Clone(logits)
	for c := range z {
		switch {
		case s.Weights != nil:
			z[c] = float64(s.Weights[c])*z[c] + float64(s.Biases[c])
		case s.Temperature != 0:
			z[c] /= float64(s.Temperature)
		}
	}
	softmax(z)
	return z
}

// softmax turns logits into probabilities, in place, and returns the logarithm of the sum that it divided by.
func softmax(z []float64) float64 {
	largest := slices.Max(z)
	sum := 0.0
	for c, v := range z {
		z[c] = math.Exp(v - largest)
		sum += z[c]
	}
	for c := range z {
		z[c] /= sum
	}
	return largest + math.Log(sum)
}
