package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// exampleCount is the number of examples on each side of a column that drifts.
const exampleCount = 6

// compare describes every column on both sides. Kept maps rows that were compared to rows of the window.
func (r *Report) compare(found []*pair, base *Baseline, window *Sample, kept []int) {
	for _, p := range found {
		none := Number(math.NaN())
		c := Compared{Name: p.name, Group: p.group, Unit: p.unit, Cliff: none, Simple: none, Robust: none, PSI: none}
		for _, t := range r.Tests {
			c.Drift = c.Drift || t.Column == p.name && t.Drift
		}
		switch {
		case p.below != nil:
			b := p.below
			c.Baseline, c.Window = counted(b.m, p.missingX), counted(b.n, p.missingY)
			c.Shares = []Share{{"below", b.a, b.b}, {"accepted", b.m - b.a, b.n - b.b}}
		case p.baseline.Numbers != nil:
			c.Baseline, c.Window = summarise(p.baseline.Numbers), summarise(p.column.Numbers)
			c.Bins = bins(p.x, p.y)
			if p.pooled != nil {
				c.numbers(p)
			}
		case p.baseline.Values != nil:
			c.Baseline, c.Window, c.Shares = counted(p.m, p.missingX), counted(p.n, p.missingY), p.shares
		default:
			c.Baseline, c.Window = counted(p.m, p.missingX), counted(p.n, p.missingY)
		}
		if c.Shares != nil && p.m > 0 && p.n > 0 {
			c.words(p.m, p.n)
		}
		if c.Drift {
			c.Examples = p.examples(base, window, kept)
		}
		r.Columns = append(r.Columns, c)
	}
}

func (c *Compared) numbers(p *pair) {
	d, _ := p.pooled.KS()
	simple, robust := simpleAndRobust(d, p.m, p.n)
	x, y := deciles(p.x, p.y)
	c.Cliff, c.Simple, c.Robust, c.PSI = Number(p.pooled.Cliff()), Number(simple), Number(robust), Number(psi(x, y, p.m, p.n))
}

func (c *Compared) words(m, n int) {
	x, y := make([]int, len(c.Shares)), make([]int, len(c.Shares))
	for k, s := range c.Shares {
		x[k], y[k] = s.Baseline, s.Window
	}
	simple, robust := simpleAndRobust(widest(x, y, m, n), m, n)
	c.Simple, c.Robust, c.PSI = Number(simple), Number(robust), Number(psi(x, y, m, n))
}

// examples are the rows of the baseline nearest to its middle and those of the window that carry most.
func (p *pair) examples(base *Baseline, window *Sample, kept []int) Examples {
	var e Examples
	order := indices(len(p.rows))
	weight := p.contributions()
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight[b], weight[a]) })
	for _, i := range order[:min(exampleCount, len(order))] {
		row := p.rows[i]
		e.Window = append(e.Window, Example{window.Rows[row], kept[row], p.column.show(row)})
	}
	for _, row := range p.typical() {
		e.Baseline = append(e.Baseline, Example{base.Rows[row], row, p.baseline.show(row)})
	}
	return e
}

// typical rows of the baseline: nearest to the median, of the most frequent word, else the first.
func (p *pair) typical() []int {
	var there []int
	for row := range p.baseline.Len() {
		if p.baseline.has(row) {
			there = append(there, row)
		}
	}
	if p.baseline.Numbers != nil {
		median := float64(summarise(p.baseline.Numbers).Median)
		slices.SortStableFunc(there, func(a, b int) int {
			return cmp.Compare(math.Abs(p.baseline.Numbers[a]-median), math.Abs(p.baseline.Numbers[b]-median))
		})
	}
	return there[:min(exampleCount, len(there))]
}

func (c *Column) has(row int) bool {
	switch {
	case c.Numbers != nil:
		return c.Numbers[row] == c.Numbers[row]
	case c.Values != nil:
		return c.Values[row] != ""
	}
	return c.Vectors[row] != nil
}

// show is a value as people read it.
func (c *Column) show(row int) string {
	switch {
	case c.Numbers != nil:
		text := fmt.Sprintf("%.4g", c.Numbers[row])
		if c.Unit != "" {
			text += " " + c.Unit
		}
		return text
	case c.Values != nil:
		return c.Values[row]
	}
	return ""
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
