package bench

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Colours of the stages, told apart with every common kind of colour blindness (Okabe and Ito 2008).
var stageColours = []color.Color{
	color.RGBA{R: 0x99, G: 0x99, B: 0x99, A: 0xff},
	color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff},
	color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
}

var stageNames = []string{"read", "decode", "resize", "inference"}

// WritePlot draws a report as a PNG of 1200 × 600 pixels: on the left where a picture's time goes, a bar for each model stacked by
// stage; on the right the rate beside the limit.
func WritePlot(w io.Writer, r *Report) error {
	left, err := stagesPlot(r)
	if err != nil {
		return fmt.Errorf("draw the stages: %w", err)
	}
	right, err := ratesPlot(r)
	if err != nil {
		return fmt.Errorf("draw the rates: %w", err)
	}
	const width, height = 12 * vg.Inch, 6 * vg.Inch // at 100 dots an inch
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(100))
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: vg.Points(20), PadTop: vg.Points(10), PadBottom: vg.Points(10), PadLeft: vg.Points(10), PadRight: vg.Points(10)}
	for i, p := range []*plot.Plot{left, right} {
		p.Draw(tiles.At(draw.New(canvas), i, 0))
	}
	_, err = vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

func stagesPlot(r *Report) (*plot.Plot, error) {
	p := newPlot("Where the time of a picture goes", "ms of one core", r)
	width := vg.Points(90)
	var below *plotter.BarChart
	most := 0.0
	for i, name := range stageNames {
		values := make(plotter.Values, len(r.Models))
		for j := range r.Models {
			s := r.Models[j].Stages
			values[j] = []float64{s.Read, s.Decode, s.Resize, s.Inference}[i] / 1e3
			most = max(most, (s.Read+s.Decode+s.Resize+s.Inference)/1e3)
		}
		bars, err := plotter.NewBarChart(values, width)
		if err != nil {
			return nil, err
		}
		bars.Color, bars.LineStyle.Width = stageColours[i], 0
		if below != nil {
			bars.StackOn(below)
		}
		below = bars
		p.Add(bars)
		p.Legend.Add(fmt.Sprintf("%s %.0f %%", name, 100*r.Models[0].Stages.Shares()[i]), bars)
	}
	p.Y.Max = most * 1.45 // room for the legend
	return p, nil
}

func ratesPlot(r *Report) (*plot.Plot, error) {
	p := newPlot("Rate and limit", "pictures/s", r)
	rates, limits := make(plotter.Values, len(r.Models)), make(plotter.Values, len(r.Models))
	labels := plotter.XYLabels{}
	for i := range r.Models {
		m := &r.Models[i]
		rates[i], limits[i] = m.Rate, m.Limit
		labels.XYs = append(labels.XYs, plotter.XY{X: float64(i), Y: max(m.Rate, m.Limit)})
		labels.Labels = append(labels.Labels, fmt.Sprintf("%.0f %% of the limit", 100*m.Efficiency))
		p.Y.Max = max(p.Y.Max, 1.45*m.Rate, 1.45*m.Limit)
	}
	const width = 45
	for i, series := range []struct {
		name   string
		values plotter.Values
	}{{"rate", rates}, {"combined limit", limits}} {
		bars, err := plotter.NewBarChart(series.values, vg.Points(width))
		if err != nil {
			return nil, err
		}
		bars.Color, bars.LineStyle.Width = stageColours[3-3*i], 0
		bars.Offset = vg.Points((width/2 + 1) * float64(2*i-1))
		p.Add(bars)
		p.Legend.Add(series.name, bars)
	}
	text, err := plotter.NewLabels(labels)
	if err != nil {
		return nil, err
	}
	for i := range text.TextStyle {
		text.TextStyle[i].XAlign, text.TextStyle[i].YAlign = draw.XCenter, draw.YBottom
	}
	text.Offset.Y = vg.Points(4)
	p.Add(text)
	return p, nil
}

func newPlot(title, unit string, r *Report) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, unit
	p.Title.Padding = vg.Points(8)
	p.Y.Min = 0
	p.Legend.Top, p.Legend.Padding = true, vg.Points(3)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-6), vg.Points(-6)
	var names []string
	for i := range r.Models {
		names = append(names, shortName(r.Models[i].Model))
	}
	p.NominalX(names...)
	p.X.Min, p.X.Max = -0.7, float64(len(names))-0.3
	return p
}

// shortName keeps the end of a long path, which tells models apart.
func shortName(name string) string {
	const most = 28
	if runes := []rune(name); len(runes) > most {
		return "…" + string(runes[len(runes)-most+1:])
	}
	return name
}
