package serve

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/capture"
)

// recorded reads every record below a folder.
func recorded(t *testing.T, dir string) []capture.Record {
	t.Helper()
	var records []capture.Record
	for entry, err := range capture.Read(t.Context(), capture.Folder(t.Context(), dir), capture.Options{}) {
		if err != nil || entry.Err != nil {
			t.Fatal(err, entry.Err)
		}
		records = append(records, *entry.Record)
	}
	return records
}

// TestCapture sends one request through each door and compares what was recorded, whole.
func TestCapture(t *testing.T) {
	dir := t.TempDir()
	s, h := started(t, Options{Capture: &Capture{Dir: dir, Percent: 100, Input: true, Output: true}}, &fakeScorer{}, infer.Plan{})
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 7)), "Content-Type", "image/png"), 200)
	wantReply(t, ask(t, "POST", h.URL+"/endpoints/scones/invocations", bytes.NewReader(shade(t, 8)), "Content-Type", "application/x-image",
		"Accept", "application/jsonlines", headerInferenceID, "mine-1", headerCustomAttributes, "camera=7,lens=2"), 200)
	wantReply(t, ask(t, "POST", h.URL+"/invocations", strings.NewReader("no picture")), 400)
	wantReply(t, ask(t, "POST", h.URL+"/endpoints/other/invocations", bytes.NewReader(shade(t, 7))), 400)
	s.captor.close(t.Context())
	png, any := "image/png", "application/x-image"
	array, lines := "application/json", "application/jsonlines"
	types := capture.DefaultContentTypes()
	want := []capture.Record{
		{CaptureData: capture.Data{
			EndpointInput:  capture.NewPayload(capture.Input, png, shade(t, 7), types),
			EndpointOutput: &capture.Payload{ObservedContentType: &array, Mode: capture.Output, Data: answerTo(7), Encoding: capture.JSON},
		}, EventVersion: "0"},
		{CaptureData: capture.Data{
			EndpointInput:  capture.NewPayload(capture.Input, any, shade(t, 8), types),
			EndpointOutput: capture.NewPayload(capture.Output, lines, []byte(`{"prediction": `+answerTo(8)+"}\n"), types),
		}, EventMetadata: capture.Metadata{CustomAttributes: []string{"camera=7,lens=2"}, InferenceID: "mine-1"}, EventVersion: "0"},
	}
	got := recorded(t, dir)
	ids := make(map[string]bool)
	for _, r := range got {
		if _, err := r.EventMetadata.Time(); err != nil {
			t.Error(err)
		}
		ids[r.EventMetadata.EventID] = true
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(capture.Metadata{}, "EventID", "InferenceTime")); diff != "" {
		t.Error(diff)
	}
	if len(ids) != 2 || ids[""] {
		t.Errorf("event ids %v, want two", ids)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*/*/*/*/*/*/*"))
	layout := regexp.MustCompile(`/scones/AllTraffic/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$`)
	if err != nil || len(files) == 0 || !layout.MatchString(filepath.ToSlash(files[0])) {
		t.Errorf("files %v, %v", files, err)
	}
}

// TestCaptureSampling records exactly its share of the answered requests, whatever was refused between them.
func TestCaptureSampling(t *testing.T) {
	for _, percent := range []int{3, 100} {
		dir := t.TempDir()
		s, h := started(t, Options{Capture: &Capture{Dir: dir, Percent: percent, Output: true}}, &fakeScorer{}, infer.Plan{})
		for i := range 100 {
			wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, uint8(i)))), 200)
			if i%10 == 0 {
				wantReply(t, ask(t, "POST", h.URL+"/invocations", nil), 400)
			}
		}
		s.captor.close(t.Context())
		got := recorded(t, dir)
		if len(got) != percent {
			t.Errorf("%d records of 100 answered requests at %d %%, want %d", len(got), percent, percent)
		}
		if counted := testutil.ToFloat64(s.metrics.capture.captured); counted != float64(percent) {
			t.Errorf("scones_captured_total is %v, want %d", counted, percent)
		}
		for _, r := range got {
			if r.CaptureData.EndpointInput != nil || r.CaptureData.EndpointOutput == nil {
				t.Errorf("recorded %+v, want the output alone", r.CaptureData)
			}
		}
	}
}

