package figure

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// reliability shows each bin's accuracy, with its interval, at its mean score; on the diagonal scores mean what they say.
func reliability(r *evaluate.Report) (*plot.Plot, error) {
	c := &r.EqualMass
	p := newPlot(fmt.Sprintf("Does a score mean what it says? ECE %.4f", c.ECE), "mean score of a bin", "accuracy in the bin")
	low := 1.0
	var at plotter.XYs
	var spread plotter.YErrors
	for _, b := range c.Bins {
		if b.Count == 0 {
			continue
		}
		i := evaluate.Wilson(b.Right, b.Count)
		at = append(at, plotter.XY{X: b.Score, Y: b.Accuracy})
		spread = append(spread, struct{ Low, High float64 }{b.Accuracy - i.Low, i.High - b.Accuracy})
		low = min(low, b.Score, i.Low)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, 1, low, 1
	diagonal, err := line(plotter.XYs{{X: low, Y: low}, {X: 1, Y: 1}}, grey, true)
	if err != nil {
		return nil, err
	}
	bars, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{at, spread})
	if err != nil {
		return nil, err
	}
	bars.Color, bars.LineStyle.Width = blue, vg.Points(1)
	points, err := scatter(at, blue)
	if err != nil {
		return nil, err
	}
	p.Add(plotter.NewGrid(), diagonal, bars, points)
	p.Legend.Add("as the score says", diagonal)
	p.Legend.Add("bin, 95 % interval", points)
	return p, nil
}

// coverage shows how accuracy falls as more pictures are accepted.
func coverage(r *evaluate.Report) (*plot.Plot, error) {
	p := newPlot("Which share can be accepted at which accuracy?", "coverage (share of pictures accepted)", "accuracy of the accepted")
	var middle, low, band plotter.XYs
	for _, point := range r.Coverage {
		middle = append(middle, plotter.XY{X: point.Coverage, Y: float64(point.Accuracy)})
		low = append(low, plotter.XY{X: point.Coverage, Y: point.Interval.Low})
		band = append(band, plotter.XY{X: point.Coverage, Y: point.Interval.High})
	}
	for i := len(low) - 1; i >= 0; i-- {
		band = append(band, low[i])
	}
	area, err := plotter.NewPolygon(band)
	if err != nil {
		return nil, err
	}
	area.Color, area.LineStyle.Width = paleBlue, 0
	curve, err := line(middle, blue, false)
	if err != nil {
		return nil, err
	}
	p.Add(area, plotter.NewGrid(), curve)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, r.CurveFloor(), 1
	p.Legend.Add("accuracy, 95 % interval", curve)
	mark := func(point *evaluate.Point, what string, c color.Color) error {
		if point.Accuracy.Missing() {
			return nil
		}
		d, err := scatter(plotter.XYs{{X: point.Coverage, Y: float64(point.Accuracy)}}, c)
		if err != nil {
			return err
		}
		d.Radius = vg.Points(4)
		p.Add(d)
		p.Legend.Add(what, d)
		return nil
	}
	if err := mark(&r.Threshold, fmt.Sprintf("threshold %v", r.Threshold.Threshold), orange); err != nil {
		return nil, err
	}
	if promise := r.Promise; promise != nil && promise.Found {
		err = mark(promise.Point, fmt.Sprintf("promised %v from %v on", promise.Target, promise.Point.Threshold), green)
	}
	return p, err
}

func line(xys plotter.XYs, c color.Color, dashed bool) (*plotter.Line, error) {
	l, err := plotter.NewLine(xys)
	if err != nil {
		return nil, err
	}
	l.Color, l.Width = c, vg.Points(1.5)
	if dashed {
		l.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	}
	return l, nil
}

func scatter(xys plotter.XYs, c color.Color) (*plotter.Scatter, error) {
	s, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	s.Color, s.Shape, s.Radius = c, draw.CircleGlyph{}, vg.Points(3)
	return s, nil
}
