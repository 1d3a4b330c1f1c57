package figure

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/plotfile"
)

// distribution shows a column of numbers: the baseline as an area, the window as a line, both as shares of their own values.
func distribution(c *drift.Compared) (*plot.Plot, error) {
	x := c.Name
	if c.Unit != "" {
		x += ", " + c.Unit
	}
	p := plotfile.New(fmt.Sprintf("%s: %d answers against %d", c.Name, c.Window.N, c.Baseline.N), x, "share a bin")
	base, window := 0, 0
	for _, b := range c.Bins {
		base, window = base+b.Baseline, window+b.Window
	}
	var before, now plotter.XYs
	most := 0.0
	for _, b := range c.Bins {
		old, recent := part(b.Baseline, base), part(b.Window, window)
		before = append(before, plotter.XY{X: b.Low, Y: old}, plotter.XY{X: b.High, Y: old})
		now = append(now, plotter.XY{X: b.Low, Y: recent}, plotter.XY{X: b.High, Y: recent})
		most = max(most, old, recent)
	}
	area, err := under(before)
	if err != nil {
		return nil, err
	}
	line, err := plotfile.Line(now, plotfile.Orange, false)
	if err != nil {
		return nil, err
	}
	p.Add(area, plotter.NewGrid(), line)
	p.Legend.Add("baseline", area)
	p.Legend.Add("window", line)
	p.Legend.Top = true
	p.Y.Min, p.Y.Max = 0, 1.2*max(most, 1e-9)
	return p, nil
}

// maxBars is how many words are drawn.
const maxBars = 8

// shares shows a column of words as pairs of bars.
func shares(c *drift.Compared) (*plot.Plot, error) {
	p := plotfile.New(fmt.Sprintf("%s: %d answers against %d", c.Name, c.Window.N, c.Baseline.N), "", "share")
	base, window := 0, 0
	for _, s := range c.Shares {
		base, window = base+s.Baseline, window+s.Window
	}
	var before, now plotter.Values
	var names []string
	for _, s := range c.Shares[:min(len(c.Shares), maxBars)] {
		before, now = append(before, part(s.Baseline, base)), append(now, part(s.Window, window))
		name := []rune(s.Value)
		if len(name) > 14 {
			name = append([]rune("…"), name[len(name)-13:]...) // names differ at their end
		}
		names = append(names, string(name))
	}
	width := 0.36 * 3.8 * vg.Inch / vg.Length(len(names))
	width = min(width, vg.Inch/2)
	old, err := plotter.NewBarChart(before, width)
	if err != nil {
		return nil, err
	}
	recent, err := plotter.NewBarChart(now, width)
	if err != nil {
		return nil, err
	}
	old.Color, old.LineStyle.Width, old.Offset = plotfile.PaleBlue, 0, -width/2
	recent.Color, recent.LineStyle.Width, recent.LineStyle.Color, recent.Offset = color.White, vg.Points(2), plotfile.Orange, width/2
	p.Add(plotter.NewGrid(), old, recent)
	p.NominalX(names...)
	p.Legend.Add("baseline", old)
	p.Legend.Add("window", recent)
	p.Legend.Top = true
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(len(names))-0.5, 0, 1.2
	return p, nil
}

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
