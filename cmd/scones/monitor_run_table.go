package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor"
)

// shownCarriers rows, with shownReasons each, and shownTests tests are printed; the JSON has them all.
const (
	shownReasons  = 2
	shownCarriers = 8
	shownTests    = 12
)

// writeMonitorRun prints a report as people read it: the verdict first.
func writeMonitorRun(w io.Writer, r *drift.Report) error {
	fmt.Fprintf(w, "%s\n", printable(r.Sentence))
	for _, reason := range r.Reasons {
		fmt.Fprintf(w, "  %s\n", printable(reason))
	}
	fmt.Fprintf(w, "\n%s\n%s\n", sideLine("window", &r.Window), sideLine("baseline", &r.Baseline))
	fmt.Fprintf(w, "level     %.3g: %s\n", r.Level.Run, r.Level.Guarantee)
	writeTests(w, r)
	writeCarriers(w, r)
	writeAccuracy(w, r)
	writeServed(w, r)
	if r.Violations != nil {
		fmt.Fprintf(w, "\nModel Monitor's constraints: %s (they do not know how many rows there are)\n", plural(len(r.Violations), "violation", "violations"))
		for _, v := range r.Violations {
			fmt.Fprintf(w, "  %s  %s  %s\n", printable(v.Feature), printable(v.Check), printable(v.Description))
		}
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", printable(note))
	}
	return nil
}

func sideLine(name string, s *drift.Side) string {
	text := fmt.Sprintf("%-9s %s of %s", name, counted(s.Rows, "row"), printable(s.Source))
	if !s.From.IsZero() {
		text += fmt.Sprintf(", %s to %s", s.From.UTC().Format(time.RFC3339), s.To.UTC().Format(time.RFC3339))
	}
	if s.Failed > 0 {
		text += fmt.Sprintf(", %d failed", s.Failed)
	}
	return text
}

// writeTests prints a line for each column with its clearest test, and the distances that do not know n.
func writeTests(w io.Writer, r *drift.Report) {
	if len(r.Tests) == 0 {
		return
	}
	columns := map[string]*drift.Compared{}
	for i := range r.Columns {
		columns[r.Columns[i].Name] = &r.Columns[i]
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COLUMN\tTEST\tP\tADJUSTED\tEFFECT\tSEES\t\tSIMPLE*\tROBUST*\tPSI*")
	seen := map[string]bool{}
	printed := 0
	for i := range r.Tests {
		test := &r.Tests[i]
		c := columns[test.Column]
		if seen[test.Column] || c == nil || test.Weight == 0 {
			continue
		}
		seen[test.Column] = true
		if printed++; printed > shownTests && !test.Drift {
			continue
		}
		word := ""
		switch {
		case test.Drift:
			word = "drift"
		case test.Significant:
			word = "small"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(test.Column), test.Method, chance(test.P), chance(test.Adjusted),
			inSD(test.Effect.Size), inSD(test.Detectable), word, twoDigits(c.Simple), twoDigits(c.Robust), twoDigits(c.PSI))
	}
	t.Flush()
	if more := len(seen) - shownTests; more > 0 && printed > shownTests {
		fmt.Fprintf(w, "… and %d more without drift\n", more)
	}
	fmt.Fprintln(w, "EFFECT and what the test SEES with 80 % at these numbers of rows, in sd.  * does not know how many rows there are")
}

func chance(p drift.Number) string {
	switch {
	case p.Missing():
		return "-"
	case p < 0.001:
		return fmt.Sprintf("%.1g", float64(p))
	}
	return fmt.Sprintf("%.3f", float64(p))
}

func inSD(d drift.Number) string {
	if d.Missing() {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(d))
}

func twoDigits(d drift.Number) string { return inSD(d) }

func writeCarriers(w io.Writer, r *drift.Report) {
	if len(r.Carriers) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CARRIES\tROW\tWHY")
	for i := range r.Carriers[:min(shownCarriers, len(r.Carriers))] {
		c := &r.Carriers[i]
		where := monitor.ParsePlace(c.Row.Picture).Short()
		if where == "" {
			where = c.Row.EventID
		}
		if where == "" {
			where = fmt.Sprintf("row %d", c.Index+1)
		}
		fmt.Fprintf(t, "%.1f %%\t%s\t%s\n", 100*c.Share, printable(ending(where)), printable(reasons(c.Why)))
	}
	t.Flush()
}

// shownPlace is how much of a place is printed; places differ at their end.
const shownPlace = 40

func ending(place string) string {
	if runes := []rune(place); len(runes) > shownPlace {
		return "…" + string(runes[len(runes)-shownPlace+1:])
	}
	return place
}

// reasons are the first of them: who wants all has the JSON.
func reasons(why []string) string {
	if len(why) > shownReasons {
		return fmt.Sprintf("%s; and %d more", strings.Join(why[:shownReasons], "; "), len(why)-shownReasons)
	}
	return strings.Join(why, "; ")
}

func writeAccuracy(w io.Writer, r *drift.Report) {
	if r.Expected == nil && r.Quality == nil {
		return
	}
	fmt.Fprintln(w)
	if e := r.Expected; e != nil {
		fmt.Fprintf(w, "expected: %s\n", e.Text)
		if !e.Baseline.Missing() {
			fmt.Fprintf(w, "baseline: %.1f %% were right\n", 100*float64(e.Baseline))
		}
	}
	if q := r.Quality; q != nil {
		fmt.Fprintf(w, "measured: accuracy %s; calibration error %.4f\n", proportion(q.Accuracy), q.EqualMass.ECE)
	}
}

func writeServed(w io.Writer, r *drift.Report) {
	o := &r.Operation
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	fmt.Fprintln(t)
	if !o.PerHour.Missing() {
		row("rate", "%.4g an hour", float64(o.PerHour))
	}
	if len(o.Gaps) > 0 {
		g := o.Gaps[0]
		row("longest gap", "%s from %s", g.To.Sub(g.From).Round(time.Second), g.From.UTC().Format(time.RFC3339))
	}
	if o.Latency.N > 0 {
		row("latency", "median %.4g ms, 95 %% %.4g ms, 99 %% %.4g ms", float64(o.Latency.Median), float64(o.Latency.P95), float64(o.P99))
	}
	row("errors", "%s", proportion(o.Errors))
	if o.Below != nil {
		row("below threshold", "%s", proportion(*o.Below))
	}
	for _, c := range o.Changes {
		row("change", "%s", printable(c.Text))
	}
	t.Flush()
}
