package drift

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Options of [Run]. The zero value has the defaults.
type Options struct {
	// Level of the run; [Alone] with [DefaultAlpha] when its Run is 0.
	Level Level
	// MinEffect is the size below which a significant difference is no drift, on the scale of Cohen's d; [DefaultMinEffect] when 0,
	// negative for none.
	MinEffect float64
	// Large is the size that a quiet run must have been able to see; [DefaultLarge] when 0.
	Large float64
	// Seed of everything that is drawn.
	Seed uint64
	// Truth are true classes of the window's rows, by row; empty where unknown. Nil when there are none.
	Truth []string
	// Powers of earlier runs, to save time; nil is well.
	Powers *Powers
}

// The defaults of [Options]: a small effect and a large one by Cohen (1988).
const (
	DefaultMinEffect = 0.2
	DefaultLarge     = 0.8
)

// targetPower is the part of shifts that [Test.Detectable] promises to see.
const targetPower = 0.8

// leastRows is the number of values on each side below which no column is compared.
const leastRows = 5

// Run compares a window with a baseline. Errors wrap [ErrSample].
func Run(base *Baseline, window *Sample, o Options) (*Report, error) {
	o.defaults()
	if err := window.Check(); err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	if len(window.Columns) == 0 && len(window.Rows) > 0 {
		return nil, fmt.Errorf("window: %w: there are rows but no columns", ErrSample)
	}
	all := window
	kept := chosen(len(window.Rows), MaxRows, o.Seed)
	window = window.thinned(MaxRows, o.Seed)
	if o.Truth != nil && len(o.Truth) != len(all.Rows) {
		return nil, fmt.Errorf("window: %w: %d true classes for %d rows", ErrSample, len(o.Truth), len(all.Rows))
	}
	r := &Report{
		Version: ReportVersion, Baseline: side(&base.Sample), Window: side(all), Level: o.Level, Threshold: base.Threshold, MinEffect: o.MinEffect, Large: o.Large,
		Power: targetPower, Reasons: []string{}, Notes: []string{}, Tests: []Test{}, Carriers: []Carrier{},
	}
	r.Window.Kept = len(window.Rows)
	found, missing := pairs(&base.Sample, window, o.Seed)
	tests := r.test(found, o)
	r.compare(found, base, window, kept)
	r.carriers(tests, window, kept)
	r.timeline(all, base.Threshold)
	r.expect(base, window)
	if err := r.quality(all, o.Truth, base.Threshold); err != nil {
		return nil, err
	}
	r.served(base, all, o)
	r.note(base, all, missing)
	r.judge()
	return r, nil
}

func (o *Options) defaults() {
	if o.Level.Run == 0 {
		o.Level = Alone(DefaultAlpha)
	}
	if o.MinEffect == 0 {
		o.MinEffect = DefaultMinEffect
	}
	o.MinEffect = max(0, o.MinEffect)
	if o.Powers == nil {
		o.Powers = new(Powers)
	}
	if o.Large == 0 {
		o.Large = DefaultLarge
	}
}

func side(s *Sample) Side {
	d := Side{Source: s.Source, Rows: s.Seen(), Kept: len(s.Rows), ModelSHA: s.ModelSHA, Skipped: s.Skipped}
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Error != "" {
			d.Failed++
		}
		if row.Time.IsZero() {
			continue
		}
		if d.From.IsZero() || row.Time.Before(d.From) {
			d.From = row.Time
		}
		if row.Time.After(d.To) {
			d.To = row.Time
		}
	}
	return d
}

