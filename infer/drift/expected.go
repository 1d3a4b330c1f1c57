package drift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// leastCalibration is the number of the baseline's rows with a true class from which its calibration is used.
const leastCalibration = 50

// Draws of the interval: of the baseline, and of the window's answers for each.
const (
	baselineDraws = 200
	answerDraws   = 10
)

// expect says how many of the window's answers are right if scores mean what they say: the mean of the confidences (Guillory et al. 2021),
// mapped first by what the baseline's true classes say of them where there are enough. The interval has the chance of the answers
// themselves in it and, when mapped, that of the baseline. It knows nothing of pictures on which the model errs with confidence.
func (r *Report) expect(base *Baseline, window *Sample) {
	c := window.Column(ConfidenceColumn)
	if c == nil || c.Numbers == nil {
		return
	}
	v := present(c.Numbers)
	if len(v) == 0 || slices.ContainsFunc(v, func(x float64) bool { return !(x >= 0 && x <= 1) }) {
		return
	}
	e := &Expected{N: len(v), Baseline: Number(math.NaN())}
	known := base.judged()
	e.Calibrated = len(known) >= leastCalibration
	draws := rand.New(rand.NewPCG(7, 7))
	chance, how := v, "if the scores mean what they say"
	if e.Calibrated {
		chance, how = isotonic(known).of(v), "by the baseline's calibration"
		right := 0.0
		for _, k := range known {
			right += k.right
		}
		e.Baseline = Number(right / float64(len(known)))
	}
	e.Accuracy, _ = moments(chance)
	var values []float64
	again := make([]judged, len(known))
	for range baselineDraws {
		if e.Calibrated {
			for i := range again {
				again[i] = known[draws.IntN(len(known))]
			}
			chance = isotonic(again).of(v)
		}
		for range answerDraws {
			right := 0
			for _, p := range chance {
				if draws.Float64() < p {
					right++
				}
			}
			values = append(values, float64(right)/float64(len(v)))
		}
	}
	slices.Sort(values)
	e.Interval = evaluate.Interval{Low: quantile(values, (1-evaluate.Level)/2), High: quantile(values, (1+evaluate.Level)/2)}
	e.Text = fmt.Sprintf("%.1f %% of the answers are right %s (95 %% interval %.1f to %.1f %%)", 100*e.Accuracy, how, 100*e.Interval.Low, 100*e.Interval.High)
	r.Expected = e
}

// A judged answer of the baseline.
type judged struct{ confidence, right float64 }

func (s *Sample) judged() []judged {
	confidence, right := s.Column(ConfidenceColumn), s.Column(RightColumn)
	if confidence == nil || right == nil || confidence.Numbers == nil || right.Numbers == nil {
		return nil
	}
	var out []judged
	for i, v := range confidence.Numbers {
		if v == v && right.Numbers[i] == right.Numbers[i] {
			out = append(out, judged{v, right.Numbers[i]})
		}
	}
	return out
}

// steps is a function that rises in steps: from[i] and above it is value[i].
type steps struct{ from, value []float64 }

// isotonic is the rising function nearest to what was right, by pooling adjacent violators (Ayer et al. 1955).
func isotonic(known []judged) steps {
	known = slices.Clone(known)
	slices.SortFunc(known, func(a, b judged) int {
		switch {
		case a.confidence < b.confidence:
			return -1
		case a.confidence > b.confidence:
			return 1
		}
		return 0
	})
	type block struct{ from, right, n float64 }
	var blocks []block
	for i, k := range known {
		if i > 0 && known[i-1].confidence == k.confidence {
			last := &blocks[len(blocks)-1]
			last.right, last.n = last.right+k.right, last.n+1
		} else {
			blocks = append(blocks, block{k.confidence, k.right, 1})
		}
		if i+1 < len(known) && known[i+1].confidence == k.confidence {
			continue
		}
		for len(blocks) > 1 {
			a, b := &blocks[len(blocks)-2], blocks[len(blocks)-1]
			if a.right*b.n < b.right*a.n {
				break
			}
			a.right, a.n = a.right+b.right, a.n+b.n
			blocks = blocks[:len(blocks)-1]
		}
	}
	var s steps
	for _, b := range blocks {
		s.from, s.value = append(s.from, b.from), append(s.value, b.right/b.n)
	}
	return s
}

// of maps numbers; below the first step the first holds.
func (s steps) of(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		at, found := slices.BinarySearch(s.from, x)
		if !found {
			at--
		}
		out[i] = s.value[max(0, at)]
	}
	return out
}
