// Package plotfile sets and writes the figures of reports: one look, PNG and SVG, by gonum/plot, which it keeps away from the reports.
package plotfile

import (
	"bytes"
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

// Formats that figures are written in.
var Formats = []string{"png", "svg"}

// Side of a square figure, the margin in it, and the dots an inch of a PNG.
const (
	Side   = 5 * vg.Inch
	margin = 12
	dots   = 160
)

// Colours that all common kinds of colour blindness tell apart (Okabe and Ito 2008).
var (
	Blue     = color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	Orange   = color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	Green    = color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}
	Grey     = color.RGBA{R: 0x88, G: 0x88, B: 0x88, A: 0xff}
	PaleBlue = color.RGBA{R: 0xcc, G: 0xe3, B: 0xf0, A: 0xff}
)

// New makes a plot with the names of its axes.
func New(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = vg.Points(8)
	p.Title.TextStyle.Font.Size = font.Points(13)
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
	}
	p.Legend.Padding = vg.Points(3)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-6), vg.Points(6)
	return p
}

// Line joins points.
func Line(xys plotter.XYs, c color.Color, dashed bool) (*plotter.Line, error) {
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

// Scatter draws points as discs.
func Scatter(xys plotter.XYs, c color.Color) (*plotter.Scatter, error) {
	s, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	s.Color, s.Shape, s.Radius = c, draw.CircleGlyph{}, vg.Points(3)
	return s, nil
}

// Write writes a plot of this size as "png" or "svg".
func Write(w io.Writer, p *plot.Plot, width, height vg.Length, format string) (err error) {
	switch format {
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dots))
		p.Draw(within(draw.New(c)))
		_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	case "svg":
		c := vgsvg.New(width, height)
		p.Draw(within(draw.New(c)))
		var out bytes.Buffer
		if _, err = c.WriteTo(&out); err == nil {
			// The text was set in Liberation Sans, which has Arial's widths; where neither is, any will do.
			_, err = w.Write(bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")))
		}
	default:
		err = fmt.Errorf("format %q: want one of %v", format, Formats)
	}
	return err
}

func within(c draw.Canvas) draw.Canvas { return draw.Crop(c, margin, -margin, margin, -margin) }
