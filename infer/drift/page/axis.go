package page

import (
	"math"
	"strconv"
	"strings"

	"github.com/scones-unlimited/scones/infer/timeaxis"
)

// An axis maps values to one direction of a chart.
type axis struct {
	low, high float64 // values
	from, to  float64 // places
}

func (a axis) at(v float64) float64 {
	if a.high <= a.low {
		return (a.from + a.to) / 2
	}
	return a.from + (min(max(v, a.low), a.high)-a.low)/(a.high-a.low)*(a.to-a.from)
}

// A tick is a line with its number.
type tick struct {
	At     float64
	Text   string
	Anchor string // of the text, so that it stays within the chart
}

// anchored sets the anchors of a horizontal axis, whose chart ends a little beyond it.
func (a axis) anchored(list []tick) []tick {
	for i := range list {
		half := 3.5 * float64(len([]rune(list[i].Text))) // of a text of 13 units, about
		switch {
		case list[i].At+half > a.to+8:
			list[i].Anchor = "end"
		case list[i].At-half < a.from-8:
			list[i].Anchor = "start"
		default:
			list[i].Anchor = "middle"
		}
	}
	return list
}

// step is the round number of which about n fit into a range: 1, 2 or 5 of a power of ten.
func step(width float64, n int) float64 {
	if !(width > 0) {
		return 1
	}
	raw := width / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// ticks are about n round numbers on an axis.
func (a axis) ticks(n int) []tick {
	by := step(a.high-a.low, n)
	decimals := max(0, int(-math.Floor(math.Log10(by)+1e-9)))
	var list []tick
	for i := math.Ceil(a.low/by - 1e-9); i*by <= a.high+by*1e-9 && len(list) < 4*n; i++ {
		text := strconv.FormatFloat(i*by+0, 'f', decimals, 64) // + 0 takes the sign off −0
		if math.Abs(i*by) >= 100_000 {
			text = strconv.FormatFloat(i*by, 'g', 3, 64)
		}
		list = append(list, tick{At: a.at(i * by), Text: strings.Replace(text, "-", "−", 1)})
	}
	return list
}

// times are about n round times on an axis whose values are seconds since 1970.
func (a axis) times(n int) []tick {
	var list []tick
	for _, t := range timeaxis.Ticks(a.low, a.high, n) {
		list = append(list, tick{At: a.at(t.At), Text: t.Text})
	}
	return list
}
