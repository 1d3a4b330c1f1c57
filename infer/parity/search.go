package parity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/scones-unlimited/scones/preprocess"
)

// A search looks for the cause.
type search struct {
	bench   *bench
	sample  []Pair
	options ExplainOptions
	remote  [][]float32
	before  Measure
	base    [][]float32 // local answers
	untried []Untried
}

// A finding is some hypotheses and what they make of the difference.
type finding struct {
	hypotheses []*hypothesis
	outcomes   []outcome // of those that run
	before     Measure   // on the pictures that judge
	after      Measure
	idle       bool // no answer changed
}

func (f *finding) parts() (parts []Part) {
	for _, h := range f.hypotheses {
		parts = append(parts, Part{h.axis, h.says})
	}
	return parts
}

// gain is how many times smaller the mean difference became.
func (f *finding) gain() float64 { return f.before.Mean / max(f.after.Mean, 1e-12) }

// What the search for pairs looks at.
const (
	pairSeeds  = 6  // hypotheses that are tried with all others
	pairSample = 10 // pictures
	pairFinals = 5  // pairs that are tried on the whole sample
)

func (s *search) run(ctx context.Context) (*Cause, error) {
	m := s.bench.subject.Model
	hypotheses := inputHypotheses(&m.Input)
	networks, untried := networkHypotheses(s.bench.subject)
	hypotheses = append(hypotheses, networks...)
	s.untried = untried
	sets := [][]*hypothesis{{}}
	for _, h := range hypotheses {
		sets = append(sets, []*hypothesis{h})
	}
	table, err := s.table(ctx, sets, s.sample)
	if err != nil {
		return nil, err
	}
	if table[0] == nil {
		return nil, fmt.Errorf("the local side no longer answers: %s", s.untried[len(s.untried)-1].Reason)
	}
	for _, o := range table[0] {
		s.base = append(s.base, usual(o.raw, o.model))
	}
	s.before = measure(s.base, s.remote)
	var singles []*finding
	for i, set := range sets[1:] {
		if table[i+1] != nil {
			singles = append(singles, s.judge(set, table[i+1]))
		}
	}
	runs := slices.Clone(singles)
	singles = append(singles, s.answers(nil, table[0])...)
	best, pairs := s.winner(singles), 0
	if best != nil {
		best, pairs, err = s.refine(ctx, best, runs)
		if err != nil {
			return nil, err
		}
		return s.cause(best, singles, pairs), nil
	}
	found, pairs, err := s.pairs(ctx, runs)
	if err != nil {
		return nil, err
	}
	if best = s.winner(found); best == nil {
		singles = append(singles, found...)
	}
	return s.cause(best, singles, pairs), nil
}

// refine looks for a second difference behind one that explains most: it must remove what the first leaves as the first removed what
// there was.
func (s *search) refine(ctx context.Context, first *finding, runs []*finding) (best *finding, tried int, err error) {
	h := first.hypotheses[0]
	if first.after.Max <= s.options.Tolerance || !h.runs() {
		return first, 0, nil
	}
	list := s.answers(first.hypotheses, first.outcomes)
	var sets [][]*hypothesis
	for _, f := range runs {
		if f.hypotheses[0].axis != h.axis && !f.idle {
			sets = append(sets, []*hypothesis{h, f.hypotheses[0]})
		}
	}
	table, err := s.table(ctx, sets, s.sample)
	if err != nil {
		return nil, 0, err
	}
	for i, set := range sets {
		if table[i] != nil {
			list = append(list, s.judge(set, table[i]))
		}
	}
	tried, best = len(list), first
	list = slices.DeleteFunc(list, func(f *finding) bool { return f.after.Max > max(first.after.Max/enough, s.options.Tolerance) })
	byMean(list)
	if len(list) > 0 {
		best = list[0]
	}
	return best, tried, nil
}

