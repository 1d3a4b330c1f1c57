package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor"
)

// What is kept of a run's time for tests and writing: a third of it, and no more than mostReserve.
const mostReserve = 4 * time.Minute

// loaded is what is known of a window besides its rows.
type loaded struct {
	pictures int
	notes    []string
}

// load reads the window. All rows are read, without their pictures; of those that are kept some pictures are measured: memory and time do
// not grow with what a picture weighs.
func (r *run) load(ctx context.Context) (*drift.Sample, *loaded, error) {
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
	options := monitor.Options{From: r.from, Until: r.to, Labels: labels, SkipPictures: true, Limits: r.c.limits()}
	loader, err := monitor.NewLoader(options)
	if err != nil {
		return nil, nil, fail(CapturesUnreadable, err)
	}
	defer loader.Close()
	kept := newReservoir(drift.MaxRows, r.c.Seed)
	source := monitor.Source{Name: r.c.Captures, Files: r.List(reading, capture.Options{From: r.from, Until: r.to})}
	for row, err := range loader.Load(reading, []monitor.Source{source}) {
		if err != nil {
			if reading.Err() != nil {
				return nil, nil, failf(OutOfTime, "read %s: %d records in %v, and more are there", r.c.Captures, loader.Summary().Records, time.Since(begun).Round(time.Second))
			}
			return nil, nil, failf(CapturesUnreadable, "read %s: %w", r.c.Captures, err)
		}
		kept.add(row)
	}
	summary := loader.Summary()
	rows := kept.rows()
	l := &loaded{}
	var causes []monitor.Cause
	if l.pictures, causes, err = r.measure(reading, rows); err != nil {
		return nil, nil, err
	}
	summary.Causes = append(summary.Causes, causes...)
	if n := places(rows); l.pictures < n {
		l.notes = append(l.notes, fmt.Sprintf("the pictures of %d of %d rows were measured, drawn evenly (seed %d)", l.pictures, n, r.c.Seed))
	}
	sample, err := sampleOf(rows, kept.seen, labels, &summary)
	if err != nil {
		return nil, nil, fail(ComparisonFailed, err)
	}
	sample.Source = r.c.Captures
	return sample, l, nil
}

func places(rows []monitor.Row) int {
	n := 0
	for i := range rows {
		if rows[i].Place != (monitor.Place{}) {
			n++
		}
	}
	return n
}

// A reservoir keeps a uniform sample of rows that come one by one (Vitter's algorithm R, 1985), in the order of their coming.
type reservoir struct {
	kept  []monitor.Row
	order []int
	limit int
	seen  int
	rand  *rand.Rand
}

func newReservoir(limit int, seed uint64) *reservoir {
	return &reservoir{limit: limit, rand: rand.New(rand.NewPCG(seed, 6))}
}

func (v *reservoir) add(row monitor.Row) {
	v.seen++
	if len(v.kept) < v.limit {
		v.kept, v.order = append(v.kept, row), append(v.order, v.seen)
		return
	}
	if at := v.rand.IntN(v.seen); at < v.limit {
		v.kept[at], v.order[at] = row, v.seen
	}
}

func (v *reservoir) rows() []monitor.Row {
	at := make([]int, len(v.kept))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return v.order[a] - v.order[b] })
	rows := make([]monitor.Row, len(at))
	for i, k := range at {
		rows[i] = v.kept[k]
	}
	return rows
}

// testable tells whether a run tests anything: whether a column has enough values on both sides. It looks at numbers of values, never at
// the values.
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

func readBaseline(data []byte) (*drift.Baseline, error) {
	return drift.ReadBaseline(strings.NewReader(string(data)))
}

// pictureAt reads a picture by the place that a report names. Only objects are read: a place is outside data.
func (r *run) pictureAt(ctx context.Context) func(place string) ([]byte, error) {
	return func(place string) ([]byte, error) {
		at := monitor.ParsePlace(place)
		if !strings.HasPrefix(at.File, "s3://") {
			return nil, errors.New("it lies nowhere")
		}
		return monitor.ReadPlace(ctx, at, r.fetch, r.c.limits())
	}
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
