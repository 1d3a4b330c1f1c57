package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
)

// Geometry of the wide charts, in their own units; the page scales them.
const (
	wideWidth  = 960
	wideHeight = 280
	wideLeft   = 46
	wideRight  = 948
	wideTop    = 12
	wideBottom = 238
)

// A timeline is confidence over time, with what happened on it.
type timeline struct {
	X, Y     []tick
	Good     string // path of the points at or above the threshold
	Below    string // of those below: crosses
	Failed   string // of failed requests: marks on the axis
	Mean     string // polyline of the running median
	Limit    float64
	HasLimit bool
	Limits   string
	Changes  []mark
	Counts   [3]int // of good, below, failed
	Ordered  bool   // by number, because times are not known
	Text     string // for those who do not see it
}

// A mark is an event on the axis.
type mark struct {
	X    float64
	Text string
}

func newTimeline(r *drift.Report) *timeline {
	if len(r.Timeline) == 0 {
		return nil
	}
	moments := slices.Clone(r.Timeline)
	t := &timeline{}
	for _, m := range moments {
		t.Ordered = t.Ordered || m.Time.IsZero()
	}
	at := func(m *drift.Moment) float64 {
		if t.Ordered {
			return float64(m.Index)
		}
		return float64(m.Time.UnixMilli()) / 1000
	}
	slices.SortStableFunc(moments, func(a, b drift.Moment) int { return cmp.Compare(at(&a), at(&b)) })
	low, least := at(&moments[0]), 1.0
	high := at(&moments[len(moments)-1])
	limit := math.NaN()
	for i := range moments {
		if c := float64(moments[i].Confidence); c < least {
			least = c
		}
	}
	if r.Threshold > 0 {
		limit = r.Threshold
		least = min(least, limit)
	}
	x := axis{low, high, wideLeft + 8, wideRight - 8}
	y := axis{max(0, math.Floor((least-0.02)*20)/20), 1, wideBottom - 4, wideTop + 6}
	if t.Ordered {
		t.X = x.anchored(x.ticks(8))
	} else {
		t.X = x.anchored(x.times(6))
	}
	t.Y = y.ticks(5)
	var good, below, failed strings.Builder
	var places, values []float64
	for i := range moments {
		m := &moments[i]
		px := x.at(at(m))
		switch {
		case m.Error != "" || m.Confidence.Missing():
			t.Counts[2]++
			fmt.Fprintf(&failed, "M%.1f %dv8", px, wideBottom-4)
			continue
		case m.Below:
			t.Counts[1]++
			fmt.Fprintf(&below, "M%.1f %.1fl5 5m-5 0l5-5", px-2.5, y.at(float64(m.Confidence))-2.5)
		default:
			t.Counts[0]++
			fmt.Fprintf(&good, "M%.1f %.1fh0", px, y.at(float64(m.Confidence)))
		}
		places, values = append(places, px), append(values, y.at(float64(m.Confidence)))
	}
	t.Good, t.Below, t.Failed = good.String(), below.String(), failed.String()
	t.Mean = runningMedian(places, values)
	if !math.IsNaN(limit) {
		t.HasLimit, t.Limit, t.Limits = true, y.at(limit), fmt.Sprintf("threshold %v", limit)
	}
	t.changes(r, x)
	t.Text = fmt.Sprintf("Confidence of %d answers in order of time: %d at or above the threshold, %d below, %d without an answer", len(moments), t.Counts[0], t.Counts[1], t.Counts[2])
	return t
}

// changes marks where a series went to another level.
func (t *timeline) changes(r *drift.Report, x axis) {
	for _, c := range r.Operation.Changes[:min(len(r.Operation.Changes), maxLines)] {
		v := float64(c.Index)
		if !t.Ordered {
			if c.At.IsZero() {
				continue
			}
			v = float64(c.At.UnixMilli()) / 1000
		}
		t.Changes = append(t.Changes, mark{x.at(v), printable(c.Text)})
	}
}

// runningMedian joins the medians of about forty pieces of the axis.
func runningMedian(places, values []float64) string {
	const pieces = 40
	n := len(places)
	if n < 20 {
		return ""
	}
	size := max(5, (n+pieces-1)/pieces)
	var points []string
	for begin := 0; begin+size/2 < n; begin += size {
		end := min(begin+size, n)
		sorted := slices.Sorted(slices.Values(values[begin:end]))
		points = append(points, fmt.Sprintf("%.1f,%.1f", places[(begin+end-1)/2], sorted[len(sorted)/2]))
	}
	return strings.Join(points, " ")
}

// rates are requests over time.
type rates struct {
	X, Y  []tick
	Bars  []bar
	Step  string
	Text  string
	Count int
}

// A bar is a slot of time; Height is that of all rows, Bad of those below the threshold or failed.
type bar struct {
	X, Width, Y, Height, BadY, BadHeight float64
	Title                                string
}

func newRates(o *drift.Served) *rates {
	if len(o.Slots) < 2 {
		return nil
	}
	most, total := 0, 0
	for _, s := range o.Slots {
		most, total = max(most, s.Rows), total+s.Rows
	}
	first, last := o.Slots[0].From, o.Slots[len(o.Slots)-1].From.Add(o.Step)
	x := axis{float64(first.Unix()), float64(last.Unix()), wideLeft, wideRight}
	y := axis{0, 1.08 * float64(max(most, 1)), wideBottom, wideTop}
	r := &rates{X: x.anchored(x.times(6)), Y: y.ticks(4), Step: length(o.Step), Count: total}
	for _, s := range o.Slots {
		if s.Rows == 0 {
			continue
		}
		left, right := x.at(float64(s.From.Unix())), x.at(float64(s.From.Add(o.Step).Unix()))
		bad := s.Errors + s.Below
		b := bar{X: left + 0.5, Width: max(right-left-1, 0.8), Y: y.at(float64(s.Rows)), BadY: y.at(float64(bad))}
		b.Height, b.BadHeight = wideBottom-b.Y, wideBottom-b.BadY
		b.Title = fmt.Sprintf("%s: %d requests, %d below the threshold, %d failed", s.From.UTC().Format(time.DateTime), s.Rows, s.Below, s.Errors)
		r.Bars = append(r.Bars, b)
	}
	r.Text = fmt.Sprintf("Requests in steps of %s from %s to %s, at most %d in one", r.Step, when(first), when(last), most)
	return r
}
