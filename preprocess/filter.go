package preprocess

import (
	"math"

	"github.com/scones-unlimited/scones/model"
)

// kernel is a resampling filter as a function of the distance in output pixels, zero at and beyond its support.
type kernel struct {
	support float64
	weight  func(x float64) float64
}

// kernelOf returns the filter as Pillow defines it in Resample.c. [model.Nearest] is no kernel; it has a path of its own.
func kernelOf(filter model.Filter) kernel {
	switch filter {
	case model.Bicubic:
		return kernel{2, bicubic}
	case model.Lanczos:
		return kernel{3, lanczos}
	}
	return kernel{1, triangle}
}

func triangle(x float64) float64 {
	return max(1-math.Abs(x), 0)
}

// The explicit conversions to float64 in this file forbid fused multiply-add, so that every machine computes the same weights.

// bicubic is Keys' cubic convolution with a = -0.5.
func bicubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64(float64(float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

// lanczos is sinc(x)·sinc(x/3).
func lanczos(x float64) float64 {
	if x < -3 || x >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}
