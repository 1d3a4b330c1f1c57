package drift

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"time"
)

// ErrState is wrapped by every error about a file that keeps no [State].
var ErrState = errors.New("no record of runs")

// StateVersion is the version of the state's file format.
const StateVersion = 1

// maxLooks are remembered one by one; older ones are only counted.
const maxLooks = 1000

// maxStateBytes bounds the file.
const maxStateBytes = 4 << 20

// A State remembers the runs against one baseline, so that [Spend] knows which look a run is.
type State struct {
	Version  int    `json:"version"`
	Baseline string `json:"baseline_sha256"` // of the baseline's content: [Digest]
	Count    int    `json:"count"`           // of runs so far
	Looks    []Look `json:"looks"`           // the last ones
}

// A Look is a run that was.
type Look struct {
	Number  int       `json:"number"`
	Window  string    `json:"window_sha256"`
	At      time.Time `json:"at"`
	Rows    int       `json:"rows"`
	Run     float64   `json:"run_alpha"`
	Verdict Verdict   `json:"verdict"`
}

// Look is the number of a run on a window: that of an earlier run on the same rows, which costs nothing more, or the next one.
func (s *State) Look(window string) int {
	for _, l := range s.Looks {
		if l.Window == window {
			return l.Number
		}
	}
	return s.Count + 1
}

// Record remembers a run.
func (s *State) Record(window string, r *Report, at time.Time) {
	l := Look{Number: r.Level.Look, Window: window, At: at.UTC().Truncate(time.Second), Rows: r.Window.Rows, Run: r.Level.Run, Verdict: r.Verdict}
	s.Count = max(s.Count, l.Number)
	for i := range s.Looks {
		if s.Looks[i].Window == window {
			s.Looks[i] = l
			return
		}
	}
	s.Looks = append(s.Looks, l)
	s.Looks = s.Looks[max(0, len(s.Looks)-maxLooks):]
}

// ReadState reads what was written as JSON. Errors wrap [ErrState].
func ReadState(r io.Reader) (*State, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxStateBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the record of runs: %w", err)
	}
	s := new(State)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	if s.Version != StateVersion || s.Count < 0 || len(s.Looks) > maxLooks {
		return nil, fmt.Errorf("%w: version %d, %d runs", ErrState, s.Version, s.Count)
	}
	return s, nil
}

// Digest is the SHA-256 of a sample's rows and values, in hex: samples of one digest are the same.
func Digest(s *Sample) string {
	h := sha256.New()
	for i := range s.Rows {
		row := &s.Rows[i]
		write(h, row.Time.UTC().Format(time.RFC3339Nano), row.ID, row.EventID, row.Picture, row.Error)
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		write(h, c.Name)
		write(h, c.Values...)
		var b []byte
		for _, v := range c.Numbers {
			if v != v {
				v = math.NaN() // one of them
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		for _, v := range c.Vectors {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
			for _, x := range v {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func write(h hash.Hash, words ...string) {
	for _, w := range words {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(w))))
		io.WriteString(h, w)
	}
}
