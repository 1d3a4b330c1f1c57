// Package graph draws state machines as people know them from the Step Functions console: boxes from the top down, arrows for what
// follows, dashed ones for what is caught, and colours by what a run did. It needs no Graphviz.
package graph

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"

	weight "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// A Format is what a picture is written as.
type Format string

// The formats.
const (
	SVG Format = "svg"
	PNG Format = "png" // 144 pixels an inch
)

// FormatOf returns the format that a file's extension stands for.
func FormatOf(name string) (Format, error) {
	switch format := Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")); format {
	case SVG, PNG:
		return format, nil
	}
	return "", fmt.Errorf("cannot tell the format of %q by its extension: .svg or .png", name)
}

// maxStates bounds a picture: a PNG of more would be larger than what viewers open.
const maxStates = 500

// Write draws a machine. Events, when there are any, colour the states by what that run did.
func Write(w io.Writer, format Format, m *asl.Machine, events []asl.Event) error {
	n := 0
	for range m.All() {
		n++
	}
	if n > maxStates {
		return fmt.Errorf("the machine has %d states, at most %d are drawn", n, maxStates)
	}
	p := newPlan(m, Outcomes(events), true)
	width, height := vg.Length(p.w), vg.Length(p.h)
	var target interface {
		vg.CanvasSizer
		io.WriterTo
	}
	if format == SVG {
		target = vgsvg.New(width, height)
	} else {
		target = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144))}
	}
	d := &drawer{draw.New(target), p.h}
	d.fill(rectangle(0, 0, p.w, p.h, 0), color.White)
	d.plan(p)
	if _, err := target.WriteTo(w); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}

// A style is how an outcome looks. The outline and the words tell outcomes apart without colours too.
type style struct {
	fill, line color.RGBA
	word       string
}

var styles = map[Outcome]style{
	Idle:      {color.RGBA{0xf7, 0xf8, 0xf9, 255}, color.RGBA{0x8d, 0x99, 0xa8, 255}, ""},
	Succeeded: {color.RGBA{0xdc, 0xf3, 0xe2, 255}, color.RGBA{0x1d, 0x8a, 0x3c, 255}, "succeeded"},
	Running:   {color.RGBA{0xdd, 0xec, 0xfb, 255}, color.RGBA{0x12, 0x67, 0xb8, 255}, "running"},
	Caught:    {color.RGBA{0xfd, 0xee, 0xd3, 255}, color.RGBA{0xc2, 0x74, 0x0c, 255}, "caught error"},
	Failed:    {color.RGBA{0xfb, 0xdd, 0xdb, 255}, color.RGBA{0xc6, 0x23, 0x1a, 255}, "failed"},
}

var (
	ink   = color.RGBA{0x1b, 0x26, 0x35, 255}
	quiet = color.RGBA{0x54, 0x62, 0x74, 255}
	wire  = color.RGBA{0x6f, 0x7d, 0x8f, 255}
)

// A drawer draws on a canvas whose y runs upwards.
type drawer struct {
	draw.Canvas
	height float64
}

func (d *drawer) at(p point) vg.Point {
	return vg.Point{X: vg.Length(p.x), Y: vg.Length(d.height - p.y)}
}

func (d *drawer) plan(p *plan) {
	for _, a := range p.arrows {
		d.arrow(a)
	}
	for _, b := range p.boxes {
		if b.x != 0 || b.y != 0 { // else nothing leads to it
			d.box(b)
		}
	}
	for _, a := range p.arrows {
		if a.label == "" || len(a.points) == 0 {
			continue
		}
		w := smallWidth*float64(len([]rune(a.label))) + 6
		d.fill(d.flipped(rectangle(a.at.x-w/2, a.at.y-labelHeight/2, w, labelHeight, 4)), color.White)
		d.text(a.label, a.at, 8, quiet, false)
	}
}

