package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// BaselineVersion is the version of the baseline's file format.
const BaselineVersion = 1

// MaxBaselineBytes is the largest baseline that [ReadBaseline] reads.
const MaxBaselineBytes = 256 << 20

// MaxEmbeddings is how many rows of a baseline keep their vectors: a test of vectors compares no more.
const MaxEmbeddings = 1000

// ErrBaseline is wrapped by every error about a file that is no baseline.
var ErrBaseline = errors.New("no baseline")

// A Baseline is what is normal: the rows themselves, up to [MaxRows], or a uniform sample of them.
type Baseline struct {
	Version int       `json:"version"`
	Created time.Time `json:"created"`
	Scones  string    `json:"scones"` // version of the program that made it
	// Kept says how the rows were kept: "all rows", or "a uniform sample of the rows" ([Sample.Total] of them).
	Kept string `json:"kept"`
	Sample
}

// NewBaseline makes a baseline of a sample. Errors wrap [ErrSample].
func NewBaseline(s *Sample, seed uint64) (*Baseline, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(s.Rows) < leastRows {
		return nil, fmt.Errorf("%w: %d rows, a baseline needs %d at least, and a hundred to see much", ErrSample, len(s.Rows), leastRows)
	}
	b := &Baseline{Version: BaselineVersion, Kept: "all rows", Sample: *s.thinned(MaxRows, seed)}
	if b.Seen() > len(b.Rows) {
		b.Kept = "a uniform sample of the rows"
	}
	for i := range b.Columns {
		c := &b.Columns[i]
		if c.Vectors == nil {
			continue
		}
		_, there := vectors(c.Vectors)
		if len(there) <= MaxEmbeddings {
			continue
		}
		few := make([][]float32, len(c.Vectors))
		for _, k := range chosen(len(there), MaxEmbeddings, seed) {
			few[there[k]] = c.Vectors[there[k]]
		}
		c.Vectors = few
	}
	return b, nil
}

// Write writes a baseline as JSON.
func (b *Baseline) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	return nil
}

// ReadBaseline reads what [Baseline.Write] wrote. Errors wrap [ErrBaseline].
func ReadBaseline(r io.Reader) (*Baseline, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBaselineBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	if len(data) > MaxBaselineBytes {
		return nil, fmt.Errorf("%w: it is larger than %d MiB", ErrBaseline, MaxBaselineBytes>>20)
	}
	b := new(Baseline)
	if err := json.Unmarshal(bytes.TrimSpace(data), b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBaseline, err)
	}
	switch {
	case b.Version == 0:
		return nil, fmt.Errorf("%w: it has no version", ErrBaseline)
	case b.Version != BaselineVersion:
		return nil, fmt.Errorf("%w: its format is version %d, this program reads %d", ErrBaseline, b.Version, BaselineVersion)
	case len(b.Rows) < leastRows || len(b.Rows) > MaxRows:
		return nil, fmt.Errorf("%w: it has %d rows, want %d to %d", ErrBaseline, len(b.Rows), leastRows, MaxRows)
	case len(b.Columns) == 0 || len(b.Columns) > maxColumns:
		return nil, fmt.Errorf("%w: it has %d columns, want 1 to %d", ErrBaseline, len(b.Columns), maxColumns)
	}
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBaseline, err)
	}
	return b, nil
}

// maxColumns bounds what a file may say.
const maxColumns = 10_000
