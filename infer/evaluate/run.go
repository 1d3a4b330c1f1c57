package evaluate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Options of [Run]. The zero value has the defaults and no gates.
type Options struct {
	// Bins of the calibration error; [DefaultBins] when zero.
	Bins int
	// Threshold of the filter, 0 to 1.
	Threshold float64
	// Target accuracy that a threshold is to be found for; 0 for none.
	Target float64
	Gates  Gates
	// Worst answers to keep; negative for all.
	Worst int
}

// Run computes a report of a model's answers. Doubts are what was found out about the pictures beforehand, by [Duplicates] and [Leaks];
// Run adds what follows from the answers. Errors wrap [ErrInput].
func Run(set *Set, found Doubts, o Options) (*Report, error) {
	if o.Bins == 0 {
		o.Bins = DefaultBins
	}
	if err := set.check(); err != nil {
		return nil, err
	}
	r := &Report{Version: ReportVersion, Pictures: len(set.Answers), Notes: []string{}, Gates: []Gate{}}
	p, truth, predicted, score, right := set.columns()
	if err := r.count(set, truth, predicted); err != nil {
		return nil, err
	}
	if err := r.probabilities(p, truth); err != nil {
		return nil, err
	}
	if err := r.calibration(score, right, o); err != nil {
		return nil, err
	}
	r.doubt(set, found)
	r.Worst = worst(set, o.Worst)
	return r, r.judge(set, o)
}

// count fills what needs no scores.
func (r *Report) count(set *Set, truth, predicted []int) error {
	confusion, err := Confusion(truth, predicted, len(set.Labels))
	if err != nil {
		return err
	}
	r.Classes, r.Mistakes = Classes(confusion, set.Labels), Mistakes(confusion, set.Labels)
	if r.Mistakes == nil {
		r.Mistakes = []Pair{}
	}
	if len(confusion) <= MaxMatrix {
		r.Confusion = confusion
	}
	right, most := 0, 0
	for i := range r.Classes {
		right += r.Classes[i].Right
		most = max(most, r.Classes[i].Pictures)
	}
	r.Accuracy = NewProportion(right, len(truth))
	r.Frequent = float64(most) / float64(len(truth))
	r.Balanced = r.mean(func(c *Class) Number { return c.Recall })
	r.Precision = r.mean(func(c *Class) Number { return c.Precision })
	r.F1 = r.mean(func(c *Class) Number { return c.F1 })
	return nil
}

func (r *Report) mean(of func(*Class) Number) Number {
	var values []float64
	for i := range r.Classes {
		values = append(values, float64(of(&r.Classes[i])))
	}
	return Number(Mean(values))
}

// probabilities fills what needs the scores of all classes.
func (r *Report) probabilities(p [][]float64, truth []int) error {
	missing := Number(Mean(nil))
	r.ROCArea, r.PRArea, r.LogLoss, r.Brier, r.Top5 = missing, missing, missing, missing, missing
	if p == nil {
		r.note("areas, log loss and Brier score need the scores of all classes: scones classify --top-k 0 writes them")
		return nil
	}
	roc, pr, err := Areas(p, truth)
	if err != nil {
		return err
	}
	for i := range r.Classes {
		r.Classes[i].ROCArea, r.Classes[i].PRArea = Number(roc[i]), Number(pr[i])
	}
	r.ROCArea, r.PRArea = Number(Mean(roc)), Number(Mean(pr))
	if len(p[0]) > 5 {
		top, err := TopK(p, truth, 5)
		if err != nil {
			return err
		}
		r.Top5 = Number(top)
	}
	loss, err := LogLoss(p, truth)
	if errors.Is(err, ErrNotDistribution) {
		r.note("log loss and Brier score need scores that sum to one, as a softmax gives")
		return nil
	}
	if err != nil {
		return err
	}
	brier, err := Brier(p, truth)
	r.LogLoss, r.Brier = Number(loss), Number(brier)
	return err
}

func (r *Report) note(text string) { r.Notes = append(r.Notes, text) }

