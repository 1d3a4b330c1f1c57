package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
)

// A Guarantee says over what the false-alarm rate is promised.
type Guarantee string

// The guarantees.
const (
	// Year divides the rate evenly among the runs of a year, 200 at least: [drift.Every].
	Year Guarantee = "year"
	// Ever spends it over all runs against a baseline, the first ones most: [drift.Spend].
	Ever Guarantee = "ever"
)

// level of a look. Look 0 tests nothing, so that its level does not matter.
func (c *Config) level(look int) drift.Level {
	if c.Guarantee == Ever {
		level := drift.Spend(c.Alpha, max(look, 1))
		level.Look = look
		return level
	}
	level := drift.Every(c.Alpha, c.Every)
	level.Look = look
	return level
}

// A Sequence is all runs against one baseline: the only thing that a monitor remembers. Its file is also one of [drift.ReadState].
type Sequence struct {
	drift.State
	// Said is the verdict that people were told last: drift or quiet, empty before the first drift.
	Said drift.Verdict `json:"said,omitempty"`
	// Runs are the last [MaxRuns], in the order in which they came to their end.
	Runs []Outcome `json:"runs"`
}

// MaxRuns is how many runs a sequence remembers one by one.
const MaxRuns = 1000

// find is the last run of a window, nil where there is none.
func (s *Sequence) find(from, to time.Time) *Outcome {
	for i := len(s.Runs) - 1; i >= 0; i-- {
		if o := &s.Runs[i]; o.From.Equal(from) && o.To.Equal(to) {
			return o
		}
	}
	return nil
}

// ParseSequence reads a sequence's file. Errors are [*Error].
func ParseSequence(data []byte) (*Sequence, error) {
	state, err := drift.ReadState(bytes.NewReader(data))
	if err != nil {
		return nil, fail(SequenceInvalid, err)
	}
	s := &Sequence{}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fail(SequenceInvalid, err)
	}
	s.State = *state
	return s, nil
}

// maxSequence bounds the file, in bytes.
const maxSequence = 4 << 20

// A tracked sequence is one in the store, as it was read last.
type tracked struct {
	Sequence
	store    Store
	uri      string
	baseline string
	version  string
}

// read gets what is in the store; nothing there is a new sequence.
func (t *tracked) read(ctx context.Context) error {
	data, version, err := t.store.Get(ctx, t.uri, maxSequence)
	if errors.Is(err, ErrNotFound) {
		t.Sequence = Sequence{State: drift.State{Version: drift.StateVersion, Baseline: t.baseline, Looks: []drift.Look{}}, Runs: []Outcome{}}
		t.version = NoVersion
		return nil
	}
	if err != nil {
		return failf(StoreUnavailable, "read %s: %w", t.uri, err)
	}
	s, err := ParseSequence(data)
	if err != nil {
		return failf(SequenceInvalid, "read %s: %w", t.uri, err)
	}
	if s.Baseline != t.baseline {
		return failf(SequenceInvalid, "read %s: it is of the baseline %.12s, this one is %.12s", t.uri, s.Baseline, t.baseline)
	}
	t.Sequence, t.version = *s, version
	return nil
}

// tries of a write that others come before.
const tries = 10

// update changes the sequence in the store, so that no change of another run is lost: where one was there first, the change is made again
// on what that one left. Change must come to the same where it was made already, for of a write only the answer may be lost.
func (t *tracked) update(ctx context.Context, change func(*Sequence)) error {
	for i := range tries {
		change(&t.Sequence)
		t.Runs = t.Runs[max(0, len(t.Runs)-MaxRuns):]
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(&t.Sequence); err != nil {
			return failf(SequenceInvalid, "write %s: %w", t.uri, err)
		}
		err := t.store.Put(ctx, t.uri, b.Bytes(), PutOptions{ContentType: "application/json", Version: t.version})
		if err != nil && !errors.Is(err, ErrConflict) {
			return failf(StoreUnavailable, "write %s: %w", t.uri, err)
		}
		conflict := err != nil
		if conflict {
			pause := time.NewTimer(rand.N(10 * time.Millisecond << i))
			select {
			case <-pause.C:
			case <-ctx.Done():
				pause.Stop()
				return fail(SequenceBusy, ctx.Err())
			}
		}
		if err := t.read(ctx); err != nil || !conflict {
			return err
		}
	}
	return failf(SequenceBusy, "write %s: others were before at each of %d tries", t.uri, tries)
}

// claim gives rows their number before anything is tested: no other rows get it, and the same rows always the same.
func (t *tracked) claim(ctx context.Context, c *Config, rows string, n int, at time.Time) (look int, err error) {
	err = t.update(ctx, func(s *Sequence) {
		look = s.Look(rows)
		for _, l := range s.Looks {
			if l.Window == rows {
				return
			}
		}
		s.Record(rows, &drift.Report{Level: c.level(look), Window: drift.Side{Rows: n}}, at)
	})
	return look, err
}

// finish enters what a run came to.
func (t *tracked) finish(ctx context.Context, rows string, report *drift.Report, o *Outcome, at time.Time) error {
	return t.update(ctx, func(s *Sequence) {
		if o.Look > 0 {
			s.Record(rows, report, at)
		}
		if o.Told {
			s.Said = o.Verdict
		}
		if last := s.find(o.From, o.To); last != nil && last.Look == o.Look {
			*last = *o
			return
		}
		s.Runs = append(s.Runs, *o)
	})
}

// notes say what a reader should know about a run's place in the sequence.
func (c *Config) notes(look int) []string {
	if look == 0 {
		return []string{"nothing could be tested, so that this run counts as no look"}
	}
	if runs := int(c.Alpha/c.level(1).Run + 0.5); c.Guarantee == Year && look > runs {
		return []string{fmt.Sprintf("this is look %d against this baseline: the error rate was promised for %d, and counts anew since; a new baseline would be better", look, runs)}
	}
	return nil
}
