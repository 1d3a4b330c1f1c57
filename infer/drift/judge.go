package drift

import (
	"fmt"
	"math"
	"strings"
)

// judge reads the verdict off the tests.
func (r *Report) judge() {
	var drifting, small []*Test
	columns := map[string]bool{}
	for i := range r.Tests {
		t := &r.Tests[i]
		switch {
		case t.Drift:
			if !columns[t.Column] {
				drifting = append(drifting, t)
			}
			columns[t.Column] = true
		case t.Significant:
			small = append(small, t)
		}
	}
	size := r.sees()
	for _, t := range drifting {
		r.Reasons = append(r.Reasons, t.Text)
	}
	switch {
	case len(drifting) > 0:
		r.Verdict = Drift
		r.Sentence = fmt.Sprintf("drift: %s of the window's %s %s from the baseline by more than chance", r.named(drifting), rows(r.Window.Kept),
			plural(len(drifting), "differs", "differ"))
	case len(r.Tests) == 0 || math.IsNaN(size):
		r.Verdict = CannotSay
		r.Sentence = fmt.Sprintf("cannot say: there is too little to compare, with %s in the window and %s in the baseline", rows(r.Window.Kept), rows(r.Baseline.Kept))
	case size > r.Large:
		r.Verdict = CannotSay
		r.Sentence = fmt.Sprintf("cannot say: nothing differs by more than chance, but with %s even a large shift of %.1f sd would often be missed", rows(r.Window.Kept), r.Large)
	default:
		r.Verdict = Quiet
		r.Sentence = fmt.Sprintf("quiet: nothing in the window's %s differs from the baseline by more than chance", rows(r.Window.Kept))
		if len(small) > 0 {
			r.Sentence = fmt.Sprintf("quiet: what differs in the window's %s is too small to matter", rows(r.Window.Kept))
		}
	}
	for _, t := range small {
		if !columns[t.Column] {
			r.Reasons = append(r.Reasons, t.Text+", below the smallest effect that matters")
			columns[t.Column] = true
		}
	}
	if !math.IsNaN(size) {
		r.Reasons = append(r.Reasons, fmt.Sprintf("at n = %d a shift of %.1f sd would be seen with %.0f %%", r.Window.Kept, size, 100*r.Power))
	}
}

// sees is the smallest shift that the answers' own tests would see, or any test where there are none.
func (r *Report) sees() float64 {
	if size := r.seen(Predictions, Scores); !math.IsNaN(size) {
		return size
	}
	return r.seen()
}

// named lists the columns of tests, three at most.
func (r *Report) named(tests []*Test) string {
	var names []string
	for i, t := range tests {
		if i == 3 && len(tests) > 4 {
			names = append(names, fmt.Sprintf("%d more", len(tests)-3))
			break
		}
		names = append(names, t.Column)
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func rows(n int) string { return fmt.Sprintf("%d %s", n, plural(n, "row", "rows")) }

// text says a test's outcome in a sentence.
func (p *planned) text(t *Test) string {
	var what string
	switch {
	case p.below != nil:
		b := p.below
		what = fmt.Sprintf("%.1f %% of answers are below the threshold, %.1f %% in the baseline", 100*float64(b.b)/float64(b.n), 100*float64(b.a)/float64(b.m))
	case p.counts != nil:
		s := p.moved()
		what = fmt.Sprintf("%s: %q has %.1f %%, %.1f %% in the baseline", p.name, s.Value, 100*float64(s.Window)/float64(p.n), 100*float64(s.Baseline)/float64(p.m))
	case p.pooled != nil:
		x, y := summarise(p.x), summarise(p.y)
		what = fmt.Sprintf("%s: median %.4g, %.4g in the baseline", p.name, y.Median, x.Median)
		if x.Median == y.Median {
			what = fmt.Sprintf("%s: 90 %% from %.4g to %.4g, %.4g to %.4g in the baseline", p.name, y.P05, y.P95, x.P05, x.P95)
		}
	default:
		what = fmt.Sprintf("%s: the window lies elsewhere", p.name)
	}
	return fmt.Sprintf("%s (%s %s; p %s, adjusted %s)", what, t.Effect.Name, signed(float64(t.Effect.Value)), probability(float64(t.P)), probability(float64(t.Adjusted)))
}

// moved is the label whose share differs most.
func (p *pair) moved() Share {
	best, most := p.shares[0], -1.0
	for _, s := range p.shares {
		if d := math.Abs(float64(s.Window)/float64(p.n) - float64(s.Baseline)/float64(p.m)); d > most {
			best, most = s, d
		}
	}
	return best
}

func signed(v float64) string { return strings.Replace(fmt.Sprintf("%.2f", v), "-", "−", 1) }

// probability prints a p as people read it.
func probability(p float64) string {
	if p >= 0.001 {
		return fmt.Sprintf("%.3f", p)
	}
	return fmt.Sprintf("%.1g", p)
}