// table runs each set of hypotheses on each picture. A set that a picture does not allow has no row and is listed as untried.
func (s *search) table(ctx context.Context, sets [][]*hypothesis, sample []Pair) ([][]outcome, error) {
	table, reasons := make([][]outcome, len(sets)), make([]error, len(sets))
	for i := range table {
		table[i] = make([]outcome, len(sample))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	next, done := make(chan int), 0
	for range max(s.options.Workers, 1) {
		wg.Go(func() {
			for at := range next {
				file, err := sample[at].Question.Image()
				if err != nil {
					cancel(fmt.Errorf("read picture %q again: %w", sample[at].Row.Name, err))
					continue
				}
				plate := &plate{file, map[string]*preprocess.Picture{}}
				for i, set := range sets {
					if ctx.Err() != nil {
						break
					}
					o, err := s.bench.try(ctx, plate, set...)
					mu.Lock()
					table[i][at] = o
					if err != nil && reasons[i] == nil {
						reasons[i] = err
					}
					done++
					s.options.Progress(done, len(sets)*len(sample))
					mu.Unlock()
				}
			}
		})
	}
	for at := range sample {
		next <- at
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i, err := range reasons {
		if err == nil {
			continue
		}
		table[i] = nil
		if len(sets[i]) < 2 {
			u := Untried{Reason: err.Error()}
			if len(sets[i]) == 1 {
				u.Part = Part{sets[i][0].axis, sets[i][0].says}
			}
			s.untried = append(s.untried, u)
		}
	}
	return table, nil
}

// judge measures what running under hypotheses makes of the difference.
func (s *search) judge(set []*hypothesis, outcomes []outcome) *finding {
	n := len(outcomes)
	f := &finding{hypotheses: set, outcomes: outcomes, before: measure(s.base[:n], s.remote[:n])}
	answers := make([][]float32, n)
	f.idle = true
	for i, o := range outcomes {
		answers[i] = usual(o.raw, o.model)
		f.idle = f.idle && slices.Equal(answers[i], s.base[i])
	}
	f.after = compared(s.base[:n], s.remote[:n], answers, s.remote[:n], s.options.Tolerance)
	return f
}

// answers judges every hypothesis about what is made of the network's output, on top of those that ran.
func (s *search) answers(set []*hypothesis, outcomes []outcome) (found []*finding) {
	local := make([][]float32, len(outcomes))
	for i, o := range outcomes {
		local[i] = usual(o.raw, o.model)
	}
	m := s.bench.subject.Model
	list := activationHypotheses(m, s.remote)
	// What is fitted is fitted to every second picture and judged by the others, so that it cannot fit itself to noise.
	var fitLocal, fitRemote [][]float32
	for i := 0; i+1 < len(local); i += 2 {
		fitLocal, fitRemote = append(fitLocal, local[i]), append(fitRemote, s.remote[i])
	}
	if len(fitLocal) >= 2 {
		list = append(list, orderHypothesis(fitLocal, fitRemote), temperatureHypothesis(fitLocal, fitRemote, multiLabel(m)))
	}
	for _, h := range list {
		if h == nil {
			continue
		}
		f := &finding{hypotheses: append(slices.Clone(set), h), outcomes: outcomes}
		var base, answers, remote, others [][]float32
		for i, o := range outcomes {
			if h.fitted && i%2 == 0 {
				continue
			}
			answer, other := usual(o.raw, o.model), s.remote[i]
			if h.answer != nil {
				answer = h.answer(o.raw, o.model)
			}
			if h.other != nil {
				other = h.other(other)
			}
			base, answers, remote, others = append(base, s.base[i]), append(answers, answer), append(remote, s.remote[i]), append(others, other)
		}
		f.before = s.before
		if h.fitted {
			f.before = measure(base, remote)
		}
		f.after = compared(base, remote, answers, others, s.options.Tolerance)
		found = append(found, f)
	}
	return found
}

// pairs tries the best hypotheses with all others: on some pictures first, the best pairs then on all.
func (s *search) pairs(ctx context.Context, runs []*finding) (found []*finding, tried int, err error) {
	runs = slices.DeleteFunc(slices.Clone(runs), func(f *finding) bool { return f.idle })
	byMean(runs)
	for _, f := range runs { // these cost nothing: the network ran already
		extra := s.answers(f.hypotheses, f.outcomes)
		tried += len(extra)
		found = append(found, extra...)
	}
	var sets [][]*hypothesis
	for i, first := range runs[:min(pairSeeds, len(runs))] {
		for _, second := range runs[i+1:] {
			a, b := first.hypotheses[0], second.hypotheses[0]
			if a.axis != b.axis {
				sets = append(sets, []*hypothesis{a, b})
			}
		}
	}
	if len(sets) == 0 {
		return found, tried, nil
	}
	tried += len(sets)
	few := s.sample[:min(pairSample, len(s.sample))]
	table, err := s.table(ctx, sets, few)
	if err != nil {
		return nil, tried, err
	}
	var promising []*finding
	for i, set := range sets {
		if table[i] != nil {
			promising = append(promising, s.judge(set, table[i]))
		}
	}
	byMean(promising)
	sets = sets[:0]
	for _, f := range promising[:min(pairFinals, len(promising))] {
		sets = append(sets, f.hypotheses)
	}
	if table, err = s.table(ctx, sets, s.sample); err != nil {
		return nil, tried, err
	}
	for i, set := range sets {
		if table[i] != nil {
			found = append(found, s.judge(set, table[i]))
		}
	}
	return found, tried, nil
}

func byMean(list []*finding) {
	slices.SortStableFunc(list, func(a, b *finding) int {
		return cmp.Compare(a.after.Mean/max(a.before.Mean, 1e-12), b.after.Mean/max(b.before.Mean, 1e-12))
	})
}

// winner is the finding that removes the difference best, or nil.
func (s *search) winner(list []*finding) *finding {
	list = slices.DeleteFunc(slices.Clone(list), func(f *finding) bool { return !removes(f.before, f.after, s.options.Tolerance) })
	if len(list) == 0 {
		return nil
	}
	byMean(list)
	return list[0]
}

// digits writes a number with so many significant digits.
func digits(v float64, n int) string { return strconv.FormatFloat(v, 'g', n, 64) }
