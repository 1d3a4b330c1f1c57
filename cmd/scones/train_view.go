package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/guptarohit/asciigraph"

	"github.com/scones-unlimited/scones/aws/train"
	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/plotfile/learningcurve"
)

// A trainView shows a job while it runs: a row an epoch as it ends, and on a terminal a line that tells the rest.
type trainView struct {
	out, err io.Writer
	live     bool
	quiet    bool // no rows, for --json
	region   string
	pictures int // of validation; 0 where they were not counted

	shown  int // rows
	phases int
	lineOn bool
}

// report shows what is new.
func (v *trainView) report(s *train.Status, curve *train.Curve) {
	v.clear()
	if v.live {
		for ; v.phases < len(s.Phases); v.phases++ {
			p := s.Phases[v.phases]
			fmt.Fprintf(v.err, "%s  %-12s %s\n", p.Start.Local().Format(time.TimeOnly), p.Name, p.Message)
			if p.Name == "Interrupted" {
				fmt.Fprintln(v.err, "          AWS took the spot machine back; the job begins again by itself when there is another, at its last checkpoint if it has one")
			}
		}
	}
	done := curve.Done()
	if len(done) < v.shown {
		v.shown = 0 // it began again
	}
	for !s.State.Over() && v.shown < len(done)-1 || s.State.Over() && v.shown < len(done) { // the last one's validation may still come
		v.row(done[v.shown], s)
		v.shown++
	}
	if v.live && !s.State.Over() {
		v.lineOn = true
		fmt.Fprintf(v.err, "\r\x1b[K%s", v.line(s, curve))
	}
}

func (v *trainView) clear() {
	if v.lineOn {
		fmt.Fprint(v.err, "\r\x1b[K")
		v.lineOn = false
	}
}

// row prints an epoch.
func (v *trainView) row(e train.Epoch, s *train.Status) {
	if v.quiet {
		return
	}
	if e.Number == 1 || v.shown == 0 {
		fmt.Fprintf(v.out, "%5s  %8s  %-24s  %-16s  %10s  %7s\n", "EPOCH", "TRAIN", "VALIDATION", "95 %", "PICTURES/S", "SECONDS")
	}
	accuracy, interval := "", ""
	if e.Validation >= 0 {
		accuracy = fmt.Sprintf("%.4f", e.Validation)
		if i, count, ok := v.interval(e, s); ok {
			accuracy += fmt.Sprintf(" (%d of %d)", count.Right, count.Of)
			interval = fmt.Sprintf("%.4f to %.4f", i.Low, i.High)
		}
	}
	line := fmt.Sprintf("%5d  %8.4f  %-24s  %-16s  %10s  %7s", e.Number, e.Train, accuracy, interval, logFigure(e.Speed), logFigure(e.Seconds))
	fmt.Fprintln(v.out, strings.TrimRight(line, " "))
}

// logFigure writes a figure of the log; nothing when it is not there.
func logFigure(n float64) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", n)
}

// interval is what the validation pictures of an epoch allow to say of all pictures. It is of different ones alone.
func (v *trainView) interval(e train.Epoch, s *train.Status) (evaluate.Interval, train.Count, bool) {
	count, ok := train.Counted(e.Validation, v.pictures, s.Settings.Int("mini_batch_size"))
	if !ok {
		return evaluate.Interval{}, count, false
	}
	return evaluate.Wilson(count.Different()), count, true
}

// line is the state of a running job: where it is, how long it will take, and what it cost so far.
func (v *trainView) line(s *train.Status, curve *train.Curve) string {
	parts := []string{s.Phase().Name}
	epochs := s.Settings.Int("epochs")
	if done := curve.Done(); len(done) > 0 {
		parts = append(parts, fmt.Sprintf("epoch %d of %d", len(done), epochs))
		if seconds := meanSeconds(done); seconds > 0 && epochs > len(done) {
			left := time.Duration(float64(epochs-len(done))*seconds) * time.Second
			parts = append(parts, fmt.Sprintf("about %v left", left.Round(time.Second)))
		}
		if best := curve.Best(); best != nil {
			parts = append(parts, fmt.Sprintf("best %.4f in epoch %d", best.Validation, best.Number))
		}
	}
	if paid := paidText(s, v.region); paid != "" {
		parts = append(parts, paid)
	}
	return strings.Join(parts, ", ")
}

func meanSeconds(done []train.Epoch) float64 {
	sum, n := 0.0, 0
	for _, e := range done {
		if e.Seconds >= 0 {
			sum, n = sum+e.Seconds, n+1
		}
	}
	return sum / max(float64(n), 1)
}

// paidText is what a job cost so far, where the price is known.
func paidText(s *train.Status, region string) string {
	usd, known := trainPaid(s, region)
	if !known {
		return ""
	}
	return fmt.Sprintf("$%.2f", usd)
}

// trainChart draws the curve for a terminal; nothing for fewer than two epochs.
func trainChart(curve *train.Curve, columns int) string {
	var training, validation []float64
	for _, e := range curve.Done() {
		training = append(training, e.Train)
		if e.Validation >= 0 {
			validation = append(validation, e.Validation)
		}
	}
	if len(training) < 2 || len(validation) != len(training) {
		return ""
	}
	const rows, labels = 10, 12
	return asciigraph.PlotMany([][]float64{training, validation},
		asciigraph.Height(rows), asciigraph.Width(max(20, min(columns-labels, 72))), asciigraph.Precision(3),
		asciigraph.SeriesChars(asciigraph.CreateCharSet("·"), asciigraph.DefaultCharSet),
		asciigraph.Caption("accuracy by epoch: training ·, validation ─")) + "\n"
}

// points are the curve as the picture draws it.
func (v *trainView) points(s *train.Status, curve *train.Curve) []learningcurve.Point {
	var points []learningcurve.Point
	best := curve.Best()
	for i, e := range curve.Done() {
		p := learningcurve.Point{Epoch: e.Number, Train: e.Train, Validation: e.Validation, Best: best == &curve.Epochs[i]}
		if interval, _, ok := v.interval(e, s); ok {
			p.Low, p.High = interval.Low, interval.High
		}
		points = append(points, p)
	}
	return points
}