// test runs all tests and judges them together.
func (r *Report) test(found []*pair, o Options) []*planned {
	var big []*pair
	for _, p := range found {
		if p.m >= leastRows && p.n >= leastRows {
			big = append(big, p)
		}
	}
	tests := plan(big, o.Level.Run)
	p, weight := make([]float64, len(tests)), make([]float64, len(tests))
	settled := map[string]bool{}
	for i, t := range tests {
		level := o.Level.Run * t.weight
		statistic, result := t.run(level, settled[t.name], o.Seed+uint64(i))
		settled[t.name] = settled[t.name] || result.P <= level
		p[i], weight[i] = result.P, t.weight
		r.Tests = append(r.Tests, Test{
			Column: t.name, Group: t.group, Method: t.method, N: t.n, M: t.m, Statistic: Number(statistic), P: Number(result.P),
			Exact: result.Exact, Draws: result.Draws, Weight: t.weight, Effect: t.effect(t.method, statistic),
			Detectable: Number(o.Powers.detectable(t, level)),
		})
	}
	for i, adjusted := range holm(p, weight) {
		t := &r.Tests[i]
		t.Adjusted = Number(adjusted)
		t.Significant = adjusted <= o.Level.Run
		t.Drift = t.Significant && float64(t.Effect.Size) >= o.MinEffect
		t.Text = tests[i].text(t)
	}
	order := make([]int, len(tests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return weightier(&r.Tests[a], &r.Tests[b]) })
	r.Tests = pick(r.Tests, order)
	return pick(tests, order)
}

// weightier sorts tests: drift first, then by adjusted p, then by effect.
func weightier(a, b *Test) int {
	if a.Drift != b.Drift {
		if a.Drift {
			return -1
		}
		return 1
	}
	size := func(t *Test) float64 {
		if t.Effect.Size.Missing() {
			return 0
		}
		return float64(t.Effect.Size)
	}
	return cmp.Or(cmp.Compare(a.Adjusted, b.Adjusted), cmp.Compare(size(b), size(a)))
}

// note says what should be known besides.
func (r *Report) note(base *Baseline, window *Sample, missing []string) {
	add := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	if base.ModelSHA != "" && window.ModelSHA != "" && base.ModelSHA != window.ModelSHA {
		add("the window was answered by another model (%.12s) than the baseline (%.12s): what changed may be the model", window.ModelSHA, base.ModelSHA)
	}
	for _, name := range missing {
		add("%s is in the baseline only, or of another kind in the window: it was not compared", name)
	}
	for i := range window.Columns {
		if c := &window.Columns[i]; base.Column(c.Name) == nil && c.Group != Operation {
			add("%s is in the window only: it was not compared", c.Name)
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(window.Skipped)) {
		if code, ok := strings.CutPrefix(cause, "picture: "); ok {
			add("%d pictures of the window could not be looked at: %s", window.Skipped[cause], code)
			continue
		}
		add("%d records of the window were skipped: %s", window.Skipped[cause], cause)
	}
	if r.Window.Kept < r.Window.Rows {
		add("%d of the window's %d rows were compared, drawn evenly", r.Window.Kept, r.Window.Rows)
	}
	if r.Baseline.Kept < r.Baseline.Rows {
		add("the baseline keeps %d of its %d rows, drawn evenly", r.Baseline.Kept, r.Baseline.Rows)
	}
	for _, t := range r.Tests {
		if c := r.column(t.Column); t.Weight == 0 && !c.constant() {
			add("%s: the %s test cannot reach this run's level with %d and %d values and takes no part", t.Column, t.Method, t.M, t.N)
		}
	}
	for _, c := range r.Columns {
		if c.Group != Operation && c.Name != BelowColumn && min(c.Baseline.N, c.Window.N) < leastRows {
			add("%s has %d values in the baseline and %d in the window, too few to compare", c.Name, c.Baseline.N, c.Window.N)
		}
	}
}

func (r *Report) column(name string) *Compared {
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return &r.Columns[i]
		}
	}
	return nil
}

// constant tells whether both sides have one and the same value throughout.
func (c *Compared) constant() bool {
	return len(c.Shares) == 1 || len(c.Bins) == 1 && c.Bins[0].Low == c.Bins[0].High
}

// seen is the smallest detectable size among tests, NaN when there is none.
func (r *Report) seen(groups ...Group) float64 {
	best := math.NaN()
	for _, t := range r.Tests {
		if len(groups) > 0 && !slices.Contains(groups, t.Group) || t.Detectable.Missing() {
			continue
		}
		if !(best <= float64(t.Detectable)) {
			best = float64(t.Detectable)
		}
	}
	return best
}
