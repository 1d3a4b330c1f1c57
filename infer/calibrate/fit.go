package calibrate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"github.com/scones-unlimited/scones/model/onnx"
)

// Temperature fits the number that logits are divided by: the T that gives -mean ln softmax(logits/T)[truth] its least value. In 1/T the
// loss is convex, so there is one such T, or none: when every picture is right a smaller T is always better, and when the logits say
// nothing about the truth a larger one. Both are errors that wrap [ErrPictures].
//
// Deviation is the standard error of ln T, from the curvature of the loss at its least value: T·exp(±1.96·deviation) holds the T of
// endlessly many pictures with a probability of about 95 %.
func Temperature(logits [][]float64, truth []int) (t, deviation float64, err error) {
	if err := fits(logits, truth); err != nil {
		return 0, 0, err
	}
	n := float64(len(logits))
	z := make([]float64, len(logits[0]))
	// slope and bend are the derivatives of the loss by b = 1/T.
	measure := func(b float64) (loss, slope, bend float64) {
		for i, row := range logits {
			for c, v := range row {
				z[c] = b * v
			}
			loss += softmax(z) - b*row[truth[i]]
			var mean, square float64
			for c, p := range z {
				mean += p * row[c]
				square += p * row[c] * row[c]
			}
			slope += mean - row[truth[i]]
			bend += square - mean*mean
		}
		return loss / n, slope / n, bend / n
	}
	problem := optimize.Problem{ // in u = ln 1/T, which keeps T above 0
		Func: func(u []float64) float64 { loss, _, _ := measure(math.Exp(u[0])); return loss },
		Grad: func(grad, u []float64) {
			b := math.Exp(u[0])
			_, slope, _ := measure(b)
			grad[0] = b * slope
		},
	}
	u, err := minimise(problem, []float64{0})
	if err != nil {
		return 0, 0, fmt.Errorf("fitting a temperature: %w", err)
	}
	b := math.Exp(u[0])
	_, _, bend := measure(b)
	return 1 / b, 1 / math.Sqrt(max(n*b*b*bend, math.SmallestNonzeroFloat64)), nil
}

// fits tells whether there is a temperature.
func fits(logits [][]float64, truth []int) error {
	right, slope := true, 0.0
	for i, row := range logits {
		own, mean := row[truth[i]], 0.0
		for _, v := range row {
			mean += v / float64(len(row))
		}
		right = right && own >= slices.Max(row)
		slope += mean - own
	}
	switch {
	case len(logits) == 0:
		return fmt.Errorf("%w: no pictures", ErrPictures)
	case right:
		return fmt.Errorf("%w: all %d pictures are right, so that no score seems too high: pictures that the model gets wrong are needed", ErrPictures, len(logits))
	case slope >= 0:
		return fmt.Errorf("%w: the scores are no better than guessing: are the labels in the model's class order?", ErrPictures)
	}
	return nil
}

// Vector fits a weight and a bias for each class, for softmax(weights·logits + biases). It minimises
//
//	-mean ln softmax(w·z + b)[truth] + 1/(2n) · Σ_c ((w_c·T - 1)² + b_c²)
//
// where T is the temperature of [Temperature]. The second term says beforehand, with the weight of one observation, that a class's weight
// lies near 1/T and its bias near 0 (normal, deviation 1): without it classes that are always right would send weights to infinity, and
// the biases would be known up to a constant only. Errors are those of [Temperature].
func Vector(logits [][]float64, truth []int, t float64) (weights, biases []float64, err error) {
	n, classes := float64(len(logits)), len(logits[0])
	z := make([]float64, classes)
	measure := func(x, grad []float64) float64 { // x holds w·T, then b
		clear(grad)
		loss := 0.0
		for i, row := range logits {
			for c, v := range row {
				z[c] = x[c]*v/t + x[classes+c]
			}
			own := z[truth[i]]
			loss += softmax(z) - own
			if grad == nil {
				continue
			}
			z[truth[i]]--
			for c, d := range z {
				grad[c] += d * row[c] / t / n
				grad[classes+c] += d / n
			}
		}
		for c := range classes {
			w, b := x[c]-1, x[classes+c]
			loss += (w*w + b*b) / 2
			if grad != nil {
				grad[c] += w / n
				grad[classes+c] += b / n
			}
		}
		return loss / n
	}
	start := make([]float64, 2*classes)
	for c := range classes {
		start[c] = 1
	}
	x, err := minimise(optimize.Problem{
		Func: func(x []float64) float64 { return measure(x, nil) },
		Grad: func(grad, x []float64) { measure(x, grad) },
	}, start)
	if err != nil {
		return nil, nil, fmt.Errorf("fitting a weight and a bias for each class: %w", err)
	}
	for c := range classes {
		x[c] /= t
	}
	return x[:classes], x[classes:], nil
}

// Gradients at which a fit is taken for done, and for good enough when rounding keeps the search from going on.
const (
	doneGradient = 1e-10
	goodGradient = 1e-6
)

// minimise finds the least value of a smooth function that has one minimum.
func minimise(problem optimize.Problem, start []float64) ([]float64, error) {
	settings := &optimize.Settings{GradientThreshold: doneGradient, MajorIterations: 1000, Converger: optimize.NeverTerminate{}}
	result, err := optimize.Minimize(problem, start, settings, &optimize.LBFGS{})
	if result == nil {
		return nil, err
	}
	grad := make([]float64, len(start))
	problem.Grad(grad, result.X)
	for _, g := range grad {
		if !(math.Abs(g) <= goodGradient) { // a search that cannot step any more has arrived, if the slope says so
			return nil, errors.Join(fmt.Errorf("the search ended on a slope of %g", g), err)
		}
	}
	return result.X, nil
}

// fit fits a method.
func fit(method Method, logits [][]float64, truth []int) (onnx.Scaling, error) {
	if method == None {
		return onnx.Scaling{}, nil
	}
	t, _, err := Temperature(logits, truth)
	if err != nil || method == ByTemperature {
		return onnx.Scaling{Temperature: float32(t)}, err
	}
	weights, biases, err := Vector(logits, truth, t)
	if err != nil {
		return onnx.Scaling{}, err
	}
	s := onnx.Scaling{}
	for c := range weights {
		s.Weights, s.Biases = append(s.Weights, float32(weights[c])), append(s.Biases, float32(biases[c]))
	}
	return s, nil
}
