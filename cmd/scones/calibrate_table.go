package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/scones-unlimited/scones/infer/calibrate"
	"github.com/scones-unlimited/scones/infer/evaluate"
)

// writeCalibrated prints a report as people read it.
func writeCalibrated(out io.Writer, r *calibrate.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "pictures\t%d of known class, %d folds", r.Pictures, r.Folds)
	if r.Unlabelled > 0 {
		fmt.Fprintf(w, "; %d without a class are left out", r.Unlabelled)
	}
	fmt.Fprintf(w, "\n\n")
	header := []string{"before"}
	columns := []*calibrate.Figures{&r.Before}
	for _, t := range r.Tried[1:] {
		if t.Figures != nil {
			header, columns = append(header, string(t.Method)), append(columns, t.Figures)
		}
	}
	figureRow(w, "", len(header), func(i int) string { return header[i] })
	for _, row := range []struct {
		name string
		of   func(*calibrate.Figures) string
	}{
		{"log loss", func(f *calibrate.Figures) string { return fmt.Sprintf("%.4f", f.LogLoss) }},
		{"ECE", func(f *calibrate.Figures) string { return fmt.Sprintf("%.4f", f.ECE) }},
		{"ECE, equal mass", func(f *calibrate.Figures) string { return fmt.Sprintf("%.4f", f.MassECE) }},
		{"accuracy", func(f *calibrate.Figures) string { return sharePercent(evaluate.Number(f.Accuracy)) }},
		{fmt.Sprintf("score ≥ %v", r.Threshold), func(f *calibrate.Figures) string { return sharePercent(evaluate.Number(f.Share)) }},
		{"of these right", func(f *calibrate.Figures) string { return sharePercent(f.Right) }},
	} {
		figureRow(w, row.name, len(columns), func(i int) string { return row.of(columns[i]) })
	}
	fmt.Fprintln(w)
	for _, t := range r.Tried[1:] {
		if t.Figures == nil {
			fmt.Fprintf(w, "%s\tnot tried: %s\n", t.Method, printable(t.Reason))
		}
	}
	switch {
	case !r.Passed:
		fmt.Fprintf(w, "verdict\tleft as it is: %s\n", joined(r.Problems))
	case r.Method == calibrate.ByTemperature:
		fmt.Fprintf(w, "temperature\t%.4f (95 %% interval %.4f to %.4f)\n", r.Scaling.Temperature, r.Interval.Low, r.Interval.High)
	default:
		fmt.Fprintf(w, "vector\ta weight and a bias for each of %d classes\n", len(r.Scaling.Weights))
	}
	if r.Passed {
		fmt.Fprintf(w, "log loss\tfalls by %.4f (95 %% interval %.4f to %.4f)\n", r.Gain, r.GainInterval.Low, r.GainInterval.High)
		fmt.Fprintf(w, "checked\tthe new file's scores are within %.0e of the scaled logits\n", r.LargestError)
	}
	return w.Flush()
}

func figureRow(w io.Writer, name string, n int, cell func(int) string) {
	fmt.Fprint(w, name)
	for i := range n {
		fmt.Fprintf(w, "\t%s", cell(i))
	}
	fmt.Fprintln(w)
}

func sharePercent(v evaluate.Number) string {
	if v.Missing() {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(v))
}
