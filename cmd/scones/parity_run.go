package main

import (
	"errors"
	"fmt"
	"iter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/infer/result"
)

// runParity compares what a checked command line names, and writes what came of it.
func runParity(c *cli.Context, o *parityOptions) error {
	local, meta, err := openLocal(c, o)
	if err != nil {
		return err
	}
	defer local.close()
	other, err := openOther(c, o, local)
	if err != nil {
		return err
	}
	defer other.close()
	meta.Other = other.says
	questions, total, err := parityQuestions(c, o, local, other)
	if err != nil {
		return err
	}
	rows, err := openParityFile(o, meta)
	if err != nil {
		return err
	}
	if rows != nil {
		defer rows.Close()
		questions = rows.Resume(questions)
	}
	sayCalls(c, o, other, total, rows)
	report, sample, err := compareSides(c, o, local, other, questions, total, rows)
	if err != nil {
		return parityStopped(c, o, rows, err)
	}
	report.Meta, report.Labels = *meta, local.Model.Labels
	if report.Result.Within < report.Result.Compared && !o.noCause {
		if report.Cause, err = findCause(c, o, local, sample); err != nil {
			return err
		}
	}
	if err := writeParity(c, o, report, sample); err != nil {
		return err
	}
	return parityVerdict(c, report)
}

// openParityFile opens --out; it is nil without one.
func openParityFile(o *parityOptions, meta *parity.Meta) (*parity.File, error) {
	if o.out == "" {
		return nil, nil
	}
	rows, err := parity.OpenFile(o.out, *meta, o.resume, o.overwrite)
	switch {
	case errors.Is(err, result.ErrUnfinished):
		return nil, &hintedError{err, "--resume goes on with it, --overwrite starts anew"}
	case errors.Is(err, result.ErrDiffers):
		return nil, &hintedError{err, startAnew}
	}
	return rows, err
}

// sayCalls says what the run will cost before it begins.
func sayCalls(c *cli.Context, o *parityOptions, other *otherSide, total int, rows *parity.File) {
	if !other.calls {
		return
	}
	kept := 0
	if rows != nil {
		kept = rows.Kept()
	}
	line := fmt.Sprintf("scones: %s to %s", counted(max(total-kept, 0), "call"), other.says)
	if o.rate > 0 {
		line += fmt.Sprintf(", at most %v a second", o.rate)
	}
	if kept > 0 {
		line += fmt.Sprintf("; %d answers are there already", kept)
	}
	fmt.Fprintln(c.App.ErrWriter, line)
}

// compareSides asks the questions.
func compareSides(c *cli.Context, o *parityOptions, local *localSide, other *otherSide, questions iter.Seq2[parity.Question, error], total int, rows *parity.File) (*parity.Report, *parity.Sample, error) {
	bar := newProgress(c.App.ErrWriter, "parity", int64(total), false)
	defer func() { _ = bar.Clear() }() // a bar that cannot be drawn is no reason to stop
	var summary parity.Summary
	sample := new(parity.Sample)
	report := &parity.Report{}
	for pair, err := range parity.Run(c.Context, questions, local.Classifier, other.classifier, parity.RunOptions{Concurrency: o.concurrencyFor(c, other), Rate: o.rate}) {
		if err != nil {
			return nil, nil, err
		}
		if rows != nil {
			if err := rows.Write(&pair); err != nil {
				return nil, nil, err
			}
		}
		summary.Add(&pair.Row)
		sample.Add(pair)
		report.AddFailure(&pair.Row)
		_ = bar.Add(1)
	}
	report.Result = summary.Result(o.tolerance)
	return report, sample, nil
}

// concurrencyFor is how many pictures are under way at once.
func (o *parityOptions) concurrencyFor(c *cli.Context, other *otherSide) int {
	switch {
	case o.concurrency > 0:
		return o.concurrency
	case other.calls:
		return 4
	}
	return coresFromFlags(c)
}

// parityStopped says how to go on after an error.
func parityStopped(c *cli.Context, o *parityOptions, rows *parity.File, cause error) error {
	if errors.Is(cause, result.ErrDiffers) {
		return &hintedError{cause, startAnew}
	}
	if rows != nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: what was answered is in %s; the same command with --resume goes on\n", o.out)
	}
	return cause
}

// parityVerdict is the exit code.
func parityVerdict(c *cli.Context, r *parity.Report) error {
	switch r.Result.Verdict {
	case parity.Pass:
		return nil
	case parity.Drift:
		fmt.Fprintf(c.App.ErrWriter, "scones: warning: drift: %s\n", r.Result.Reason)
		return nil
	case parity.Nothing:
		return &hintedError{errors.New("nothing was compared: " + r.Result.Reason), r.FirstFailure()}
	}
	return &gateError{"parity failed: " + r.Result.Reason}
}