func (d *drawer) box(b *box) {
	s := styles[b.outcome]
	if b.marker != "" {
		fill := s.fill
		if b.outcome == Idle {
			fill = color.RGBA{255, 255, 255, 255}
		}
		d.outlined(d.flipped(rectangle(b.x-markerRadius, b.y-markerRadius, 2*markerRadius, 2*markerRadius, markerRadius)), fill, s.line, 1.2, false)
		d.text(b.marker, point{b.x, b.y}, 9, ink, false)
		return
	}
	shape := rectangle(b.x-b.w/2, b.y-b.h/2, b.w, b.h, 7)
	if len(b.inner) > 0 {
		d.outlined(d.flipped(shape), color.RGBA{0xfc, 0xfc, 0xfd, 255}, s.line, 1.4, true)
		d.text(b.state.Name, point{b.x, b.y - b.h/2 + 13}, 10.5, ink, true)
		d.text(words(b), point{b.x, b.y - b.h/2 + 26}, 8, quiet, false)
		for _, inner := range b.inner {
			d.plan(inner)
		}
		return
	}
	d.outlined(d.flipped(shape), s.fill, s.line, 1.4, false)
	d.text(b.state.Name, point{b.x, b.y - 7}, 10.5, ink, true)
	d.text(words(b), point{b.x, b.y + 10}, 8, quiet, false)
}

func words(b *box) string {
	text := kindOf(b.state)
	if word := styles[b.outcome].word; word != "" {
		text += " · " + word
	}
	return text
}

// arrow draws a curve through the arrow's points, upright at each, and a head at its end.
func (d *drawer) arrow(a *arrow) {
	if len(a.points) < 2 {
		return
	}
	line := color.Color(wire)
	d.SetColor(line)
	d.SetLineWidth(vg.Points(1.2))
	if a.caught {
		d.SetLineDash([]vg.Length{4, 3}, 0)
	}
	last := len(a.points) - 1
	tip := a.points[last]
	before := a.points[last-1]
	direction := math.Copysign(1, tip.y-before.y)
	end := point{tip.x, tip.y - direction*6}
	var path vg.Path
	path.Move(d.at(a.points[0]))
	for i := 1; i <= last; i++ {
		from, to := a.points[i-1], a.points[i]
		if i == last {
			to = end
		}
		middle := (from.y + to.y) / 2
		path.CubeTo(d.at(point{from.x, middle}), d.at(point{to.x, middle}), d.at(to))
	}
	d.Stroke(path)
	d.SetLineDash(nil, 0)
	var head vg.Path
	head.Move(d.at(tip))
	head.Line(d.at(point{tip.x - 4, tip.y - direction*7}))
	head.Line(d.at(point{tip.x + 4, tip.y - direction*7}))
	head.Close()
	d.fill(head, line)
}

func (d *drawer) text(s string, at point, size float64, c color.Color, bold bool) {
	face := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	if bold {
		face.Weight = weight.WeightBold
	}
	d.FillText(draw.TextStyle{Color: c, Font: face, XAlign: draw.XCenter, YAlign: draw.YCenter, Handler: plot.DefaultTextHandler}, d.at(at), s)
}

func (d *drawer) fill(path vg.Path, c color.Color) {
	d.SetColor(c)
	d.Fill(path)
}

func (d *drawer) outlined(path vg.Path, fill, line color.RGBA, width float64, dashed bool) {
	d.fill(path, fill)
	d.SetColor(line)
	d.SetLineWidth(vg.Points(width))
	if dashed {
		d.SetLineDash([]vg.Length{6, 3}, 0)
	}
	d.Stroke(path)
	d.SetLineDash(nil, 0)
}

// flipped turns a path from the plan's coordinates to the canvas's.
func (d *drawer) flipped(path vg.Path) vg.Path {
	for i := range path {
		path[i].Pos.Y = vg.Length(d.height) - path[i].Pos.Y
		for j := range path[i].Control {
			path[i].Control[j].Y = vg.Length(d.height) - path[i].Control[j].Y
		}
	}
	return path
}

// rectangle is a rectangle with round corners, drawn as curves so that it can be flipped.
func rectangle(x, y, w, h, r float64) vg.Path {
	const k = 0.5523 // of a quarter circle by a cubic curve
	at := func(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }
	var p vg.Path
	p.Move(at(x+r, y))
	p.Line(at(x+w-r, y))
	p.CubeTo(at(x+w-r+k*r, y), at(x+w, y+r-k*r), at(x+w, y+r))
	p.Line(at(x+w, y+h-r))
	p.CubeTo(at(x+w, y+h-r+k*r), at(x+w-r+k*r, y+h), at(x+w-r, y+h))
	p.Line(at(x+r, y+h))
	p.CubeTo(at(x+r-k*r, y+h), at(x, y+h-r+k*r), at(x, y+h-r))
	p.Line(at(x, y+r))
	p.CubeTo(at(x, y+r-k*r), at(x+r-k*r, y), at(x+r, y))
	p.Close()
	return p
}
