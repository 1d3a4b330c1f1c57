package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// How many of a list a terminal gets; the JSON has them all.
const (
	shown       = 10
	shownDoubts = 20
)

// widest is the number of classes up to which a terminal gets the confusion matrix.
const widest = 10

// writeEvaluated prints a report as people read it: the doubts first.
func writeEvaluated(w io.Writer, r *evaluate.Report) error {
	fmt.Fprintf(w, "%s on %s, %s of %s\n", printable(r.Model), printable(r.Data), counted(r.Pictures, "picture"), plural(len(r.Classes), "class", "classes"))
	writeDoubts(w, &r.Doubts)
	writeFigures(w, r)
	writeThresholds(w, r)
	writeClasses(w, r)
	writeWrong(w, r)
	if r.Comparison != nil {
		writeComparison(w, r.Comparison)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", printable(note))
	}
	for _, g := range r.Gates {
		word := "not met"
		if g.Passed {
			word = "met"
		}
		fmt.Fprintf(w, "\ngate %s: %s\n", word, g.Text)
	}
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func writeDoubts(w io.Writer, d *evaluate.Doubts) {
	for _, doubt := range d.Doubts() {
		mark := "doubt"
		if doubt.Grave {
			mark = "DOUBT"
		}
		fmt.Fprintf(w, "\n%s: %s\n", mark, printable(doubt.Text))
		lines := d.Lines(doubt.Kind)
		for i, line := range lines {
			if i == shownDoubts {
				fmt.Fprintf(w, "  … and %d more\n", len(lines)-shownDoubts)
				break
			}
			fmt.Fprintf(w, "  %s\n", printable(line))
		}
	}
}

func writeFigures(w io.Writer, r *evaluate.Report) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	fmt.Fprintln(t)
	row("accuracy", "%s; always the most frequent class: %.4f", proportion(r.Accuracy), r.Frequent)
	if r.Clean != nil {
		row("without copies", "%s", proportion(*r.Clean))
	}
	if !r.Top5.Missing() {
		row("among the best 5", "%.4f", r.Top5)
	}
	row("mean of classes", "recall %s, precision %s, F1 %s", digits(r.Balanced), digits(r.Precision), digits(r.F1))
	row("area", "ROC %s, PR %s", digits(r.ROCArea), digits(r.PRArea))
	row("log loss", "%s", digits(r.LogLoss))
	row("Brier score", "%s", digits(r.Brier))
	for _, c := range []struct {
		name string
		of   *evaluate.Calibration
	}{{"ECE, equal mass", &r.EqualMass}, {"ECE, equal width", &r.EqualWidth}} {
		row(c.name, "%.4f (%s); scores that mean what they say show %.4f", c.of.ECE, between(c.of.Interval), c.of.Perfect)
	}
	t.Flush()
}

func proportion(p evaluate.Proportion) string {
	return fmt.Sprintf("%.4f (%d of %d, %s)", p.Value, p.Right, p.Pictures, between(p.Interval))
}

func between(i evaluate.Interval) string {
	return fmt.Sprintf("95 %% interval %.4f to %.4f", i.Low, i.High)
}

func digits(n evaluate.Number) string {
	if n.Missing() {
		return "-"
	}
	return fmt.Sprintf("%.4f", float64(n))
}

func writeThresholds(w io.Writer, r *evaluate.Report) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nthreshold\taccepted\tright of them\t95 % interval")
	row := func(p *evaluate.Point, why string) {
		fmt.Fprintf(t, "%v\t%.1f %% (%d)\t%s\t%.4f to %.4f\t%s\n", p.Threshold, 100*p.Coverage, p.Accepted, digits(p.Accuracy), p.Interval.Low, p.Interval.High, why)
	}
	row(&r.Threshold, "the filter's")
	p := r.Promise
	if p != nil && p.Found {
		row(p.Point, fmt.Sprintf("promised: %v or more with 95 %% confidence", p.Target))
	}
	t.Flush()
	if p != nil && !p.Found {
		fmt.Fprintf(w, "no threshold can be promised to reach %v with these %d pictures: %s\n", p.Target, r.Pictures, p.Reason)
		if p.Seen != nil {
			fmt.Fprintf(w, "(these very pictures reach it from %v on, %.1f %% of them; others need not)\n", p.Seen.Threshold, 100*p.Seen.Coverage)
		}
	}
}

func writeClasses(w io.Writer, r *evaluate.Report) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nclass\tpictures\tprecision\trecall\tF1\tROC area\tPR area")
	for _, c := range r.Classes {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", printable(c.Label), c.Pictures, digits(c.Precision), digits(c.Recall), digits(c.F1), digits(c.ROCArea), digits(c.PRArea))
	}
	t.Flush()
	if r.Confusion == nil || len(r.Classes) > widest {
		for i, m := range r.Mistakes {
			if i == shown {
				break
			}
			if i == 0 {
				fmt.Fprintln(w, "\nmost frequent mistakes")
			}
			fmt.Fprintf(w, "  %d %s taken for %s\n", m.Count, printable(m.Truth), printable(m.Predicted))
		}
		return
	}
	header := []string{"\nis \\ said"}
	for _, c := range r.Classes {
		header = append(header, printable(c.Label))
	}
	fmt.Fprintln(t, strings.Join(header, "\t"))
	for i, row := range r.Confusion {
		fmt.Fprint(t, printable(r.Classes[i].Label))
		for _, n := range row {
			fmt.Fprintf(t, "\t%d", n)
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

func writeWrong(w io.Writer, r *evaluate.Report) {
	for i, a := range r.Worst {
		if a.Right || i == shown {
			break
		}
		if i == 0 {
			fmt.Fprintln(w, "\nsurest mistakes")
		}
		fmt.Fprintf(w, "  %s: %s, the model says %s %.4f\n", printable(a.Picture), printable(a.Label), printable(a.Predicted), a.Score)
	}
}

func writeComparison(w io.Writer, c *evaluate.Comparison) {
	fmt.Fprintf(w, "\ncompared with %s on %s\n", printable(c.Model), counted(c.Pictures, "picture"))
	fmt.Fprintf(w, "  accuracy %.4f, there %.4f: difference %+.4f (%s), p = %.3g (McNemar, exact)\n", c.First.Value, c.Second.Value, c.Difference, between(c.Interval), c.P)
	for _, side := range []struct {
		what string
		list []evaluate.Change
	}{{"right there only", c.Gained}, {"right here only", c.Lost}} {
		fmt.Fprintf(w, "  %s: %d\n", side.what, len(side.list))
		for i, p := range side.list {
			if i == shown {
				fmt.Fprintf(w, "    … and %d more\n", len(side.list)-shown)
				break
			}
			fmt.Fprintf(w, "    %s: %s, here %s %.4f, there %s %.4f\n", printable(p.Picture), printable(p.Label), printable(p.First), p.FirstScore, printable(p.Second), p.SecondScore)
		}
	}
}
