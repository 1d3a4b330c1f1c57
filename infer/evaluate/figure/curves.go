package figure

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/plotfile"
)

// reliability shows each bin's accuracy, with its interval, at its mean score; on the diagonal scores mean what they say.
func reliability(r *evaluate.Report) (*plot.Plot, error) {
	c := &r.EqualMass
	p := plotfile.New(fmt.Sprintf("Does a score mean what it says? ECE %.4f", c.ECE), "mean score of a bin", "accuracy in the bin")
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
	diagonal, err := plotfile.Line(plotter.XYs{{X: low, Y: low}, {X: 1, Y: 1}}, plotfile.Grey, true)
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
	bars.Color, bars.LineStyle.Width = plotfile.Blue, vg.Points(1)
	points, err := plotfile.Scatter(at, plotfile.Blue)
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
	p := plotfile.New("Which share can be accepted at which accuracy?", "coverage (share of pictures accepted)", "accuracy of the accepted")
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
	area.Color, area.LineStyle.Width = plotfile.PaleBlue, 0
	curve, err := plotfile.Line(middle, plotfile.Blue, false)
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
		d, err := plotfile.Scatter(plotter.XYs{{X: point.Coverage, Y: float64(point.Accuracy)}}, c)
		if err != nil {
			return err
		}
		d.Radius = vg.Points(4)
		p.Add(d)
		p.Legend.Add(what, d)
		return nil
	}
	if err := mark(&r.Threshold, fmt.Sprintf("threshold %v", r.Threshold.Threshold), plotfile.Orange); err != nil {
		return nil, err
	}
	if promise := r.Promise; promise != nil && promise.Found {
		err = mark(promise.Point, fmt.Sprintf("promised %v from %v on", promise.Target, promise.Point.Threshold), plotfile.Green)
	}
	return p, err
}
