package monitor

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// Options choose what a [Loader] reads. The zero value reads everything that lies on this machine, pictures included.
type Options struct {
	// From and Until bound the time of inference: from ≤ time < until. The zero time does not bound. Rows without a time are within any
	// bounds only where their source has no times at all.
	From, Until time.Time
	// Labels of the classes in order, for sources that have scores alone.
	Labels []string
	// SkipPictures leaves pictures unread.
	SkipPictures bool
	// MaxRecord bounds a line, in bytes; zero means [capture.DefaultMaxRecord].
	MaxRecord int
	// Limits of pictures.
	Limits preprocess.Limits
	// Fetch opens what a source names elsewhere: s3:// addresses. Nil opens none.
	Fetch func(ctx context.Context, uri string) (io.ReadCloser, error)
	// Trace reads the history of an execution in a file; nil counts such files as bad ones.
	Trace func(name string, data []byte) ([]Recorded, error)
	// TempDir holds the list of event ids once it is long; empty is the system's.
	TempDir string
}

// A Loader reads sources. It is for one goroutine; Close it.
type Loader struct {
	o        Options
	pictures *picturestats.Reader
	seen     *seen
	causes   causes
	summary  Summary
	begun    time.Time
	inputs   map[string][]string // prefixes of batch inputs by their hour
}

// NewLoader makes a loader.
func NewLoader(o Options) (*Loader, error) {
	pictures, err := picturestats.NewReader(o.Limits)
	if err != nil {
		return nil, err
	}
	return &Loader{o: o, pictures: pictures, seen: newSeen(o.TempDir), causes: causes{}, begun: time.Now(), inputs: map[string][]string{}}, nil
}

// Close removes what the loader keeps on disk.
func (l *Loader) Close() error { return l.seen.close() }

// Summary is what was read so far.
func (l *Loader) Summary() Summary {
	s := l.summary
	s.Causes, s.Elapsed = l.causes.list(), time.Since(l.begun)
	return s
}

// Load yields the rows of sources, one after the other. An error in the second value is final: a source that cannot be listed, of which
// no file at all can be read, or ctx's.
func (l *Loader) Load(ctx context.Context, sources []Source) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, source := range sources {
			before := l.summary
			var files fileFault
			for r := range l.results(ctx, source) {
				if r.err != nil {
					yield(Row{}, r.err)
					return
				}
				row, ok, err := l.take(r, &files)
				if err != nil {
					yield(Row{}, err)
					return
				}
				if ok && !yield(row, nil) {
					return
				}
			}
			if ctx.Err() != nil {
				yield(Row{}, ctx.Err())
				return
			}
			if files.count > 0 && files.count == l.summary.Files-before.Files && l.summary.Records == before.Records {
				yield(Row{}, fmt.Errorf("read %s: %w", source.Name, files.first))
				return
			}
		}
	}
}

// A fileFault counts the files of a source that could not be read.
type fileFault struct {
	count int
	first error
}

// A result is what became of a record: a row, problems, or both; or of a file.
type result struct {
	row      Row
	record   bool // it counts as one
	ok       bool // there is a row
	outside  bool // of the bounds
	file     bool // a file was opened, Bytes of it read
	bytes    int64
	problems []problem
	fault    error // that ended the file
	err      error // that ends everything
}

func (r *result) problem(kind Kind, code, at string, err error) {
	r.problems = append(r.problems, problem{kind, code, at, err.Error()})
}

// take counts a result and tells whether its row is to be handed on.
func (l *Loader) take(r *result, files *fileFault) (row Row, ok bool, err error) {
	s := &l.summary
	s.Bytes += r.bytes
	if r.file {
		s.Files++
	}
	if r.record {
		s.Records++
	}
	if r.fault != nil {
		files.count++
		if files.first == nil {
			files.first = r.fault
		}
	}
	if r.outside {
		s.Outside++
		return row, false, nil
	}
	if r.ok && r.row.EventID != "" {
		fresh, err := l.seen.add(r.row.EventID)
		if err != nil {
			return row, false, err
		}
		if !fresh {
			s.Duplicates++
			return row, false, nil
		}
	}
	for _, p := range r.problems {
		l.causes.add(p)
	}
	if !r.ok {
		return row, false, nil
	}
	s.Rows++
	if r.row.Picture != nil {
		s.Pictures++
	}
	if at := r.row.Time; !at.IsZero() {
		if s.Earliest.IsZero() || at.Before(s.Earliest) {
			s.Earliest = at
		}
		if at.After(s.Latest) {
			s.Latest = at
		}
	}
	return r.row, true, nil
}

// within tells whether a time lies within the bounds.
func (l *Loader) within(at time.Time) bool {
	return !at.Before(l.o.From) && (l.o.Until.IsZero() || at.Before(l.o.Until))
}

func (l *Loader) bounded() bool { return !l.o.From.IsZero() || !l.o.Until.IsZero() }

// window as package capture has it.
func (l *Loader) window() capture.Options {
	return capture.Options{From: l.o.From, Until: l.o.Until, MaxRecord: l.o.MaxRecord}
}
