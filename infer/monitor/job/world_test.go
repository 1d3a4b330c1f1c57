package job_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/monitor/job"
	"github.com/scones-unlimited/scones/infer/monitor/job/jobtest"
)

// A world is a store, metrics and a topic in memory, each call of which that changes something can be the one that fails.
type world struct {
	mu       sync.Mutex
	objects  map[string][]byte
	versions map[string]int
	metrics  map[string][]job.Datum // by namespace
	messages []string
	writes   int
	// failAt ends the write of this number, from 1, before it is done; failAfter behind it.
	failAt, failAfter int
	// before is called before each conditional write, without the lock.
	before func(uri string)
	ranges int // reads of pictures
}

func newWorld() *world {
	return &world{objects: map[string][]byte{}, versions: map[string]int{}, metrics: map[string][]job.Datum{}}
}

var errLost = fmt.Errorf("connection lost")

// write does a call that changes something, unless it is the one to fail.
func (w *world) write(do func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	if w.writes == w.failAt {
		return errLost
	}
	if err := do(); err != nil {
		return err
	}
	if w.writes == w.failAfter {
		return errLost
	}
	return nil
}

func (w *world) Get(_ context.Context, uri string, limit int64) ([]byte, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	data, ok := w.objects[uri]
	if !ok {
		return nil, "", fmt.Errorf("get %s: %w", uri, job.ErrNotFound)
	}
	if int64(len(data)) > limit {
		return nil, "", fmt.Errorf("%s is too large", uri)
	}
	return bytes.Clone(data), fmt.Sprint(w.versions[uri]), nil
}

func (w *world) Put(_ context.Context, uri string, data []byte, o job.PutOptions) error {
	if w.before != nil && o.Version != "" {
		w.before(uri)
	}
	return w.write(func() error {
		version, there := w.versions[uri]
		if o.Version == job.NoVersion && there || o.Version != "" && o.Version != job.NoVersion && o.Version != fmt.Sprint(version) {
			return fmt.Errorf("put %s: %w", uri, job.ErrConflict)
		}
		w.objects[uri], w.versions[uri] = bytes.Clone(data), version+1
		return nil
	})
}

// A meter takes metrics.
type meter struct{ w *world }

func (m meter) Put(_ context.Context, namespace string, data []job.Datum) error {
	return m.w.write(func() error { m.w.metrics[namespace] = append(m.w.metrics[namespace], data...); return nil })
}

func (w *world) Publish(_ context.Context, subject, message string) error {
	return w.write(func() error { w.messages = append(w.messages, subject+"\n"+message); return nil })
}

const prefix = "s3://captures/scones/AllTraffic/"

// capture adds an hour of captures.
func (w *world) capture(t *testing.T, hour time.Time, o capturetest.Options) {
	t.Helper()
	name, data := jobtest.Hour(t, hour, o)
	w.objects[prefix+name] = data
}

func (w *world) files(yield func(capture.File, error) bool) {
	w.mu.Lock()
	names := slices.Sorted(maps.Keys(w.objects))
	w.mu.Unlock()
	for _, name := range names {
		if strings.HasPrefix(name, prefix) && !yield(capture.File{Name: name, Open: func(ctx context.Context) (io.ReadCloser, error) { return w.open(name, 0) }}, nil) {
			return
		}
	}
}

func (w *world) open(name string, offset int64) (io.ReadCloser, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	data, ok := w.objects[name]
	if !ok || offset > int64(len(data)) {
		return nil, fmt.Errorf("open %s: %w", name, job.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data[offset:])), nil
}

// first is the first window's hour.
var first = time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC)

const baselineURI = "s3://reports/baseline.json"

// baseline keeps captures as what is normal.
func (w *world) baseline(t *testing.T, records int) {
	t.Helper()
	w.objects[baselineURI] = jobtest.Baseline(t, capturetest.Options{Records: records, Side: 16, Seed: 1})
}

// job is a monitor of this world at a time.
func (w *world) job(now time.Time) *job.Job {
	return &job.Job{
		Config: job.Config{Name: "watch", Endpoint: "scones", Captures: prefix, Baseline: baselineURI, Output: "s3://reports/monitor", Delay: 20 * time.Minute, Seed: 1},
		Store:  w, Metrics: meter{w}, Topic: w, Now: func() time.Time { return now },
		List: func(context.Context, capture.Options) iter.Seq2[capture.File, error] { return w.files },
		Range: func(_ context.Context, uri string, offset int64) (io.ReadCloser, error) {
			w.mu.Lock()
			w.ranges++
			w.mu.Unlock()
			return w.open(uri, offset)
		},
	}
}

// written lists what lies in the report's folder, by file name.
func (w *world) written(folder string) []string {
	var names []string
	for _, uri := range slices.Sorted(maps.Keys(w.objects)) {
		if strings.HasPrefix(uri, folder) {
			names = append(names, path.Base(uri))
		}
	}
	return names
}
