package parity

import (
	"fmt"
	"slices"
)

// ReportVersion is the version of [Report] that this package writes.
const ReportVersion = 1

// A Report is everything that a run came to.
type Report struct {
	Meta
	// Labels in class order.
	Labels []string `json:"labels"`
	Result *Result  `json:"result"`
	// Cause says why the answers differ; nil where they agree, or where nobody looked.
	Cause *Cause `json:"cause,omitempty"`
	// Worst are the pictures that differ most, largest difference first.
	Worst []Row `json:"worst,omitempty"`
	// Failures are the first pictures that one side, or neither, could answer for.
	Failures []Row `json:"failures,omitempty"`
}

// What a report shows of the rows.
const (
	MostWorst    = 20
	mostFailures = 20
)

// AddFailure keeps a row that was not compared, up to a number.
func (r *Report) AddFailure(row *Row) {
	if !row.Compared() && len(r.Failures) < mostFailures {
		r.Failures = append(r.Failures, *row)
	}
}

// Fill sets what does not come from rows as they pass.
func (r *Report) Fill(sample *Sample) {
	r.Version = ReportVersion
	for _, p := range sample.Worst(MostWorst) {
		if p.Row.MaxDelta > r.Result.Tolerance {
			r.Worst = append(r.Worst, p.Row)
		}
	}
	r.Worst = slices.Clip(r.Worst)
}

// FirstFailure says in a sentence what the first picture without an answer lacked; empty when there is none.
func (r *Report) FirstFailure() string {
	for _, row := range r.Failures {
		failure, side := row.LocalError, "the local side"
		if failure == nil {
			failure, side = row.RemoteError, "the other side"
		} else if row.RemoteError != nil {
			side = "the record"
		}
		return fmt.Sprintf("%s: %s: %s", row.Name, side, failure.Text)
	}
	return ""
}