// calibration fills what the best score decides.
func (r *Report) calibration(score []float64, right []bool, o Options) error {
	mass, err := CalibrateMass(score, right, o.Bins)
	if err != nil {
		return err
	}
	width, err := CalibrateWidth(score, right, o.Bins)
	if err != nil {
		return err
	}
	r.EqualMass, r.EqualWidth = *mass, *width
	c := newCurve(score, right)
	r.Coverage, r.Threshold = c.points(), c.at(o.Threshold)
	if o.Target != 0 {
		r.Promise, err = Threshold(score, right, o.Target)
	}
	return err
}

// doubt adds what the answers say of the pictures, and sorts.
func (r *Report) doubt(set *Set, found Doubts) {
	d := &r.Doubts
	*d = found
	d.Contradicted = contradictions(set)
	d.MissingClasses, d.Imbalance = balance(r.Classes)
	d.Unreadable, d.Unlabelled = set.Failed, set.Unlabelled
	slices.SortStableFunc(d.Duplicates, func(a, b Match) int { return cmp.Compare(rank(b.Contradicts()), rank(a.Contradicts())) })
	for _, list := range []*[]Match{&d.Leaked, &d.Duplicates} {
		if *list == nil {
			*list = []Match{}
		}
	}
	for _, list := range []*[]Failure{&d.Unreadable, &d.UnreadableTrain} {
		if *list == nil {
			*list = []Failure{}
		}
	}
	for _, list := range []*[]string{&d.MissingClasses, &d.Unlabelled} {
		if *list == nil {
			*list = []string{}
		}
	}
	if d.Contradicted == nil {
		d.Contradicted = []Contradiction{}
	}
}

func rank(first bool) int {
	if first {
		return 1
	}
	return 0
}

// without gives the answers to pictures that are not in the matches.
func (s *Set) without(lists ...[]Match) *Set {
	drop := map[string]bool{}
	for _, list := range lists {
		for i := range list {
			drop[list[i].Picture] = true
		}
	}
	kept := &Set{Labels: s.Labels}
	for _, a := range s.Answers {
		if !drop[a.Picture] {
			kept.Answers = append(kept.Answers, a)
		}
	}
	return kept
}

func (s *Set) accuracy() Proportion {
	right := 0
	for i := range s.Answers {
		if s.Answers[i].right() {
			right++
		}
	}
	return NewProportion(right, len(s.Answers))
}

// judge measures the gates on the pictures that are not leaked: a gate that leaked pictures open is none.
func (r *Report) judge(set *Set, o Options) error {
	if clean := set.without(r.Doubts.Leaked, r.Doubts.Duplicates); len(clean.Answers) < len(set.Answers) && len(clean.Answers) > 0 {
		p := clean.accuracy()
		r.Clean = &p
	}
	unleaked := set.without(r.Doubts.Leaked)
	if len(unleaked.Answers) == 0 {
		if o.Gates != (Gates{}) {
			return fmt.Errorf("%w: every picture is also among the training pictures, there is none to judge by", ErrInput)
		}
		return nil
	}
	if o.Gates.MinAccuracy > 0 {
		r.Gates = append(r.Gates, accuracyGate(o.Gates, unleaked.accuracy()))
	}
	if o.Gates.MaxECE > 0 {
		c := &r.EqualMass
		if len(unleaked.Answers) < len(set.Answers) {
			_, _, _, score, right := unleaked.columns()
			var err error
			if c, err = CalibrateMass(score, right, o.Bins); err != nil {
				return err
			}
		}
		r.Gates = append(r.Gates, eceGate(o.Gates, c, len(unleaked.Answers)))
	}
	return nil
}

// worst gives the answers whose true class is believed least, wrong ones before right ones.
func worst(set *Set, most int) []Worst {
	order := make([]*Answer, len(set.Answers))
	for i := range order {
		order[i] = &set.Answers[i]
	}
	slices.SortStableFunc(order, func(a, b *Answer) int {
		return cmp.Or(cmp.Compare(rank(a.right()), rank(b.right())), cmp.Compare(a.believed(), b.believed()))
	})
	if most >= 0 {
		order = order[:min(most, len(order))]
	}
	list := make([]Worst, len(order))
	for i, a := range order {
		list[i] = Worst{a.Picture, set.Labels[a.Truth], set.Labels[a.Predicted], a.Score, a.believed(), a.right()}
	}
	return list
}
