// Package jobtest makes what a monitor reads, for tests: captures of an hour, and a baseline of them.
package jobtest

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor"
)

// Labels of the two classes.
var Labels = []string{"bicycle", "motorcycle"}

// Hour is a file of captures, a record a second from begin on, and its name below the variant's folder.
func Hour(t testing.TB, begin time.Time, o capturetest.Options) (name string, data []byte) {
	t.Helper()
	o.Begin = begin
	var b bytes.Buffer
	for i := range o.Records {
		line, err := capturetest.Line(o, i)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
	}
	return begin.UTC().Format("2006/01/02/15/") + "00-00-000-x.jsonl", b.Bytes()
}

// Baseline is the file of a baseline of captures such as Hour makes, pictures included.
func Baseline(t testing.TB, o capturetest.Options) []byte {
	t.Helper()
	name, data := Hour(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), o)
	loader, err := monitor.NewLoader(monitor.Options{Labels: Labels})
	if err != nil {
		t.Fatal(err)
	}
	defer loader.Close()
	file := capture.File{Name: name, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
	source := monitor.Source{Name: "baseline", Files: func(yield func(capture.File, error) bool) { yield(file, nil) }}
	rows := monitor.NewSampler(monitor.SamplerOptions{Labels: Labels, Threshold: 0.6})
	for row, err := range loader.Load(t.Context(), []monitor.Source{source}) {
		if err == nil {
			err = rows.Add(&row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := drift.NewBaseline(rows.Sample(nil), 1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
