package figure

import (
	"image/color"
	"math"
	"strconv"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/plotfile"
)

// numbered is the largest number of classes whose cells show their counts, named that of those whose names have room.
const (
	numbered = 20
	named    = 40
)

// confusion shows a row for each true class, the first on top; a cell is as dark as its share of the row.
func confusion(r *evaluate.Report) (*plot.Plot, error) {
	p := plotfile.New("What is taken for what?", "answer", "true class")
	n := len(r.Confusion)
	text := plotter.XYLabels{}
	var dark []bool
	var names, backwards []string
	for i, row := range r.Confusion {
		y := float64(n - 1 - i)
		names = append(names, short(r.Classes[i].Label, n))
		backwards = append([]string{names[i]}, backwards...)
		for j, count := range row {
			x, share := float64(j), 0.0
			if r.Classes[i].Pictures > 0 {
				share = float64(count) / float64(r.Classes[i].Pictures)
			}
			cell, err := plotter.NewPolygon(plotter.XYs{{X: x - 0.5, Y: y - 0.5}, {X: x + 0.5, Y: y - 0.5}, {X: x + 0.5, Y: y + 0.5}, {X: x - 0.5, Y: y + 0.5}})
			if err != nil {
				return nil, err
			}
			cell.Color, cell.LineStyle.Color, cell.LineStyle.Width = shade(share, i == j), paleBands, vg.Points(0.5)
			p.Add(cell)
			text.XYs = append(text.XYs, plotter.XY{X: x, Y: y})
			text.Labels = append(text.Labels, strconv.Itoa(count))
			dark = append(dark, share > 0.5)
		}
	}
	if n <= numbered {
		labels, err := plotter.NewLabels(text)
		if err != nil {
			return nil, err
		}
		for i := range labels.TextStyle {
			labels.TextStyle[i].Font.Variant = "Sans"
			labels.TextStyle[i].XAlign, labels.TextStyle[i].YAlign = draw.XCenter, draw.YCenter
			if dark[i] {
				labels.TextStyle[i].Color = color.White
			}
		}
		p.Add(labels)
	}
	if n <= named {
		p.NominalX(names...)
		p.NominalY(backwards...)
		if n > 4 {
			p.X.Tick.Label.Rotation = math.Pi / 2
			p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
		}
	} else {
		p.HideAxes()
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(n)-0.5, -0.5, float64(n)-0.5
	return p, nil
}

// shade is white for nothing, blue for right answers and orange for wrong ones.
func shade(share float64, right bool) color.Color {
	to := plotfile.Orange
	if right {
		to = plotfile.Blue
	}
	mix := func(c uint8) uint8 { return uint8(255 - math.Sqrt(share)*(255-float64(c)) + 0.5) }
	return color.RGBA{R: mix(to.R), G: mix(to.G), B: mix(to.B), A: 0xff}
}

// short keeps names within their axis.
func short(label string, classes int) string {
	most := 18
	if classes > 12 {
		most = 12
	}
	if utf8.RuneCountInString(label) > most {
		return string([]rune(label)[:most-1]) + "…"
	}
	return label
}