// TestSamplerHasNoBeat asks by turns for two things; both are sampled.
func TestSamplerHasNoBeat(t *testing.T) {
	s := sampler{percent: 50}
	var even int
	for i := range 10_000 {
		if s.next() && i%2 == 0 {
			even++
		}
	}
	if even < 2200 || even > 2800 { // 2500 ± 8 standard deviations
		t.Errorf("%d of 5000 records are of the even requests", even)
	}
}

// TestCaptureBound lets the oldest whole files go, those of an earlier run first.
func TestCaptureBound(t *testing.T) {
	const most = 24 << 10
	dir := t.TempDir()
	old := filepath.Join(dir, "scones/AllTraffic/2024/10/15/14/05-12-996-134a89fb-c8d4-4f30-8dde-033e4dd53a08.jsonl")
	if err := os.MkdirAll(filepath.Dir(old), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, bytes.Repeat([]byte("\n"), most/2), 0o644); err != nil {
		t.Fatal(err)
	}
	s, h := started(t, Options{Capture: &Capture{Dir: dir, Percent: 100, Input: true, Output: true, MaxBytes: most}}, &fakeScorer{}, infer.Plan{})
	const requests = 150
	for i := range requests {
		id := "request-" + string(rune('a'+i%26))
		wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, uint8(i))), headerInferenceID, id), 200)
	}
	s.captor.close(t.Context())
	if _, err := os.Stat(filepath.Join(dir, "scones/AllTraffic/2024")); !os.IsNotExist(err) {
		t.Errorf("the oldest file is still there, or its folders: %v", err)
	}
	var size int64
	err := filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			info, infoErr := entry.Info()
			size, err = size+info.Size(), infoErr
		}
		return err
	})
	if err != nil || size > most || size < most/2 {
		t.Errorf("%d bytes of records, want at most %d and not much less; %v", size, most, err)
	}
	got := recorded(t, dir)
	if len(got) == 0 || got[len(got)-1].EventMetadata.InferenceID != "request-"+string(rune('a'+(requests-1)%26)) {
		t.Error("the last request's record is gone")
	}
	if testutil.ToFloat64(s.metrics.capture.captured) != requests || testutil.ToFloat64(s.metrics.capture.removed) < 2 {
		t.Errorf("captured %v, files removed %v", testutil.ToFloat64(s.metrics.capture.captured), testutil.ToFloat64(s.metrics.capture.removed))
	}
}

// TestCaptureFailsNoRequest answers while nothing can be recorded, and records again afterwards.
func TestCaptureFailsNoRequest(t *testing.T) {
	dir := t.TempDir()
	s, h := started(t, Options{Capture: &Capture{Dir: dir, Percent: 100, Input: true}}, &fakeScorer{}, infer.Plan{})
	blocked := filepath.Join(dir, "scones")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	dropped := s.metrics.capture.dropped.WithLabelValues(dropDisk)
	for range 5 {
		got := ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9)))
		wantReply(t, got, http.StatusOK, answerTo(9))
	}
	waitUntil(t, func() bool { return testutil.ToFloat64(dropped) == 5 })
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9))), http.StatusOK)
	s.captor.close(t.Context())
	if got := recorded(t, dir); len(got) != 1 {
		t.Errorf("%d records, want 1", len(got))
	}
}

// TestCaptureBacklog drops what the disk cannot keep up with, and counts it.
func TestCaptureBacklog(t *testing.T) {
	s, h := started(t, Options{Capture: &Capture{Dir: t.TempDir(), Percent: 100, Input: true}}, &fakeScorer{}, infer.Plan{})
	s.captor.bytes.Store(captureBacklogBytes)
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9))), http.StatusOK)
	s.captor.close(t.Context())
	if got := testutil.ToFloat64(s.metrics.capture.dropped.WithLabelValues(dropBacklog)); got != 1 {
		t.Errorf("%v dropped, want 1", got)
	}
}
