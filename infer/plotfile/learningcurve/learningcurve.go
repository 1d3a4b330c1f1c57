// Package learningcurve draws how a training went: accuracy on the training and the validation pictures, epoch by epoch.
package learningcurve

import (
	"fmt"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/scones-unlimited/scones/infer/plotfile"
)

// A Point is one epoch. A negative accuracy was not measured.
type Point struct {
	Epoch             int
	Train, Validation float64
	// Low and High hold the true validation accuracy with 95 % probability; both zero where nobody can say.
	Low, High float64
	// Best is the epoch that was kept.
	Best bool
}

// Size of the figure.
const (
	width  = 7 * vg.Inch
	height = 4.5 * vg.Inch
)

// Write draws the curve, 7 × 4.5 inches, in one of [plotfile.Formats].
func Write(w io.Writer, title string, points []Point, format string) error {
	p, err := curve(title, points)
	if err != nil {
		return fmt.Errorf("draw the curve: %w", err)
	}
	return plotfile.Write(w, p, width, height, format)
}

// series are the points by what is drawn of them.
type series struct {
	train, validation, low, high, best plotter.XYs
	floor                              float64 // below all
}

func split(points []Point) series {
	s := series{floor: 1}
	for _, at := range points {
		x := float64(at.Epoch)
		if at.Train >= 0 {
			s.train = append(s.train, plotter.XY{X: x, Y: at.Train})
			s.floor = min(s.floor, at.Train)
		}
		if at.Validation < 0 {
			continue
		}
		s.validation = append(s.validation, plotter.XY{X: x, Y: at.Validation})
		s.floor = min(s.floor, at.Validation)
		if at.High > 0 {
			s.low, s.high = append(s.low, plotter.XY{X: x, Y: at.Low}), append(s.high, plotter.XY{X: x, Y: at.High})
			s.floor = min(s.floor, at.Low)
		}
		if at.Best {
			s.best = plotter.XYs{{X: x, Y: at.Validation}}
		}
	}
	return s
}

func curve(title string, points []Point) (*plot.Plot, error) {
	p, s := plotfile.New(title, "epoch", "accuracy"), split(points)
	if len(s.high) > 1 {
		band := append(plotter.XYs{}, s.high...)
		for i := len(s.low) - 1; i >= 0; i-- {
			band = append(band, s.low[i])
		}
		area, err := plotter.NewPolygon(band)
		if err != nil {
			return nil, err
		}
		area.Color, area.LineStyle.Width = plotfile.PaleBlue, 0
		p.Add(area)
	}
	p.Add(plotter.NewGrid())
	if len(s.train) > 0 {
		line, err := plotfile.Line(s.train, plotfile.Orange, true)
		if err != nil {
			return nil, err
		}
		p.Add(line)
		p.Legend.Add("training pictures", line)
	}
	if len(s.validation) > 0 {
		line, err := plotfile.Line(s.validation, plotfile.Blue, false)
		if err != nil {
			return nil, err
		}
		dots, err := plotfile.Scatter(s.validation, plotfile.Blue)
		if err != nil {
			return nil, err
		}
		dots.Radius = vg.Points(2)
		p.Add(line, dots)
		p.Legend.Add("validation pictures, 95 % interval", line, dots)
	}
	if s.best != nil {
		kept, err := plotfile.Scatter(s.best, plotfile.Blue)
		if err != nil {
			return nil, err
		}
		kept.Shape, kept.Radius = draw.RingGlyph{}, vg.Points(6)
		p.Add(kept)
		p.Legend.Add(fmt.Sprintf("kept: epoch %.0f", s.best[0].X), kept)
	}
	p.Y.Min, p.Y.Max = max(0, float64(int(s.floor*20)-1)/20), 1
	if n := len(points); n > 0 {
		p.X.Min, p.X.Max = float64(points[0].Epoch)-0.5, float64(points[n-1].Epoch)+0.5
		p.X.Tick.Marker = wholeTicks{}
	}
	return p, nil
}

// wholeTicks are at whole epochs, twelve at most.
type wholeTicks struct{}

// Ticks between two epochs.
func (wholeTicks) Ticks(from, to float64) []plot.Tick {
	step := max(1, (int(to-from)+11)/12)
	var ticks []plot.Tick
	for n := int(from + 1); float64(n) <= to; n++ {
		if n%step == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
		}
	}
	return ticks
}
