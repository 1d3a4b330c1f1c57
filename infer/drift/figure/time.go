package figure

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/plotfile"
	"github.com/scones-unlimited/scones/infer/timeaxis"
)

// timeline shows each answer's confidence, in the order of time, and the threshold.
func timeline(r *drift.Report) (*plot.Plot, error) {
	p := plotfile.New("Confidence over time", "time, UTC", "confidence")
	moments := slices.Clone(r.Timeline)
	untimed := slices.ContainsFunc(moments, func(m drift.Moment) bool { return m.Time.IsZero() })
	at := func(m *drift.Moment) float64 {
		if untimed {
			return float64(m.Index)
		}
		return float64(m.Time.UnixMilli()) / 1000
	}
	if untimed {
		p.X.Label.Text = "number of the answer, in the order of the source"
	} else {
		p.X.Tick.Marker = ticksOfTime{}
	}
	slices.SortStableFunc(moments, func(a, b drift.Moment) int { return cmp.Compare(at(&a), at(&b)) })
	var good, below plotter.XYs
	for i := range moments {
		m := &moments[i]
		switch point := (plotter.XY{X: at(m), Y: float64(m.Confidence)}); {
		case m.Error != "" || m.Confidence.Missing():
		case m.Below:
			below = append(below, point)
		default:
			good = append(good, point)
		}
	}
	p.Add(plotter.NewGrid())
	low := 1.0
	for _, list := range []plotter.XYs{good, below} {
		for _, point := range list {
			low = min(low, point.Y)
		}
	}
	first, last := at(&moments[0]), at(&moments[len(moments)-1])
	if last == first {
		first, last = first-1, last+1
	}
	if len(good) > 0 {
		s, err := plotfile.Scatter(good, plotfile.Blue)
		if err != nil {
			return nil, err
		}
		s.Radius = vg.Points(2)
		p.Add(s)
		p.Legend.Add("answer", s)
	}
	if len(below) > 0 {
		s, err := plotfile.Scatter(below, plotfile.Orange)
		if err != nil {
			return nil, err
		}
		s.Shape = draw.CrossGlyph{}
		p.Add(s)
		p.Legend.Add("below the threshold", s)
	}
	if t := r.Threshold; t > 0 {
		low = min(low, t)
		l, err := plotfile.Line(plotter.XYs{{X: first, Y: t}, {X: last, Y: t}}, plotfile.Orange, true)
		if err != nil {
			return nil, err
		}
		p.Add(l)
		p.Legend.Add(fmt.Sprintf("threshold %v", t), l)
	}
	p.X.Min, p.X.Max = first, last
	p.Y.Min, p.Y.Max = max(0, low-0.12), 1.02 // room for the legend at the foot
	return p, nil
}

// requests shows how many there were, and how many of them were below the threshold or failed.
func requests(r *drift.Report) (*plot.Plot, error) {
	o := &r.Operation
	p := plotfile.New("Requests over time", "time, UTC", fmt.Sprintf("requests in %v h", o.Step.Hours()))
	var all, bad plotter.XYs
	most := 0
	for _, s := range o.Slots {
		from, to := float64(s.From.Unix()), float64(s.From.Add(o.Step).Unix())
		all = append(all, plotter.XY{X: from, Y: float64(s.Rows)}, plotter.XY{X: to, Y: float64(s.Rows)})
		bad = append(bad, plotter.XY{X: from, Y: float64(s.Errors + s.Below)}, plotter.XY{X: to, Y: float64(s.Errors + s.Below)})
		most = max(most, s.Rows)
	}
	area, err := under(all)
	if err != nil {
		return nil, err
	}
	line, err := plotfile.Line(bad, plotfile.Orange, false)
	if err != nil {
		return nil, err
	}
	p.Add(area, plotter.NewGrid(), line)
	p.Legend.Add("requests", area)
	p.Legend.Add("below the threshold or failed", line)
	p.Legend.Top = true
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = all[0].X, all[len(all)-1].X, 0, 1.25*float64(max(most, 1))
	p.X.Tick.Marker = ticksOfTime{}
	return p, nil
}

// ticksOfTime are round times.
type ticksOfTime struct{}

// Ticks gives them; it is [plot.Ticker]'s.
func (ticksOfTime) Ticks(low, high float64) []plot.Tick {
	var list []plot.Tick
	for _, t := range timeaxis.Ticks(low, high, 7) {
		list = append(list, plot.Tick{Value: t.At, Label: t.Text})
	}
	return list
}

// under is the area between a line and zero.
func under(line plotter.XYs) (*plotter.Polygon, error) {
	closed := append(plotter.XYs{{X: line[0].X}}, line...)
	p, err := plotter.NewPolygon(append(closed, plotter.XY{X: line[len(line)-1].X}))
	if err != nil {
		return nil, err
	}
	p.Color, p.LineStyle.Width = plotfile.PaleBlue, 0
	return p, nil
}
