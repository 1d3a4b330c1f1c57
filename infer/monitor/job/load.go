package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/page"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// mostReserve is what is kept of a run's time for tests and writing, at most; a third of the time where that is less.
const mostReserve = 4 * time.Minute

// load reads the window. All rows are read, without their pictures; of those that are kept, some pictures are then read again and
// measured, in an order that is drawn: where time runs out, those that were measured are still an even sample. So neither memory nor time
// grow with what pictures weigh. Digest tells these rows from others.
func (r *run) load(ctx context.Context) (window *drift.Sample, digest string, err error) {
	begun := time.Now()
	reading := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		reading, cancel = context.WithDeadline(ctx, deadline.Add(-min(mostReserve, deadline.Sub(begun)/3)))
		defer cancel()
	}
	labels := r.c.Labels
	if len(labels) == 0 {
		labels = r.base.Labels
	}
	loader, err := monitor.NewLoader(monitor.Options{From: r.from, Until: r.to, Labels: labels, SkipPictures: true})
	if err != nil {
		return nil, "", fail(CapturesUnreadable, err)
	}
	defer loader.Close()
	rows := monitor.NewSampler(monitor.SamplerOptions{Labels: labels, Threshold: r.base.Threshold, Source: r.c.Captures, Seed: r.c.Seed})
	source := monitor.Source{Name: r.c.Captures, Files: r.List(reading, capture.Options{From: r.from, Until: r.to})}
	for row, err := range loader.Load(reading, []monitor.Source{source}) {
		if err == nil {
			err = rows.Add(&row)
		}
		if err != nil {
			if reading.Err() != nil {
				return nil, "", failf(OutOfTime, "read %s: %d records in %v, and more are there", r.c.Captures, loader.Summary().Records, time.Since(begun).Round(time.Second))
			}
			return nil, "", failf(CapturesUnreadable, "read %s: %w", r.c.Captures, err)
		}
	}
	summary := loader.Summary()
	for _, c := range summary.Causes {
		r.problems = append(r.problems, page.Problem{Concerns: string(c.Kind), Code: c.Code, Count: c.Count, First: c.First + ": " + c.Text})
	}
	window = rows.Sample(&summary)
	digest = drift.Digest(window) // of what was answered: how many pictures there is time for is chance
	pictures, err := picturestats.NewReader(r.c.limits())
	if err != nil {
		return nil, "", fail(ComparisonFailed, err)
	}
	_, err = monitor.FillPictures(reading, window, r.c.MaxPictures, r.c.Seed, pictures, func(ctx context.Context, at monitor.Place) ([]byte, error) {
		return monitor.ReadPlace(ctx, at, r.fetch, r.c.limits())
	})
	if err != nil && reading.Err() == nil {
		return nil, "", failf(CapturesUnreadable, "read pictures of %s: %w", r.c.Captures, err)
	}
	if ctx.Err() != nil {
		return nil, "", fail(OutOfTime, ctx.Err())
	}
	return window, digest, nil
}

// measured counts the rows that have a picture, and those whose picture was measured.
func measured(s *drift.Sample) (pictures, done int) {
	for i := range s.Rows {
		if s.Rows[i].Picture != "" {
			pictures++
		}
	}
	if c := s.Column(monitor.FormatColumn); c != nil {
		done = present(c)
	}
	return pictures, done
}

// testable tells whether a run tests anything: whether a column has enough values on both sides. It looks at numbers of values, never at
// the values, so that it may decide whether a run counts.
func testable(base *drift.Baseline, window *drift.Sample) bool {
	const least = 5 // as many as drift.Run wants
	for i := range base.Columns {
		b := &base.Columns[i]
		w := window.Column(b.Name)
		if w != nil && b.Group != drift.Operation && present(b) >= least && present(w) >= least {
			return true
		}
	}
	return false
}

// present is the number of values that are not missing.
func present(c *drift.Column) int {
	n := 0
	for _, v := range c.Numbers {
		if v == v {
			n++
		}
	}
	for _, v := range c.Values {
		if v != "" {
			n++
		}
	}
	for _, v := range c.Vectors {
		if v != nil {
			n++
		}
	}
	return n
}

// pictureAt reads a picture by the place that a report names. Only objects are read: a place comes from outside.
func (r *run) pictureAt(ctx context.Context, place string) ([]byte, error) {
	at := monitor.ParsePlace(place)
	if !strings.HasPrefix(at.File, "s3://") {
		return nil, fmt.Errorf("%q is no object", place)
	}
	return monitor.ReadPlace(ctx, at, r.fetch, r.c.limits())
}

// fetch opens an object so that it can be read from any offset without what lies before.
func (r *run) fetch(ctx context.Context, uri string) (io.ReadCloser, error) {
	return &ranged{open: func(offset int64) (io.ReadCloser, error) { return r.Range(ctx, uri, offset) }}, nil
}

// A ranged stream is opened at its first Read, where Seek has set it.
type ranged struct {
	open   func(offset int64) (io.ReadCloser, error)
	offset int64
	stream io.ReadCloser
}

// Seek sets where the stream begins; only io.SeekStart before the first Read is known.
func (s *ranged) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart || s.stream != nil || offset < 0 {
		return 0, errors.New("the stream has begun")
	}
	s.offset = offset
	return offset, nil
}

// Read opens the stream, then reads it.
func (s *ranged) Read(p []byte) (int, error) {
	if s.stream == nil {
		stream, err := s.open(s.offset)
		if err != nil {
			return 0, err
		}
		s.stream = stream
	}
	return s.stream.Read(p)
}

// Close ends the stream.
func (s *ranged) Close() error {
	if s.stream == nil {
		return nil
	}
	return s.stream.Close()
}
