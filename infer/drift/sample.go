package drift

import (
	"errors"
	"fmt"
	"time"
)

// ErrSample is wrapped by every error about a sample that cannot be used.
var ErrSample = errors.New("bad sample")

// A Group is what columns have in common. The error rate of a run is divided evenly among the groups, and within a group among its
// tests, so that many picture statistics do not drown the one test of labels.
type Group string

// The groups.
const (
	Predictions Group = "predictions" // which classes, and how many answers lie below the threshold
	Scores      Group = "scores"      // confidence and the scores of the classes
	Pictures    Group = "pictures"    // statistics of the pictures
	Embeddings  Group = "embeddings"  // what the model sees in the pictures
	Operation   Group = "operation"   // latency: shown, never part of the verdict
)

// Names of columns that are more than numbers to this package.
const (
	LabelColumn      = "label"           // words: the most probable class
	ConfidenceColumn = "confidence"      // numbers: its score, 0 to 1
	ScoresColumn     = "scores"          // vectors: the scores of all classes in the model's order
	LatencyColumn    = "latency"         // numbers: milliseconds
	EmbeddingColumn  = "embedding"       // vectors: the pooled features of the model
	RightColumn      = "right"           // numbers: 1 where the label is the true class, 0 where it is not; of a baseline with true classes
	BelowColumn      = "below threshold" // derived from confidence and [Sample.Threshold]
)

// A Sample is a table: a baseline or a window. The zero value is empty.
type Sample struct {
	Rows    []Row    `json:"rows"`
	Columns []Column `json:"columns"`
	// Labels of the model in class order, where they are known.
	Labels []string `json:"labels,omitempty"`
	// Threshold that a confidence must reach to be accepted, 0 to 1; 0 for none.
	Threshold float64 `json:"threshold,omitempty"`
	// Source as people read it: a folder, a file, an S3 prefix.
	Source string `json:"source,omitempty"`
	// ModelSHA is the SHA-256 of the model that answered, where it is known.
	ModelSHA string `json:"model_sha256,omitempty"`
	// Total rows before any were left out by a [Collector]; 0 means that all are here.
	Total int `json:"total,omitempty"`
	// Skipped records, by cause.
	Skipped map[string]int `json:"skipped,omitempty"`
}

// A Row says where a row's values come from.
type Row struct {
	Time    time.Time `json:"time,omitzero"` // of the answer; zero when unknown
	ID      string    `json:"id,omitempty"`  // inference id that the caller gave
	EventID string    `json:"event_id,omitempty"`
	// Picture is how the caller finds the picture again; this package only carries it.
	Picture string `json:"picture,omitempty"`
	// Error is the code of a request that failed; the row then has no values.
	Error string `json:"error,omitempty"`
}

// A Column has a value for each row in exactly one of Numbers, Values and Vectors.
type Column struct {
	Name  string
	Group Group
	Unit  string // of numbers, for people; may be empty
	// Numbers, NaN where missing.
	Numbers []float64
	// Values are words out of few, empty where missing.
	Values []string
	// Vectors of one length, nil where missing.
	Vectors [][]float32
}

// Len is the number of values.
func (c *Column) Len() int { return max(len(c.Numbers), len(c.Values), len(c.Vectors)) }

// Column gives the column of a name, nil when there is none.
func (s *Sample) Column(name string) *Column {
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return &s.Columns[i]
		}
	}
	return nil
}

// Seen is the number of rows before any were left out.
func (s *Sample) Seen() int { return max(s.Total, len(s.Rows)) }

// Check finds what is wrong with a sample. Errors wrap [ErrSample].
func (s *Sample) Check() error {
	seen := map[string]bool{}
	for i := range s.Columns {
		c := &s.Columns[i]
		kinds := 0
		for _, has := range []bool{c.Numbers != nil, c.Values != nil, c.Vectors != nil} {
			if has {
				kinds++
			}
		}
		switch {
		case c.Name == "" || seen[c.Name]:
			return fmt.Errorf("%w: column %d: the name %q is empty or there twice", ErrSample, i, c.Name)
		case kinds > 1 || kinds == 0 && len(s.Rows) > 0:
			return fmt.Errorf("%w: column %q has %d kinds of values, want one", ErrSample, c.Name, kinds)
		case c.Len() != len(s.Rows):
			return fmt.Errorf("%w: column %q has %d values for %d rows", ErrSample, c.Name, c.Len(), len(s.Rows))
		}
		seen[c.Name] = true
		size := 0
		for row, v := range c.Vectors {
			if v == nil {
				continue
			}
			if size == 0 {
				size = len(v)
			}
			if len(v) != size || size == 0 {
				return fmt.Errorf("%w: column %q, row %d: a vector of %d numbers, others have %d", ErrSample, c.Name, row, len(v), size)
			}
			for _, x := range v {
				if x-x != 0 {
					return fmt.Errorf("%w: column %q, row %d: the vector is not finite", ErrSample, c.Name, row)
				}
			}
		}
		for row, v := range c.Numbers {
			if v-v != 0 && v == v {
				return fmt.Errorf("%w: column %q, row %d: %v", ErrSample, c.Name, row, v)
			}
		}
	}
	if !(s.Threshold >= 0 && s.Threshold <= 1) {
		return fmt.Errorf("%w: threshold %v, want 0 to 1", ErrSample, s.Threshold)
	}
	return nil
}
