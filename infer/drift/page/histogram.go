package page

import (
	"fmt"
	"strings"

	"github.com/scones-unlimited/scones/infer/drift"
)

// Geometry of the small charts.
const (
	smallLeft   = 8
	smallRight  = 312
	smallTop    = 8
	smallBottom = 118
)

// A histogram shows which share of each side lies where: the baseline as an area, the window as a line.
type histogram struct {
	X        []tick
	Baseline string // polygon
	Window   string // polyline
	Text     string
}

func newHistogram(c *drift.Compared) *histogram {
	if len(c.Bins) == 0 || c.Baseline.N == 0 || c.Window.N == 0 {
		return nil
	}
	base, window := 0, 0
	for _, b := range c.Bins {
		base, window = base+b.Baseline, window+b.Window
	}
	if base == 0 || window == 0 {
		return nil
	}
	// Bins may differ in width: what is drawn is density.
	density := func(count, of int, b drift.Bin) float64 {
		width := b.High - b.Low
		if width <= 0 {
			width = 1
		}
		return float64(count) / float64(of) / width
	}
	most := 0.0
	for _, b := range c.Bins {
		most = max(most, density(b.Baseline, base, b), density(b.Window, window, b))
	}
	x := axis{c.Bins[0].Low, c.Bins[len(c.Bins)-1].High, smallLeft, smallRight}
	y := axis{0, most, smallBottom, smallTop}
	area := []string{fmt.Sprintf("%.1f,%d", x.at(x.low), smallBottom)}
	var line []string
	for _, b := range c.Bins {
		left, right := x.at(b.Low), x.at(b.High)
		if left == right {
			right = left + 4
		}
		area = append(area, fmt.Sprintf("%.1f,%.1f %.1f,%.1f", left, y.at(density(b.Baseline, base, b)), right, y.at(density(b.Baseline, base, b))))
		line = append(line, fmt.Sprintf("%.1f,%.1f %.1f,%.1f", left, y.at(density(b.Window, window, b)), right, y.at(density(b.Window, window, b))))
	}
	area = append(area, fmt.Sprintf("%.1f,%d", x.at(x.high), smallBottom))
	return &histogram{
		X: x.anchored(x.ticks(5)), Baseline: strings.Join(area, " "), Window: strings.Join(line, " "),
		Text: fmt.Sprintf("%s: median %s in the baseline, %s in the window", c.Name, figure(c.Baseline.Median), figure(c.Window.Median)),
	}
}

// constant is the one value that a column has on both sides, empty where it has more.
func constant(c *drift.Compared) string {
	switch {
	case len(c.Bins) > 0 && c.Baseline.N > 0 && c.Window.N > 0 && c.Baseline.Min == c.Window.Max && c.Baseline.Max == c.Window.Min:
		text := c.Name + " " + figure(c.Baseline.Min)
		if c.Unit != "" {
			text += " " + c.Unit
		}
		return text
	case len(c.Shares) == 1 && c.Shares[0].Baseline > 0 && c.Shares[0].Window > 0:
		return c.Name + " " + short(c.Shares[0].Value)
	}
	return ""
}

// words are the shares of words on both sides.
type words struct {
	Name string
	Rows []wordRow
	More int
	Text string
}

type wordRow struct {
	Word                   string
	Baseline, Window       int
	BaseShare, WindowShare float64
}

// maxWords is how many words of a column are shown.
const maxWords = 12

func newWords(c *drift.Compared) *words {
	if len(c.Shares) == 0 {
		return nil
	}
	w := &words{Name: c.Name}
	base, window := 0, 0
	for _, s := range c.Shares {
		base, window = base+s.Baseline, window+s.Window
	}
	for _, s := range c.Shares[:min(len(c.Shares), maxWords)] {
		w.Rows = append(w.Rows, wordRow{short(s.Value), s.Baseline, s.Window, share(s.Baseline, base), share(s.Window, window)})
	}
	w.More = len(c.Shares) - len(w.Rows)
	return w
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
