package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/scones-unlimited/scones/infer/drift"
)

// A watchView shows the last check: on a terminal as a screen that is drawn anew, elsewhere as a line for each check.
type watchView struct {
	w      io.Writer
	screen bool
	width  int
	colour bool
	checks int
}

func newWatchView(w io.Writer) *watchView {
	return &watchView{w: w, screen: isTerminal(w), width: min(terminalWidth(w), 120), colour: isTerminal(w) && os.Getenv("NO_COLOR") == ""}
}

// show draws a check; err says why the last one could not be made, and r is the latest that could.
func (v *watchView) show(r *drift.Report, err error, at, next time.Time) error {
	v.checks++
	if !v.screen {
		line := at.UTC().Format(time.RFC3339) + " "
		switch {
		case err != nil:
			line += "no check: " + printable(err.Error())
		case r == nil:
			line += "no rows yet"
		default:
			line += fmt.Sprintf("n=%d %s", r.Window.Rows, printable(r.Sentence))
		}
		_, err := fmt.Fprintln(v.w, line)
		return err
	}
	var b strings.Builder
	b.WriteString("\x1b[H\x1b[2J") // the cursor to the corner, the screen empty
	if r != nil {
		v.report(&b, r)
	} else {
		b.WriteString("Waiting for the first rows.\n")
	}
	if err != nil {
		fmt.Fprintf(&b, "\n%s\n", v.fit("the last check could not be made: "+err.Error()))
	}
	fmt.Fprintf(&b, "\n%s\n", v.fit(fmt.Sprintf("check %d at %s, the next at %s; Ctrl-C ends", v.checks, at.Format(time.TimeOnly), next.Format(time.TimeOnly))))
	_, err = io.WriteString(v.w, b.String())
	return err
}

// Codes of a terminal's colours; words and marks say the same.
const (
	bold   = "\x1b[1m"
	yellow = "\x1b[1;33m"
	green  = "\x1b[1;32m"
	reset  = "\x1b[0m"
)

func (v *watchView) report(b *strings.Builder, r *drift.Report) {
	mark, colour := "?", bold
	switch r.Verdict {
	case drift.Quiet:
		mark, colour = "✓", green
	case drift.Drift:
		mark, colour = "▲", yellow
	}
	title := v.fit(mark + " " + r.Sentence)
	if v.colour {
		title = colour + title + reset
	}
	fmt.Fprintln(b, title)
	for _, reason := range r.Reasons[:min(len(r.Reasons), 5)] {
		fmt.Fprintln(b, v.fit("  "+reason))
	}
	fmt.Fprintln(b)
	fmt.Fprintln(b, v.fit(sideLine("window", &r.Window)))
	fmt.Fprintln(b, v.fit(sideLine("baseline", &r.Baseline)))
	if line := sparkline(r.Timeline, v.width-22); line != "" {
		fmt.Fprintf(b, "\nconfidence  0.5 to 1  %s\n", line)
	}
	if below := r.Operation.Below; below != nil {
		fmt.Fprintln(b, v.fit(fmt.Sprintf("below %-5.4g %4.1f %% of the answers (%.1f to %.1f %%)", r.Threshold, 100*below.Value, 100*below.Interval.Low, 100*below.Interval.High)))
	}
	if l := r.Operation.Latency; l.N > 0 {
		fmt.Fprintln(b, v.fit(fmt.Sprintf("latency     median %.1f ms, 95 %% %.1f ms, 99 %% %.1f ms", float64(l.Median), float64(l.P95), float64(r.Operation.P99))))
	}
	for _, c := range r.Columns {
		if c.Name != drift.LabelColumn {
			continue
		}
		for _, s := range c.Shares[:min(len(c.Shares), 6)] {
			fmt.Fprintln(b, v.fit(fmt.Sprintf("%-16s %5.1f %%, %5.1f %% in the baseline", short16(s.Value), percentOf(s.Window, c.Window.N), percentOf(s.Baseline, c.Baseline.N))))
		}
	}
	var causes []string
	for cause := range r.Window.Skipped {
		causes = append(causes, cause)
	}
	slices.SortFunc(causes, func(a, b string) int { return cmp.Or(r.Window.Skipped[b]-r.Window.Skipped[a], cmp.Compare(a, b)) })
	for _, cause := range causes[:min(len(causes), 5)] {
		fmt.Fprintln(b, v.fit(fmt.Sprintf("not read    %d, %s", r.Window.Skipped[cause], cause)))
	}
}

func percentOf(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

func short16(text string) string {
	if runes := []rune(printable(text)); len(runes) > 16 {
		return "…" + string(runes[len(runes)-15:])
	}
	return printable(text)
}

// fit cuts a line to the screen.
func (v *watchView) fit(text string) string {
	text = printable(text)
	if utf8.RuneCountInString(text) <= v.width {
		return text
	}
	return string([]rune(text)[:v.width-1]) + "…"
}

// sparkline is the mean confidence of as many pieces of the timeline as there are columns, from 0.5 to 1 in eight steps; a piece without an
// answer is a space.
func sparkline(moments []drift.Moment, columns int) string {
	if len(moments) == 0 || columns < 1 {
		return ""
	}
	sorted := slices.Clone(moments)
	slices.SortStableFunc(sorted, func(a, b drift.Moment) int { return a.Time.Compare(b.Time) })
	n := min(columns, len(sorted))
	var b strings.Builder
	for i := range n {
		sum, count := 0.0, 0
		for _, m := range sorted[i*len(sorted)/n : (i+1)*len(sorted)/n] {
			if !m.Confidence.Missing() {
				sum, count = sum+float64(m.Confidence), count+1
			}
		}
		if count == 0 {
			b.WriteByte(' ')
			continue
		}
		step := int((sum/float64(count) - 0.5) * 16)
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(max(step, 0), 7)])
	}
	return b.String()
}
