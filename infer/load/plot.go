package load

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Colours of the kinds, told apart with every common kind of colour blindness (Okabe and Ito 2008).
var kindColours = map[Kind]color.Color{
	Succeeded:      color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
	BelowThreshold: color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	Failed:         color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
}

var kindNames = map[Kind]string{Succeeded: "succeeded", BelowThreshold: "below the threshold", Failed: "failed"}

var grey = color.RGBA{R: 0x77, G: 0x77, B: 0x77, A: 0xff}

// bins is how many pieces a load's time is cut into.
const bins = 60

// FormatOf returns the format of a plot's file by its name: png or svg.
func FormatOf(name string) (string, error) {
	switch extension := strings.ToLower(filepath.Ext(name)); extension {
	case ".png", ".svg":
		return extension[1:], nil
	}
	return "", fmt.Errorf("plot %q: its name must end in .png or .svg", name)
}

// WritePlot draws a report in a format of [FormatOf]: above what began and what became of it, per second; below how long each took, on a
// scale of powers of ten, with the median and the 99th percentile of the time around.
func WritePlot(w io.Writer, format string, r *Report) error {
	above, err := ratesPlot(r)
	if err != nil {
		return fmt.Errorf("draw the rates: %w", err)
	}
	below, err := latencyPlot(r)
	if err != nil {
		return fmt.Errorf("draw the latencies: %w", err)
	}
	const width, height = 10 * vg.Inch, 7 * vg.Inch
	var canvas interface {
		vg.CanvasWriterTo
		vg.CanvasSizer
	}
	if format == "svg" {
		canvas = vgsvg.New(width, height)
	} else {
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(120))}
	}
	plots := [][]*plot.Plot{{above}, {below}}
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadY: vg.Points(14), PadTop: vg.Points(8), PadBottom: vg.Points(8), PadLeft: vg.Points(8), PadRight: vg.Points(14)}
	for row, at := range plot.Align(plots, tiles, draw.New(canvas)) {
		plots[row][0].Draw(at[0])
	}
	_, err = canvas.WriteTo(w)
	return err
}

func newPlot(title, unit string, r *Report) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "seconds", unit
	p.Title.Padding = vg.Points(6)
	p.X.Min, p.X.Max, p.Y.Min = 0, r.Seconds, 0
	p.Legend.Top, p.Legend.Padding = true, vg.Points(2)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-4), vg.Points(-2)
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Color = 0, color.Gray{Y: 0xe0}
	p.Add(grid)
	return p
}

func ratesPlot(r *Report) (*plot.Plot, error) {
	p := newPlot(r.Target, "executions/s, by when they were due", r)
	n := min(bins, max(r.Planned/4, 1))
	wide := r.Seconds / float64(n)
	counts := map[Kind][]float64{Succeeded: make([]float64, n), BelowThreshold: make([]float64, n), Failed: make([]float64, n)}
	for _, s := range r.Samples {
		counts[s.Kind][min(int(s.Due/wide), n-1)] += 1 / wide
	}
	base := make([]float64, n)
	for _, kind := range []Kind{Succeeded, BelowThreshold, Failed} {
		var area plotter.XYs
		total := 0.0
		for i := range n { // along the top and back along the bottom
			top := base[i] + counts[kind][i]
			total += counts[kind][i]
			area = append(area, plotter.XY{X: float64(i) * wide, Y: top}, plotter.XY{X: float64(i+1) * wide, Y: top})
		}
		for i := n - 1; i >= 0; i-- {
			area = append(area, plotter.XY{X: float64(i+1) * wide, Y: base[i]}, plotter.XY{X: float64(i) * wide, Y: base[i]})
		}
		for i := range n {
			base[i] += counts[kind][i]
			p.Y.Max = max(p.Y.Max, base[i])
		}
		if total == 0 {
			continue
		}
		shape, err := plotter.NewPolygon(area)
		if err != nil {
			return nil, err
		}
		shape.Color, shape.LineStyle.Width = kindColours[kind], 0
		p.Add(shape)
		p.Legend.Add(fmt.Sprintf("%s %d", kindNames[kind], []int{r.Succeeded, r.BelowThreshold, r.Failed}[kind]), shape)
	}
	asked, err := plotter.NewLine(plotter.XYs{{X: 0, Y: r.Rate.From}, {X: r.Seconds, Y: r.Rate.To}})
	if err != nil {
		return nil, err
	}
	asked.Color, asked.Width, asked.Dashes = color.Black, vg.Points(1.2), []vg.Length{vg.Points(5), vg.Points(3)}
	p.Add(asked)
	p.Legend.Add("asked for "+r.Rate.String(), asked)
	if left := r.Refused + r.Unsent + r.NotDue; left > 0 {
		p.Legend.Add(fmt.Sprintf("not run: %d", left))
	}
	p.Y.Max = max(p.Y.Max, r.Rate.From, r.Rate.To) * 1.5 // room for the legend
	return p, nil
}

