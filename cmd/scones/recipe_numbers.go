package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/scones-unlimited/scones/model"
)

// parseSize reads N or WxH, in pixels.
func parseSize(text string) (width, height int, err error) {
	w, h, two := strings.Cut(text, "x")
	if !two {
		h = w
	}
	if width, err = strconv.Atoi(w); err != nil {
		return 0, 0, err
	}
	if height, err = strconv.Atoi(h); err != nil {
		return 0, 0, err
	}
	if width < 1 || height < 1 || width > model.MaxSide || height > model.MaxSide {
		return 0, 0, fmt.Errorf("must be 1 to %d", model.MaxSide)
	}
	return width, height, nil
}

// parseNumbers reads numbers separated by commas.
func parseNumbers(text string) ([]float64, error) {
	var out []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := parseNumber(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// parseNumber reads a number or a quotient of two.
func parseNumber(text string) (float64, error) {
	over, under, quotient := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(over, 64)
	if err == nil && quotient {
		var divisor float64
		divisor, err = strconv.ParseFloat(under, 64)
		v /= divisor
	}
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		err = fmt.Errorf("%q is no finite number", text)
	}
	return v, err
}
