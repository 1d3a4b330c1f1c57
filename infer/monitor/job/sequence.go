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

// level of a look.
func (g Guarantee) level(c *Config, look int) drift.Level {
	look = max(look, 1) // without a test the level does not matter
	if g == Ever {
		return drift.Spend(c.Alpha, look)
	}
	level := drift.Every(c.Alpha, c.Every)
	level.Look = look
	return level
}

// SequenceVersion is the version of the sequence's file format.
const SequenceVersion = 1

// A Sequence is all runs against one baseline. Its file is the only thing that a monitor remembers.
type Sequence struct {
	Version int `json:"version"`
	// Baseline is the SHA-256 of the baseline's file.
	Baseline string `json:"baseline_sha256"`
	// Looks is how many numbers have been given to runs.
	Looks int `json:"looks"`
	// Said is the verdict that people were told last: drift or quiet, empty before the first drift.
	Said drift.Verdict `json:"said,omitempty"`
	// Entries are the last [MaxEntries] runs, in the order in which they began.
	Entries []Entry `json:"runs"`
}

// MaxEntries is how many runs a sequence remembers one by one.
const MaxEntries = 2000

// An Entry is a run.
type Entry struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Look is the run's number, from 1; 0 where there was too little to test.
	Look  int       `json:"look"`
	Begun time.Time `json:"begun"`
	// Verdict is empty until the run has come to its end.
	Verdict  drift.Verdict `json:"verdict,omitempty"`
	Sentence string        `json:"sentence,omitempty"`
	Rows     int           `json:"rows"`
	Pictures int           `json:"pictures"`
	Report   string        `json:"report,omitempty"`
	Told     bool          `json:"told,omitempty"`
}

func (e *Entry) outcome() *Outcome {
	return &Outcome{From: e.From, To: e.To, Verdict: e.Verdict, Sentence: e.Sentence, Look: e.Look, Rows: e.Rows, Pictures: e.Pictures, Report: e.Report, Told: e.Told}
}

// find is the last run of a window, nil where there is none.
func (s *Sequence) find(from, to time.Time) *Entry {
	for i := len(s.Entries) - 1; i >= 0; i-- {
		if e := &s.Entries[i]; e.From.Equal(from) && e.To.Equal(to) {
			return e
		}
	}
	return nil
}

// maxSequence bounds the file, in bytes.
const maxSequence = 16 << 20

// A tracked sequence is one in the store, as it was read last.
type tracked struct {
	Sequence
	store    Store
	uri      string
	baseline string
	version  string
	c        *Config
}

// read gets what is in the store; nothing there is a new sequence.
func (t *tracked) read(ctx context.Context) error {
	data, version, err := t.store.Get(ctx, t.uri, maxSequence)
	if errors.Is(err, ErrNotFound) {
		t.Sequence, t.version = Sequence{Version: SequenceVersion, Baseline: t.baseline, Entries: []Entry{}}, NoVersion
		return nil
	}
	if err != nil {
		return failf(StoreUnavailable, "read %s: %w", t.uri, err)
	}
	var s Sequence
	if err := json.Unmarshal(data, &s); err != nil {
		return failf(SequenceInvalid, "read %s: %w", t.uri, err)
	}
	if s.Version != SequenceVersion || s.Baseline != t.baseline || s.Looks < 0 {
		return failf(SequenceInvalid, "read %s: version %d for the baseline %.12s, want version %d for %.12s", t.uri, s.Version, s.Baseline, SequenceVersion, t.baseline)
	}
	t.Sequence, t.version = s, version
	return nil
}

// tries of a write that others come before.
const tries = 8

// update changes the sequence in the store, so that no change of another run is lost: the change is made again on what the other left.
func (t *tracked) update(ctx context.Context, change func(*Sequence)) error {
	for i := range tries {
		change(&t.Sequence)
		if over := len(t.Entries) - MaxEntries; over > 0 {
			t.Entries = t.Entries[over:]
		}
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
		if conflict && i > 0 {
			pause := time.NewTimer(time.Duration(rand.Int64N(int64(100*time.Millisecond) << i)))
			select {
			case <-pause.C:
			case <-ctx.Done():
				pause.Stop()
				return fail(SequenceBusy, ctx.Err())
			}
		}
		// The version is asked for, not taken from the answer to the write: one that was cut off may have been done all the same.
		if err := t.read(ctx); err != nil || !conflict {
			return err
		}
	}
	return failf(SequenceBusy, "write %s: others were before at each of %d tries", t.uri, tries)
}

// claim gives a window its number, before anything is tested. A run that was ended has left its number, which is used now.
func (t *tracked) claim(ctx context.Context, r *run, testable bool) (*Entry, error) {
	entry := Entry{From: r.from, To: r.to, Begun: r.now().UTC().Truncate(time.Second)}
	if left := t.find(r.from, r.to); left != nil && left.Verdict == "" && (left.Look > 0 || !testable) {
		return new(*left), nil
	}
	err := t.update(ctx, func(s *Sequence) {
		if have := s.find(r.from, r.to); have != nil && have.Verdict == "" && (have.Look > 0 || !testable) {
			entry = *have // from a twin of this run, or from a write of which only the answer was lost
			return
		}
		entry.Look = 0
		if testable {
			s.Looks++
			entry.Look = s.Looks
		}
		s.Entries = append(s.Entries, entry)
	})
	return &entry, err
}

// finish enters what a run came to.
func (t *tracked) finish(ctx context.Context, e Entry) error {
	return t.update(ctx, func(s *Sequence) {
		if e.Told {
			s.Said = e.Verdict
		}
		for i := len(s.Entries) - 1; i >= 0; i-- {
			if have := &s.Entries[i]; have.From.Equal(e.From) && have.To.Equal(e.To) && have.Look == e.Look {
				*have = e
				return
			}
		}
		s.Entries = append(s.Entries, e)
	})
}

// notes say what a reader should know about the run's place in the sequence.
func (t *tracked) notes(e *Entry) []string {
	var notes []string
	if t.c.Guarantee == Year {
		if runs := runsOfYear(t.c); e.Look > runs {
			notes = append(notes, fmt.Sprintf("this is look %d against this baseline: the error rate was promised for %d, and counts anew since", e.Look, runs))
		}
	}
	if e.Look == 0 {
		notes = append(notes, "nothing could be tested, so that this run counts as no look")
	}
	return notes
}

// runsOfYear is the number of runs among which [drift.Every] divides the error rate.
func runsOfYear(c *Config) int {
	level := drift.Every(c.Alpha, c.Every)
	return int(level.Alpha/level.Run + 0.5)
}
