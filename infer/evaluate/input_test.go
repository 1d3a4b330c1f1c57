package evaluate_test

import (
	"errors"
	"math"
	"testing"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// TestBadInputIsRefused gives every figure what cannot be evaluated: none may answer, none may panic.
func TestBadInputIsRefused(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		p     [][]float64
		truth []int
	}{
		"nothing":         {nil, nil},
		"no classes":      {[][]float64{{}}, []int{0}},
		"lengths":         {[][]float64{{0.5, 0.5}}, []int{0, 1}},
		"ragged":          {[][]float64{{0.5, 0.5}, {1}}, []int{0, 0}},
		"NaN":             {[][]float64{{nan, 0.5}}, []int{0}},
		"infinite":        {[][]float64{{math.Inf(1), 0}}, []int{0}},
		"negative":        {[][]float64{{-0.1, 1.1}}, []int{0}},
		"unknown class":   {[][]float64{{0.5, 0.5}}, []int{2}},
		"no class at all": {[][]float64{{0.5, 0.5}}, []int{-1}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, top := evaluate.Top(c.p, c.truth)
			_, topK := evaluate.TopK(c.p, c.truth, 1)
			_, loss := evaluate.LogLoss(c.p, c.truth)
			_, brier := evaluate.Brier(c.p, c.truth)
			_, _, areas := evaluate.Areas(c.p, c.truth)
			for what, err := range map[string]error{"Top": top, "TopK": topK, "LogLoss": loss, "Brier": brier, "Areas": areas} {
				if !errors.Is(err, evaluate.ErrInput) {
					t.Errorf("%s: the error is %v", what, err)
				}
			}
		})
	}
	for name, c := range map[string]struct {
		score []float64
		right []bool
	}{
		"nothing":   {nil, nil},
		"lengths":   {[]float64{0.5}, []bool{true, false}},
		"NaN":       {[]float64{0.5, nan}, []bool{true, false}},
		"above one": {[]float64{1.5}, []bool{true}},
		"negative":  {[]float64{-0.5}, []bool{true}},
	} {
		t.Run("scores/"+name, func(t *testing.T) {
			_, roc := evaluate.ROCArea(c.score, c.right)
			_, pr := evaluate.PRArea(c.score, c.right)
			_, width := evaluate.EqualWidth(c.score, c.right, 15)
			_, mass := evaluate.EqualMass(c.score, c.right, 15)
			_, calibrated := evaluate.CalibrateMass(c.score, c.right, 15)
			_, coverage := evaluate.Coverage(c.score, c.right)
			_, at := evaluate.CoverageAt(c.score, c.right, 0.5)
			_, promise := evaluate.Threshold(c.score, c.right, 0.9)
			for what, err := range map[string]error{"ROC": roc, "PR": pr, "width": width, "mass": mass, "calibrated": calibrated, "coverage": coverage, "at": at, "promise": promise} {
				if !errors.Is(err, evaluate.ErrInput) {
					t.Errorf("%s: the error is %v", what, err)
				}
			}
		})
	}
	if _, err := evaluate.LogLoss([][]float64{{0.9, 0.9}}, []int{0}); !errors.Is(err, evaluate.ErrNotDistribution) {
		t.Errorf("scores of 1.8 in all: the error is %v", err)
	}
	for _, bins := range []int{0, -1, 1001} {
		if _, err := evaluate.EqualMass([]float64{0.5}, []bool{true}, bins); !errors.Is(err, evaluate.ErrInput) {
			t.Errorf("%d bins: the error is %v", bins, err)
		}
	}
	for _, target := range []float64{0, -1, 1.1, nan} {
		if _, err := evaluate.Threshold([]float64{0.5}, []bool{true}, target); !errors.Is(err, evaluate.ErrInput) {
			t.Errorf("target %v: the error is %v", target, err)
		}
	}
}
