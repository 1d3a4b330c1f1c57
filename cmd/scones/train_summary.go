package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/scones-unlimited/scones/aws/price"
	"github.com/scones-unlimited/scones/aws/train"
)

// summary says in one table what became of a job.
func (h *homecoming) summary(r *trainReport) error {
	w, s := h.c.App.Writer, r.Job
	if drawn := trainChart(&train.Curve{Epochs: r.Epochs}, terminalWidth(w)); drawn != "" {
		fmt.Fprintf(w, "\n%s", drawn)
	}
	if len(r.Epochs) > 0 {
		fmt.Fprintln(w)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	ended := fmt.Sprintf("%s, %s, trained for %v", s.Name, s.State, time.Duration(s.Trained)*time.Second)
	if r.PaidUSD != nil {
		ended += fmt.Sprintf(", $%.2f for %v", *r.PaidUSD, time.Duration(s.Billed)*time.Second)
	}
	if taken := interruptions(s); taken > 0 {
		ended += fmt.Sprintf(", %d times taken off a spot machine", taken)
	}
	fmt.Fprintf(table, "job\t%s\n", ended)
	if b := r.Best; b != nil {
		text := fmt.Sprintf("epoch %d of %d, validation accuracy %.4f", b.Number, len(r.Epochs), b.Validation)
		if b.Interval != nil {
			text += fmt.Sprintf(" (%d of %d, 95 %% interval %.4f to %.4f)", b.Right, b.Of, b.Interval.Low, b.Interval.High)
		}
		fmt.Fprintf(table, "best\t%s\n", text)
	}
	if r.Model != "" {
		fmt.Fprintf(table, "model\t%s\n", r.Model)
	}
	if r.Test != nil {
		text := fmt.Sprintf("%.4f (%d of %d, 95 %% interval %.4f to %.4f)", r.Test.Value, r.Test.Right, r.Test.Pictures, r.Test.Interval.Low, r.Test.Interval.High)
		if r.TestChose {
			text += "; flattered, these pictures chose the epoch"
		}
		fmt.Fprintf(table, "test\t%s\n", text)
	}
	if r.Curve != "" {
		fmt.Fprintf(table, "curve\t%s\n", r.Curve)
	}
	if r.Model != "" {
		fmt.Fprintf(table, "next\tscones deploy --artifact %s%s\n", s.Artifact, labelFlag(h.labels))
	}
	return table.Flush()
}

// interruptions counts how often AWS took a spot machine back.
func interruptions(s *train.Status) (n int) {
	for _, p := range s.Phases {
		if p.Name == "Interrupted" {
			n++
		}
	}
	return n
}

func labelFlag(labels []string) string {
	if labels == nil {
		return ""
	}
	return " --labels " + strings.Join(labels, ",")
}

// trainPaid is what a job cost; false where the price is not known.
func trainPaid(s *train.Status, region string) (float64, bool) {
	p := price.Hourly(region, "training "+s.Instance, float64(s.Instances))
	return p.Hourly * float64(s.Billed) / 3600, p.Unknown == "" && s.Billed > 0
}

// search stays with a search until it is over, and brings the best model home.
func (h *homecoming) search(name string) error {
	shown := map[string]bool{}
	w := h.c.App.Writer
	quiet := h.c.Bool("json")
	live := isTerminal(h.c.App.ErrWriter)
	found, err := h.service.FollowTuning(h.c.Context, name, h.c.Duration("poll"), func(s *train.Search) {
		if live {
			fmt.Fprint(h.c.App.ErrWriter, "\r\x1b[K")
		}
		for _, t := range s.Trials {
			if !t.State.Over() || shown[t.Job] {
				continue
			}
			if len(shown) == 0 && !quiet {
				fmt.Fprintf(w, "%-36s  %-10s  %10s  %s\n", "JOB", "STATE", "VALIDATION", "TUNED")
			}
			shown[t.Job] = true
			if !quiet {
				fmt.Fprintf(w, "%-36s  %-10s  %10s  %s\n", t.Job, t.State, accuracyText(t.Accuracy), tunedText(t))
			}
		}
		if live && !s.State.Over() {
			fmt.Fprintf(h.c.App.ErrWriter, "%d of %d jobs are over", len(shown), s.Jobs)
		}
	})
	if err != nil {
		if h.c.Context.Err() != nil {
			fmt.Fprintf(h.c.App.ErrWriter, "scones: %s goes on; %s\n", name, howToGoOn(name))
		}
		return err
	}
	if found.Best == "" {
		reason := found.Reason
		for _, t := range found.Trials {
			reason = cmp.Or(reason, t.Reason)
		}
		return &hintedError{fmt.Errorf("the search %s is over (%s) and no job of it succeeded: %s", name, found.State, cmp.Or(reason, "the service gives no reason")), train.Explain(reason)}
	}
	if !quiet {
		fmt.Fprintf(w, "\nthe best is %s\n\n", found.Best)
	}
	report, err := h.follow(found.Best)
	if err != nil {
		return err
	}
	report.Search = found
	return h.bring(report)
}

func accuracyText(accuracy float64) string {
	if accuracy < 0 {
		return ""
	}
	return fmt.Sprintf("%.4f", accuracy)
}

// tunedText lists what was tuned, or why it failed.
func tunedText(t train.Trial) string {
	var parts []string
	for _, p := range train.Parameters {
		if value, tuned := t.Settings[p.Name]; tuned {
			parts = append(parts, p.Name+"="+value)
		}
	}
	if t.Reason != "" {
		parts = append(parts, t.Reason)
	}
	return strings.Join(parts, " ")
}
