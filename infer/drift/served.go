package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/scones-unlimited/scones/infer/drift/changepoint"
	"github.com/scones-unlimited/scones/infer/evaluate"
)

// gapCount is the number of gaps that are named.
const gapCount = 5

// served describes how the window was served.
func (r *Report) served(base *Baseline, window *Sample, o Options) {
	served := &r.Operation
	*served = Served{PerHour: Number(math.NaN()), Slots: []Slot{}, Gaps: []Gap{}, Changes: []Change{}, P99: Number(math.NaN()), Latency: summarise(nil)}
	if n := len(window.Rows); n > 0 {
		served.Errors = evaluate.NewProportion(r.Window.Failed, n)
	}
	if c := window.Column(LatencyColumn); c != nil && c.Numbers != nil {
		served.Latency = summarise(c.Numbers)
		served.P99 = Number(quantile(slices.Sorted(slices.Values(present(c.Numbers))), 0.99))
	}
	served.Below, served.BaselineBelow = belowRate(window, base.Threshold), belowRate(&base.Sample, base.Threshold)
	order := byTime(window)
	timed := order[:0:0]
	for _, row := range order {
		if !window.Rows[row].Time.IsZero() {
			timed = append(timed, row)
		}
	}
	served.slots(window, timed, base.Threshold)
	if scale := float64(window.Seen()) / float64(max(1, len(window.Rows))); scale > 1 {
		served.enlarge(scale)
	}
	served.changes(window, timed, o)
}

func belowRate(s *Sample, threshold float64) *evaluate.Proportion {
	c := s.Column(ConfidenceColumn)
	if c == nil || c.Numbers == nil || threshold == 0 {
		return nil
	}
	v := present(c.Numbers)
	if len(v) == 0 {
		return nil
	}
	k := 0
	for _, x := range v {
		if below(x, threshold) {
			k++
		}
	}
	return new(evaluate.NewProportion(k, len(v)))
}

// slots counts rows by hour or longer, and finds the gaps. Rows are in the order of time.
func (o *Served) slots(s *Sample, timed []int, threshold float64) {
	if len(timed) < 2 {
		return
	}
	first, last := s.Rows[timed[0]].Time, s.Rows[timed[len(timed)-1]].Time
	span := last.Sub(first)
	if span <= 0 {
		return
	}
	o.PerHour = Number(float64(len(timed)-1) / span.Hours())
	o.Step = time.Hour
	for span/o.Step >= MaxSlots-1 {
		o.Step *= 2
	}
	from := first.Truncate(o.Step)
	o.Slots = make([]Slot, int(last.Sub(from)/o.Step)+1)
	for i := range o.Slots {
		o.Slots[i] = Slot{From: from.Add(time.Duration(i) * o.Step), Confidence: Number(math.NaN())}
	}
	confidence := s.Column(ConfidenceColumn)
	sums, counts := make([]float64, len(o.Slots)), make([]int, len(o.Slots))
	for i, row := range timed {
		at := s.Rows[row].Time
		k := int(at.Sub(from) / o.Step)
		slot := &o.Slots[k]
		slot.Rows++
		if s.Rows[row].Error != "" {
			slot.Errors++
		}
		if confidence != nil && confidence.Numbers != nil {
			if v := confidence.Numbers[row]; v == v {
				sums[k], counts[k] = sums[k]+v, counts[k]+1
				if threshold > 0 && below(v, threshold) {
					slot.Below++
				}
			}
		}
		if i > 0 {
			o.Gaps = append(o.Gaps, Gap{s.Rows[timed[i-1]].Time, at})
		}
	}
	for k, n := range counts {
		if n > 0 {
			o.Slots[k].Confidence = Number(sums[k] / float64(n))
		}
	}
	slices.SortStableFunc(o.Gaps, func(a, b Gap) int { return cmp.Compare(b.To.Sub(b.From), a.To.Sub(a.From)) })
	o.Gaps = slices.Clone(o.Gaps[:min(gapCount, len(o.Gaps))])
}

// enlarge turns the counts of a uniform sample of rows into those of all, about. Times between rows of a sample are none of all rows: there
// are no gaps.
func (o *Served) enlarge(scale float64) {
	o.PerHour *= Number(scale)
	o.Gaps = []Gap{}
	for i := range o.Slots {
		s := &o.Slots[i]
		for _, count := range []*int{&s.Rows, &s.Errors, &s.Below} {
			*count = int(math.Round(float64(*count) * scale))
		}
	}
}

// changes looks for changes of level in the order of time, of which rows without a time have none. The run's error rate is shared evenly by the series.
func (o *Served) changes(s *Sample, order []int, options Options) {
	type series struct {
		name   string
		rows   []int
		values []float64
	}
	var all []series
	add := func(name string, of func(row int) float64) {
		x := series{name: name}
		for _, row := range order {
			if v := of(row); v == v {
				x.rows, x.values = append(x.rows, row), append(x.values, v)
			}
		}
		if len(x.rows) > 0 {
			all = append(all, x)
		}
	}
	for _, name := range []string{ConfidenceColumn, LatencyColumn} {
		if c := s.Column(name); c != nil && c.Numbers != nil {
			add(name, func(row int) float64 { return c.Numbers[row] })
		}
	}
	add("error rate", func(row int) float64 {
		if s.Rows[row].Error != "" {
			return 1
		}
		return 0
	})
	before := time.Time{}
	add("seconds between requests", func(row int) float64 {
		at := s.Rows[row].Time
		gap := at.Sub(before).Seconds()
		if at.IsZero() || before.IsZero() {
			gap = math.NaN()
		}
		before = at
		return gap
	})
	for k, x := range all {
		keep := chosen(len(x.values), changepoint.MaxValues, options.Seed)
		values, rows := pick(x.values, keep), pick(x.rows, keep)
		for _, c := range changepoint.Find(values, options.Level.Run/float64(len(all)), options.Seed+uint64(k)) {
			before, _ := moments(values[c.From:c.Index])
			after, _ := moments(values[c.Index:c.To])
			found := Change{Series: x.name, Index: rows[c.Index], At: s.Rows[rows[c.Index]].Time, Before: before, After: after, P: c.P}
			found.Text = fmt.Sprintf("%s from %s UTC: mean %.4g before, %.4g after (p %s)", x.name, found.At.UTC().Format("2006-01-02 15:04:05"), before, after, probability(c.P))
			o.Changes = append(o.Changes, found)
		}
	}
}
