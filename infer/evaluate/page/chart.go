package page

import (
	"fmt"
	"strings"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// Geometry of a chart, in its own units; the page scales it to its width.
const (
	chartWidth  = 420
	chartHeight = 300
	left        = 48 // of the axes
	right       = 396
	top         = 12
	bottom      = 256
)

// An axis maps values to one direction of a chart.
type axis struct {
	low, high float64 // values
	from, to  float64 // places
}

func (a axis) at(v float64) float64 {
	v = min(max(v, a.low), a.high)
	return a.from + (v-a.low)/(a.high-a.low)*(a.to-a.from)
}

// A tick is a line with its number.
type tick struct {
	At   float64
	Text string
}

// ticks divides an axis of shares into about five steps.
func (a axis) ticks() []tick {
	step := 0.2
	for _, s := range []float64{0.1, 0.05, 0.02, 0.01} {
		if (a.high-a.low)/s <= 6 {
			step = s
		}
	}
	var all []tick
	for i := int(a.low/step + 0.999999); float64(i)*step <= a.high+1e-9; i++ {
		v := float64(i) * step
		all = append(all, tick{a.at(v), fmt.Sprintf("%.0f %%", 100*v)})
	}
	return all
}

// A chart is what both charts have.
type chart struct{ X, Y []tick }

// A mark is a point of a chart, with the ends of its interval.
type mark struct {
	X, Y, Low, High float64
	Title           string
}

// reliability shows each bin of equal mass at its mean score.
type reliability struct {
	chart
	Diagonal string // points of a line
	Bins     []mark
}

func newReliability(r *evaluate.Report) reliability {
	low := 1.0
	for _, b := range r.EqualMass.Bins {
		if b.Count > 0 {
			low = min(low, b.Score, evaluate.Wilson(b.Right, b.Count).Low)
		}
	}
	low = max(0, float64(int(low*10))/10)
	x, y := axis{low, 1, left, right}, axis{low, 1, bottom, top}
	c := reliability{chart: chart{x.ticks(), y.ticks()}, Diagonal: points(x.at(low), y.at(low), x.at(1), y.at(1))}
	for _, b := range r.EqualMass.Bins {
		if b.Count == 0 {
			continue
		}
		i := evaluate.Wilson(b.Right, b.Count)
		c.Bins = append(c.Bins, mark{x.at(b.Score), y.at(b.Accuracy), y.at(i.Low), y.at(i.High),
			fmt.Sprintf("%d pictures with scores of %.4f to %.4f: mean %.4f, accuracy %.4f (%.4f to %.4f)", b.Count, b.Low, b.High, b.Score, b.Accuracy, i.Low, i.High)})
	}
	return c
}

// curve shows accuracy against coverage.
type curve struct {
	chart
	Line, Band string
	Filter     *mark // of the threshold, absent when nothing is accepted
	Promise    *mark
}

func newCurve(r *evaluate.Report) curve {
	x, y := axis{0, 1, left, right}, axis{r.CurveFloor(), 1, bottom, top}
	c := curve{chart: chart{x.ticks(), y.ticks()}}
	var line, upper, lower []float64
	for _, p := range r.Coverage {
		line = append(line, x.at(p.Coverage), y.at(float64(p.Accuracy)))
		upper = append(upper, x.at(p.Coverage), y.at(p.Interval.High))
		lower = append([]float64{x.at(p.Coverage), y.at(p.Interval.Low)}, lower...)
	}
	c.Line, c.Band = points(line...), points(append(upper, lower...)...)
	at := func(p *evaluate.Point) *mark {
		if p.Accuracy.Missing() {
			return nil
		}
		return &mark{X: x.at(p.Coverage), Y: y.at(float64(p.Accuracy)),
			Title: fmt.Sprintf("threshold %v: %d accepted, accuracy %.4f (%.4f to %.4f)", p.Threshold, p.Accepted, float64(p.Accuracy), p.Interval.Low, p.Interval.High)}
	}
	c.Filter = at(&r.Threshold)
	if r.Promise != nil && r.Promise.Found {
		c.Promise = at(r.Promise.Point)
	}
	return c
}

// points writes coordinates as SVG takes them.
func points(xy ...float64) string {
	var b strings.Builder
	for i := 0; i < len(xy); i += 2 {
		fmt.Fprintf(&b, "%.1f,%.1f ", xy[i], xy[i+1])
	}
	return strings.TrimSpace(b.String())
}
