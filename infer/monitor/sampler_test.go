package monitor_test

import (
	"context"
	"io/fs"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// TestSampleOfRows makes a sample of captures with their pictures, and the same one with the pictures measured afterwards.
func TestSampleOfRows(t *testing.T) {
	dir := t.TempDir()
	if err := capturetest.Folder(dir, capturetest.Options{Records: 40, Side: 8}); err != nil {
		t.Fatal(err)
	}
	sample := func(skip bool) *drift.Sample {
		rows, s := load(t, monitor.Options{SkipPictures: skip}, dir)
		sampler := monitor.NewSampler(monitor.SamplerOptions{Labels: []string{"a", "b"}, Threshold: 0.9, Source: "here"})
		for i := range rows {
			rows[i].Latency = time.Duration(i) * time.Millisecond
			if err := sampler.Add(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		got := sampler.Sample(&s)
		if err := got.Check(); err != nil {
			t.Fatal(err)
		}
		return got
	}
	want, got := sample(false), sample(true)
	if len(want.Rows) != 40 || len(want.Columns) != 5+len(picturestats.Metrics) || len(got.Columns) != 4 {
		t.Errorf("%d rows, %d columns and %d without pictures", len(want.Rows), len(want.Columns), len(got.Columns))
	}
	reader, err := picturestats.NewReader(preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	measured, err := monitor.FillPictures(t.Context(), got, 0, 1, reader, func(ctx context.Context, at monitor.Place) ([]byte, error) {
		return monitor.ReadPlace(ctx, at, nil, preprocess.Limits{})
	})
	if measured != 40 || err != nil || got.Skipped != nil {
		t.Errorf("%d measured, %v skipped, %v", measured, got.Skipped, err)
	}
	byName := cmpopts.SortSlices(func(a, b drift.Column) bool { return a.Name < b.Name })
	if diff := cmp.Diff(want, got, byName, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	if c := want.Column("brightness"); c.Group != drift.Pictures || math.IsNaN(c.Numbers[0]) {
		t.Errorf("%+v", c)
	}
	if got, err := monitor.FillPictures(t.Context(), got, 5, 1, reader, nil); got != 0 || err != nil {
		t.Errorf("nothing was missing: %d, %v", got, err)
	}
	// A part of them, of which some are gone.
	part := sample(true)
	measured, err = monitor.FillPictures(t.Context(), part, 20, 1, reader, func(ctx context.Context, at monitor.Place) ([]byte, error) {
		if at.Line%2 == 0 {
			return nil, fs.ErrNotExist
		}
		return monitor.ReadPlace(ctx, at, nil, preprocess.Limits{})
	})
	if err != nil || measured == 0 || measured+part.Skipped["picture: not-found"] != 20 {
		t.Errorf("%d measured, %v skipped, %v", measured, part.Skipped, err)
	}
}
