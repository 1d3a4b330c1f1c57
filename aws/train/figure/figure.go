// Package figure draws how a training went: accuracy on the training and the validation pictures, epoch by epoch. It keeps gonum/plot away
// from package train.
package figure

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
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

// Size of a figure, the margin in it, and the dots an inch of a PNG.
const (
	width  = 7 * vg.Inch
	height = 4.5 * vg.Inch
	margin = 12
	dots   = 160
)

// Colours that all common kinds of colour blindness tell apart (Okabe and Ito 2008).
var (
	blue     = color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	orange   = color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	paleBlue = color.RGBA{R: 0xcc, G: 0xe3, B: 0xf0, A: 0xff}
)

// Write draws the curve, 7 × 4.5 inches, as "png" or "svg".
func Write(w io.Writer, title string, points []Point, format string) error {
	p, err := curve(title, points)
	if err != nil {
		return fmt.Errorf("draw the curve: %w", err)
	}
	within := func(c draw.Canvas) draw.Canvas { return draw.Crop(c, margin, -margin, margin, -margin) }
	switch format {
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dots))
		p.Draw(within(draw.New(c)))
		_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	case "svg":
		c := vgsvg.New(width, height)
		p.Draw(within(draw.New(c)))
		_, err = c.WriteTo(w)
	default:
		err = fmt.Errorf("format %q: want png or svg", format)
	}
	return err
}

func curve(title string, points []Point) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "epoch", "accuracy"
	p.Title.Padding = vg.Points(8)
	p.Title.TextStyle.Font.Size = font.Points(13)
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
	}
	p.Legend.Top, p.Legend.Left = false, false
	p.Legend.Padding = vg.Points(3)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-6), vg.Points(6)
	var train, validation, low, band, best plotter.XYs
	floor := 1.0
	for _, at := range points {
		x := float64(at.Epoch)
		if at.Train >= 0 {
			train = append(train, plotter.XY{X: x, Y: at.Train})
			floor = min(floor, at.Train)
		}
		if at.Validation < 0 {
			continue
		}
		validation = append(validation, plotter.XY{X: x, Y: at.Validation})
		floor = min(floor, at.Validation)
		if at.High > 0 {
			low, band = append(low, plotter.XY{X: x, Y: at.Low}), append(band, plotter.XY{X: x, Y: at.High})
			floor = min(floor, at.Low)
		}
		if at.Best {
			best = plotter.XYs{{X: x, Y: at.Validation}}
		}
	}
	if len(band) > 1 {
		for i := len(low) - 1; i >= 0; i-- {
			band = append(band, low[i])
		}
		area, err := plotter.NewPolygon(band)
		if err != nil {
			return nil, err
		}
		area.Color, area.LineStyle.Width = paleBlue, 0
		p.Add(area)
	}
	p.Add(plotter.NewGrid())
	for _, l := range []struct {
		xys    plotter.XYs
		colour color.Color
		name   string
		dashes []vg.Length
	}{{train, orange, "training pictures", []vg.Length{vg.Points(4), vg.Points(3)}}, {validation, blue, "validation pictures, 95 % interval", nil}} {
		if len(l.xys) == 0 {
			continue
		}
		line, dot, err := plotter.NewLinePoints(l.xys)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width, line.Dashes = l.colour, vg.Points(1.5), l.dashes
		dot.Color, dot.Shape, dot.Radius = l.colour, draw.CircleGlyph{}, vg.Points(2)
		p.Add(line, dot)
		p.Legend.Add(l.name, line, dot)
	}
	if best != nil {
		kept, err := plotter.NewScatter(best)
		if err != nil {
			return nil, err
		}
		kept.Color, kept.Shape, kept.Radius = blue, draw.RingGlyph{}, vg.Points(6)
		p.Add(kept)
		p.Legend.Add(fmt.Sprintf("kept: epoch %.0f", best[0].X), kept)
	}
	p.Y.Min, p.Y.Max = max(0, float64(int(floor*20)-1)/20), 1
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
		if n == 1 && step == 1 || n%step == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
		}
	}
	return ticks
}
