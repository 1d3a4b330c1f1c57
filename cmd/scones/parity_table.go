package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// writeParity prints the report and writes the page.
func writeParity(c *cli.Context, o *parityOptions, r *parity.Report, sample *parity.Sample) error {
	r.Fill(sample)
	if o.html != "" {
		page, err := r.HTML(sample, o.limits)
		if err == nil {
			err = atomicfile.Write(o.html, page)
		}
		if err != nil {
			return fmt.Errorf("write %q: %w", o.html, err)
		}
	}
	if o.json {
		return writeJSON(c.App.Writer, r)
	}
	return writeParityTable(c.App.Writer, r)
}

func writeParityTable(w io.Writer, r *parity.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	res := r.Result
	row("local", "%s on %s, %s", printable(r.Local), r.Device, r.Runtime)
	row("other", "%s", printable(r.Other))
	row("pictures", "%d, %d compared", res.Pictures, res.Compared)
	for _, f := range []struct {
		what   string
		counts map[string]int
	}{{"local only fails", res.LocalErrors}, {"other only fails", res.RemoteErrors}, {"neither answers", res.Unusable}} {
		if len(f.counts) > 0 {
			row(f.what, "%s", codeCounts(f.counts))
		}
	}
	if d := res.Delta; d != nil {
		row("largest |Δp|", "median %.2g, 90 %% %.2g, 99 %% %.2g, max %.2g", d.P50, d.P90, d.P99, d.Max)
		row("within tolerance", "%d of %d within %v", res.Within, res.Compared, res.Tolerance)
		row("changed labels", "%d of %d (95 %%: %s to %s)%s", res.Flips, res.Compared, percent(res.FlipRate.Low), percent(res.FlipRate.High), nearTies(res))
	}
	latencyRow(row, "local latency", res.LocalMS)
	latencyRow(row, "other latency", res.RemoteMS)
	row("verdict", "%s: %s", res.Verdict, res.Reason)
	if err := t.Flush(); err != nil {
		return err
	}
	if r.Cause != nil {
		fmt.Fprintf(w, "\nCause (on %s): %s\n", counted(r.Cause.Sample, "picture"), printable(r.Cause.Text))
	}
	return writeWorst(w, r)
}

func nearTies(res *parity.Result) string {
	if res.Flips == 0 {
		return ""
	}
	return fmt.Sprintf(", %d near ties", res.NearTies)
}

func latencyRow(row func(string, string, ...any), name string, q *parity.Quantiles) {
	if q != nil {
		row(name, "median %.1f ms, 90 %% %.1f ms, 99 %% %.1f ms, max %.1f ms", q.P50, q.P90, q.P99, q.Max)
	}
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func codeCounts(counts map[string]int) string {
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[code], code))
	}
	return strings.Join(parts, ", ")
}

// shownPairs is how many pictures a terminal is shown.
const shownPairs = 5

// writeWorst lists the pictures that differ most, when the verdict asks for it, and the first that failed.
func writeWorst(w io.Writer, r *parity.Report) error {
	if r.Result.Verdict == parity.Pass {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.Worst) > 0 {
		fmt.Fprint(t, "\nLARGEST DIFFERENCES\tLOCAL\tOTHER\t|Δp|\tLABEL\n")
		for _, row := range r.Worst[:min(shownPairs, len(r.Worst))] {
			label := "same"
			if row.Flip {
				label = "changed"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%.4f\t%s\n", printable(row.Name), scoresText(row.Local), scoresText(row.Remote), row.MaxDelta, label)
		}
	}
	if len(r.Failures) > 0 {
		fmt.Fprint(t, "\nNOT COMPARED\tSIDE\tWHY\n")
		for _, row := range r.Failures[:min(shownPairs, len(r.Failures))] {
			side, failure := "local", row.LocalError
			switch {
			case failure == nil:
				side, failure = "other", row.RemoteError
			case row.RemoteError != nil:
				side = "both"
			}
			fmt.Fprintf(t, "%s\t%s\t%s: %s\n", printable(row.Name), side, failure.Code, printable(failure.Text))
		}
	}
	return t.Flush()
}

// scoresText shows the first probabilities.
func scoresText(scores []float32) string {
	const most = 3
	var parts []string
	for _, s := range scores[:min(most, len(scores))] {
		parts = append(parts, fmt.Sprintf("%.4f", s))
	}
	if len(scores) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}