// least is the shortest latency that the plot shows, in milliseconds: a scale of powers has no zero.
const least = 0.01

func latencyPlot(r *Report) (*plot.Plot, error) {
	p := newPlot("", "ms from due to ended", r)
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, powers{}
	p.Y.Min, p.Y.Max = 1, 10
	points := map[Kind]plotter.XYs{}
	around := make([][]float64, min(bins, max(len(r.Samples)/20, 1)))
	wide := r.Seconds / float64(len(around))
	for i, s := range r.Samples {
		y := max(s.Latency, least)
		if i == 0 {
			p.Y.Min, p.Y.Max = y, y
		}
		p.Y.Min, p.Y.Max = min(p.Y.Min, y), max(p.Y.Max, y)
		points[s.Kind] = append(points[s.Kind], plotter.XY{X: s.Due, Y: y})
		bin := min(int(s.Due/wide), len(around)-1)
		around[bin] = append(around[bin], y)
	}
	p.Y.Min, p.Y.Max = math.Pow(10, math.Floor(math.Log10(p.Y.Min))), math.Pow(10, math.Ceil(math.Log10(p.Y.Max*1.01)))
	for _, kind := range []Kind{Succeeded, BelowThreshold, Failed} {
		if len(points[kind]) == 0 {
			continue
		}
		scatter, err := plotter.NewScatter(points[kind])
		if err != nil {
			return nil, err
		}
		scatter.GlyphStyle = draw.GlyphStyle{Color: kindColours[kind], Radius: vg.Points(1.6), Shape: draw.CircleGlyph{}}
		p.Add(scatter)
	}
	for _, line := range []struct {
		percent int
		style   draw.LineStyle
	}{{99, draw.LineStyle{Color: grey, Width: vg.Points(1.5)}}, {50, draw.LineStyle{Color: color.Black, Width: vg.Points(1.5)}}} {
		var at plotter.XYs
		for i, values := range around {
			if len(values) > 0 {
				QuantilesOf(values) // sorts them
				at = append(at, plotter.XY{X: (float64(i) + 0.5) * wide, Y: Quantile(values, line.percent)})
			}
		}
		if len(at) < 2 {
			continue
		}
		drawn, err := plotter.NewLine(at)
		if err != nil {
			return nil, err
		}
		drawn.LineStyle = line.style
		p.Add(drawn)
		whole := map[int]float64{50: r.Latency.P50, 99: r.Latency.P99}[line.percent]
		p.Legend.Add(fmt.Sprintf("p%d, of all %.4g ms", line.percent, whole), drawn)
	}
	return p, nil
}

// powers marks a scale at the powers of ten.
type powers struct{}

// Ticks are the powers of ten from min to max, with marks between them.
func (powers) Ticks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for power := math.Pow(10, math.Floor(math.Log10(least))); power <= most*1.001; power *= 10 {
		ticks = append(ticks, plot.Tick{Value: power, Label: fmt.Sprintf("%.4g", power)})
		for i := 2; i < 10; i++ {
			if at := power * float64(i); at <= most {
				ticks = append(ticks, plot.Tick{Value: at})
			}
		}
	}
	return ticks
}
