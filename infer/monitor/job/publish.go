package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
)

// A Topic tells people.
type Topic interface {
	Publish(ctx context.Context, subject, message string) error
}

// oldestDatum is how far back CloudWatch takes data: it refuses what is older than two weeks.
const oldestDatum = 14 * 24 * time.Hour

// publish puts the metrics, and tells people where the verdict is not what they were told last. Neither keeps the other from being done.
func (r *run) publish(ctx context.Context, report *drift.Report, o *Outcome) error {
	if r.silent {
		return nil
	}
	var faults []error
	if r.Metrics != nil {
		// Alarms look at what is new, so that the verdict has the time of the run; dashboards show it where the answers were given.
		if err := r.Metrics.Put(ctx, drift.MetricsNamespace, own(report, r.c.Endpoint, r.c.Name, r.now().UTC().Truncate(time.Second))); err != nil {
			faults = append(faults, failf(MetricsUnavailable, "put metrics: %w", err))
		}
		spellings := r.c.Spellings
		if r.now().Sub(r.to) > oldestDatum {
			spellings = nil
		}
		for _, s := range spellings {
			if data := theirs(report, s.dimensions(r.c.Endpoint, r.c.Name), r.to, r.c.Robust); len(data) > 0 {
				if err := r.Metrics.Put(ctx, s.Namespace(), data); err != nil {
					faults = append(faults, failf(MetricsUnavailable, "put metrics: %w", err))
				}
			}
		}
	}
	if r.Topic != nil && news(r.sequence.Said, report.Verdict) {
		subject, message := r.message(report, o)
		if err := r.Topic.Publish(ctx, subject, message); err != nil {
			faults = append(faults, failf(TopicUnavailable, "publish the verdict: %w", err))
		} else {
			o.Told = true
		}
	}
	if len(faults) == 1 {
		return faults[0]
	}
	return errors.Join(faults...)
}

// news tells whether a verdict is other than what was said last. What cannot be said changes nothing, and quiet is news after drift alone.
func news(said, verdict drift.Verdict) bool {
	return verdict == drift.Drift && said != drift.Drift || verdict == drift.Quiet && said == drift.Drift
}

// maxSubject is what SNS takes, in characters of ASCII.
const maxSubject = 100

// message says the verdict as people read it.
func (r *run) message(report *drift.Report, o *Outcome) (subject, message string) {
	subject = fmt.Sprintf("%s: %s", r.c.Name, report.Verdict)
	if report.Verdict == drift.Quiet {
		subject += " again"
	}
	subject = subject[:min(len(subject), maxSubject)]
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", report.Sentence)
	for i, reason := range report.Reasons {
		if i == 5 {
			fmt.Fprintf(&b, "- and %d more\n", len(report.Reasons)-i)
			break
		}
		fmt.Fprintf(&b, "- %s\n", reason)
	}
	fmt.Fprintf(&b, "\nanswers of %s, %s to %s UTC\nreport: %sreport.html\n", r.c.Endpoint, o.From.Format("2006-01-02 15:04"), o.To.Format("2006-01-02 15:04"), o.Report)
	if o.Look > 0 {
		fmt.Fprintf(&b, "%s\n", report.Level.Guarantee)
	}
	return subject, b.String()
}
