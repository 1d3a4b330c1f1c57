package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// MaxCarriers bounds [Report.Carriers].
const MaxCarriers = 100

// carriers ranks the window's rows by their part in the drift: the mean, over the columns that drift, of their shares in each. Kept maps
// rows that were compared to rows of the window.
func (r *Report) carriers(tests []*planned, window *Sample, kept []int) {
	share := make([]float64, len(window.Rows))
	why := make([][]string, len(window.Rows))
	var columns []*pair
	seen := map[string]bool{}
	for i, t := range tests {
		if r.Tests[i].Drift && !seen[t.name] {
			seen[t.name] = true
			columns = append(columns, t.pair)
		}
	}
	for _, p := range columns {
		weight := p.contributions()
		total := 0.0
		for _, w := range weight {
			total += w
		}
		if total == 0 {
			continue
		}
		usual := p.usual()
		for i, w := range weight {
			row := p.rows[i]
			share[row] += w / total / float64(len(columns))
			if w > total/float64(len(weight)) { // more than an even part
				why[row] = append(why[row], p.reason(row, usual))
			}
		}
	}
	order := indices(len(share))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(share[b], share[a]) })
	for _, row := range order[:min(MaxCarriers, len(order))] {
		if share[row] == 0 {
			break
		}
		r.Carriers = append(r.Carriers, Carrier{Row: window.Rows[row], Index: kept[row], Share: share[row], Why: why[row]})
	}
}

// contributions are what each of the window's values adds to the difference, in the order of [pair.rows]; none is negative.
func (p *pair) contributions() []float64 {
	switch {
	case p.below != nil:
		return p.ofBelow()
	case p.pooled != nil:
		return p.ofNumbers()
	case p.counts != nil:
		return p.ofLabels()
	}
	weight := p.kernel().Witness()
	for i, w := range weight {
		weight[i] = max(0, w)
	}
	return weight
}

// ofNumbers: the Wasserstein distance is the mean of how far each value of the window lies from the baseline's value of the same rank. A
// value carries the drift as far as it was moved away from the baseline's median and lies away from it: the geometric mean of both. Where
// all values moved towards the median, how far they moved is all there is.
func (p *pair) ofNumbers() []float64 {
	sorted := slices.Sorted(slices.Values(p.x))
	median := quantile(sorted, 0.5)
	order := indices(len(p.y))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.y[a], p.y[b]) })
	weight, moved := make([]float64, len(p.y)), make([]float64, len(p.y))
	outward := false
	for rank, i := range order {
		d := p.y[i] - quantile(sorted, (float64(rank)+0.5)/float64(len(order)))
		moved[i] = math.Abs(d)
		if product := d * (p.y[i] - median); product > 0 {
			weight[i], outward = math.Sqrt(product), true
		}
	}
	if !outward {
		return moved
	}
	return weight
}

// ofLabels: a row of a label that became more frequent carries what it has too much of it.
func (p *pair) ofLabels() []float64 {
	extra := map[string]float64{}
	for _, s := range p.shares {
		if now, before := float64(s.Window)/float64(p.n), float64(s.Baseline)/float64(p.m); now > before {
			extra[s.Value] = (now - before) / now
		}
	}
	weight := make([]float64, len(p.words))
	for i, v := range p.words {
		weight[i] = extra[v]
	}
	return weight
}

// ofBelow: the rows on the side of the threshold that grew.
func (p *pair) ofBelow() []float64 {
	b := p.below
	fell := float64(b.b)/float64(b.n) > float64(b.a)/float64(b.m)
	weight := make([]float64, len(p.y))
	for i, v := range p.y {
		if below(v, b.threshold) == fell {
			weight[i] = 1
		}
	}
	return weight
}

// usual says what the baseline had.
func (p *pair) usual() string {
	if p.pooled != nil {
		s := summarise(p.x)
		return fmt.Sprintf("usual %.4g to %.4g", s.P05, s.P95)
	}
	return ""
}

func (p *pair) reason(row int, usual string) string {
	switch {
	case p.below != nil:
		return fmt.Sprintf("confidence %s, threshold %g", p.column.show(row), p.below.threshold)
	case p.pooled != nil:
		return fmt.Sprintf("%s %s, %s", p.name, p.column.show(row), usual)
	case p.counts != nil:
		return fmt.Sprintf("%s %s", p.name, p.column.show(row))
	}
	return p.name + " unlike the baseline's"
}
