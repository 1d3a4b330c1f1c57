// Package figure draws an [evaluate.Report] for papers and slides: PNG and SVG by gonum/plot, which it keeps away from package evaluate.
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// A Kind is one of the figures.
type Kind string

// The figures.
const (
	Reliability Kind = "reliability" // score against accuracy, equal-mass bins
	Coverage    Kind = "coverage"    // accuracy against the share that is accepted
	Confusion   Kind = "confusion"   // true class against answer; only with a matrix in the report
)

// Kinds that a report has.
func Kinds(r *evaluate.Report) []Kind {
	kinds := []Kind{Reliability, Coverage}
	if r.Confusion != nil {
		kinds = append(kinds, Confusion)
	}
	return kinds
}

// Formats that figures are written in.
var Formats = []string{"png", "svg"}

// Size of a figure: its side, the margin in it, and the dots an inch of a PNG.
const (
	side   = 5 * vg.Inch
	margin = 12
	dots   = 160
)

// Colours that all common kinds of colour blindness tell apart (Okabe and Ito 2008).
var (
	blue      = color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	orange    = color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	green     = color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}
	grey      = color.RGBA{R: 0x88, G: 0x88, B: 0x88, A: 0xff}
	paleBlue  = color.RGBA{R: 0xcc, G: 0xe3, B: 0xf0, A: 0xff}
	paleBands = color.RGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}
)

// Write draws one figure, 5 inches square, as "png" or "svg".
func Write(w io.Writer, r *evaluate.Report, kind Kind, format string) error {
	make := map[Kind]func(*evaluate.Report) (*plot.Plot, error){Reliability: reliability, Coverage: coverage, Confusion: confusion}[kind]
	if make == nil {
		return fmt.Errorf("draw %q: there is no such figure", kind)
	}
	p, err := make(r)
	if err != nil {
		return fmt.Errorf("draw %q: %w", kind, err)
	}
	switch format {
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(side, side), vgimg.UseDPI(dots))
		p.Draw(within(draw.New(c)))
		_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	case "svg":
		c := vgsvg.New(side, side)
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

func newPlot(title, x, y string) *plot.Plot {
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
