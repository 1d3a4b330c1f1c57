package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/result"
)

// judge compares a window with a baseline at the level that the command line asks for. The record of runs is locked meanwhile: two runs
// are two looks.
func (o *monitorRunOptions) judge(base *drift.Baseline, window *drift.Sample) (*drift.Report, error) {
	switch {
	case o.once:
		o.run.Level = drift.Alone(o.alpha)
		return drift.Run(base, window, o.run)
	case o.every > 0:
		o.run.Level = drift.Every(o.alpha, o.every)
		return drift.Run(base, window, o.run)
	}
	const hint = "name a file that can be written with --state, or do without one by --every or --once"
	lock, err := result.Lock(o.state)
	if err != nil {
		return nil, &hintedError{fmt.Errorf("counting the runs: %w", err), hint}
	}
	defer func() { _ = result.Unlock(lock) }() // it ends with the process
	state, err := o.readState(base)
	if err != nil {
		return nil, err
	}
	digest := drift.Digest(window)
	o.run.Level = drift.Spend(o.alpha, state.Look(digest))
	report, err := drift.Run(base, window, o.run)
	if err != nil {
		return nil, err
	}
	state.Record(digest, report, time.Now())
	if err := writeFile(o.state, func(w io.Writer) error { return writeJSON(w, state) }); err != nil {
		return nil, &hintedError{fmt.Errorf("counting the runs: %w", err), hint}
	}
	return report, nil
}

// readState reads the record of runs against a baseline; a record of runs against another one is begun anew.
func (o *monitorRunOptions) readState(base *drift.Baseline) (*drift.State, error) {
	fresh := &drift.State{Version: drift.StateVersion, Baseline: drift.Digest(&base.Sample)}
	in, err := os.Open(o.state)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, fmt.Errorf("counting the runs: %w", err)
	}
	defer in.Close()
	state, err := drift.ReadState(in)
	if err != nil {
		return nil, &hintedError{fmt.Errorf("reading %q: %w", o.state, err), "take the file away to count from the beginning, with all of --alpha to spend again"}
	}
	if state.Baseline != fresh.Baseline {
		return fresh, nil
	}
	return state, nil
}
