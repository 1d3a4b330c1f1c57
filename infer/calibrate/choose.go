package calibrate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// choose cross-validates the methods, takes the best, and fits it on all pictures.
func (w *work) choose(r *Report) error {
	l := w.seen
	fold := deal(l.logits, l.truth, r.Folds)
	var before, after [][]float64
	for _, method := range []Method{None, ByTemperature, ByVector} {
		if reason := w.unfit(method, r.Folds); reason != "" {
			r.Tried = append(r.Tried, Trial{Method: method, Reason: reason})
			continue
		}
		p, err := outOfFold(method, l.logits, l.truth, fold, r.Folds)
		if errors.Is(err, ErrPictures) {
			r.Tried = append(r.Tried, Trial{Method: method, Reason: w.outside(err)})
			continue
		}
		if err != nil {
			return err
		}
		f, err := figures(p, l.truth, r.Threshold)
		if err != nil {
			return err
		}
		r.Tried = append(r.Tried, Trial{Method: method, Figures: f})
		switch {
		case method == None:
			before, after, r.Method, r.Before, r.After = p, p, None, *f, *f
		case f.LogLoss < r.After.LogLoss && f.Accuracy >= r.Before.Accuracy:
			after, r.Method, r.After = p, method, *f
		}
	}
	r.gain(before, after, l.truth)
	return w.judge(r)
}

// outside says what the pictures outside of one fold lack.
func (w *work) outside(err error) string {
	return fmt.Sprintf("with one of %d folds left out %s", w.options.Folds, strings.TrimPrefix(err.Error(), ErrPictures.Error()+": "))
}

// notAsked is the reason of methods other than [Options.Method].
const notAsked = "not asked for"

// unfit says why a method is not tried, empty when it is.
func (w *work) unfit(method Method, folds int) string {
	switch {
	case method == None:
		return ""
	case w.options.Method != "" && method != w.options.Method:
		return notAsked
	case method == ByTemperature:
		return ""
	case len(w.model.Labels) < 3:
		return "two classes have nothing but a temperature to fit"
	}
	counts := make([]int, len(w.model.Labels))
	for _, c := range w.seen.truth {
		counts[c]++
	}
	if c := slices.Index(counts, slices.Min(counts)); counts[c] < folds {
		return fmt.Sprintf("class %q has %d pictures, %d folds need as many", w.model.Label(c), counts[c], folds)
	}
	return ""
}

// judge fits the method that was chosen, or says why there is none.
func (w *work) judge(r *Report) error {
	if r.Method == None {
		reason := ""
		for _, t := range r.Tried[1:] {
			if t.Figures != nil {
				r.Problems = append(r.Problems, t.problem(r))
			} else if t.Reason != notAsked {
				reason = cmp.Or(reason, t.Reason)
			}
		}
		if r.Problems == nil { // what stands in the way of a fold may stand in the way of all pictures, and is said better then
			_, _, err := Temperature(w.seen.logits, w.seen.truth)
			return cmp.Or(err, fmt.Errorf("%w: %s", ErrPictures, reason))
		}
		return nil
	}
	var err error
	if r.Scaling, err = fit(r.Method, w.seen.logits, w.seen.truth); err != nil {
		return err
	}
	if r.Method == ByTemperature {
		t, deviation, err := Temperature(w.seen.logits, w.seen.truth)
		if err != nil {
			return err
		}
		wide := math.Exp(normal * deviation)
		r.Interval = &evaluate.Interval{Low: t / wide, High: t * wide}
	}
	r.Passed = true
	return nil
}

// normal is the standard normal quantile of (1 + [evaluate.Level]) / 2.
const normal = 1.959963984540054

func (t *Trial) problem(r *Report) string {
	if t.Figures.LogLoss >= r.Before.LogLoss {
		return fmt.Sprintf("by %s the log loss would be %.4f, it is %.4f", t.Method, t.Figures.LogLoss, r.Before.LogLoss)
	}
	return fmt.Sprintf("by %s the accuracy would fall from %.4f to %.4f", t.Method, r.Before.Accuracy, t.Figures.Accuracy)
}

// gain compares the losses picture by picture.
func (r *Report) gain(before, after [][]float64, truth []int) {
	falls := make([]float64, len(truth))
	for i, c := range truth {
		falls[i] = math.Log(max(after[i][c], math.SmallestNonzeroFloat64)) - math.Log(max(before[i][c], math.SmallestNonzeroFloat64))
	}
	mean, deviation := stat.MeanStdDev(falls, nil)
	half := normal * deviation / math.Sqrt(float64(len(falls)))
	r.Gain, r.GainInterval = mean, evaluate.Interval{Low: mean - half, High: mean + half}
}
