package serve

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/capture"
)

// A harbour takes what is shipped, or fails.
type harbour struct {
	mu     sync.Mutex
	fail   int // so many times
	order  []string
	landed map[string]string
}

func (h *harbour) ship(_ context.Context, name string, file *os.File) error {
	data, err := io.ReadAll(file)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail > 0 {
		h.fail--
		return errors.New("the harbour is closed")
	}
	h.order = append(h.order, name)
	if h.landed == nil {
		h.landed = make(map[string]string)
	}
	h.landed[name] = string(data)
	return err
}

// left are the files below a folder.
func left(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

const earlier = "scones/AllTraffic/2024/10/15/14/05-12-996-134a89fb-c8d4-4f30-8dde-033e4dd53a08.jsonl"

func leaveEarlier(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(earlier))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestCaptureShips brings every record to a place that fails at first, what an earlier run left before the rest, and leaves nothing.
func TestCaptureShips(t *testing.T) {
	dir, port := t.TempDir(), &harbour{fail: 1}
	leaveEarlier(t, dir)
	s, h := started(t, Options{Capture: &Capture{Dir: dir, Percent: 100, Output: true, MaxBytes: 16 << 10, Ship: port.ship}}, &fakeScorer{}, infer.Plan{})
	waitUntil(t, func() bool { return testutil.ToFloat64(s.metrics.capture.shipped) == 1 })
	const requests = 100
	for i := range requests {
		wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, uint8(i)))), 200)
	}
	s.captor.close(t.Context())
	if port.order[0] != earlier || !slices.IsSorted(port.order) {
		t.Errorf("shipped %q, want %q first and the rest in order", port.order, earlier)
	}
	var all strings.Builder
	for _, name := range port.order[1:] {
		all.WriteString(port.landed[name])
	}
	lines := strings.Split(strings.TrimSpace(all.String()), "\n")
	if len(port.order) < 3 || len(lines) != requests {
		t.Fatalf("%d records in %d files, want %d in several", len(lines), len(port.order)-1, requests)
	}
	for i, line := range lines {
		if want := fmt.Sprintf(`"data":%q`, answerTo(i)); !strings.Contains(line, want) {
			t.Errorf("record %d is %s, want %s", i, line, want)
		}
	}
	if files := left(t, dir); len(files) > 0 {
		t.Errorf("left behind: %q", files)
	}
	m := s.metrics.capture
	if shipped, failures, removed := testutil.ToFloat64(m.shipped), testutil.ToFloat64(m.shipFailures), testutil.ToFloat64(m.removed); shipped != float64(len(port.order)) || failures != 1 || removed != 0 {
		t.Errorf("counted %v shipped, %v failures, %v removed; want %d, 1, 0", shipped, failures, removed, len(port.order))
	}
}

// TestCaptureShipsLater ends while the place cannot be reached: the files stay, and the next run ships them.
func TestCaptureShipsLater(t *testing.T) {
	dir := t.TempDir()
	away := Capture{Dir: dir, Percent: 100, Output: true, Ship: (&harbour{fail: 1 << 30}).ship}
	s, h := started(t, Options{Capture: &away}, &fakeScorer{}, infer.Plan{})
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9))), 200)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s.captor.close(over)
	kept := left(t, dir)
	if len(kept) != 1 {
		t.Fatalf("%q are left, want one file", kept)
	}
	port := new(harbour)
	away.Ship = port.ship
	s, _ = started(t, Options{Capture: &away}, &fakeScorer{}, infer.Plan{})
	s.captor.close(t.Context())
	if files := left(t, dir); len(files) > 0 || len(port.order) != 1 || !strings.HasSuffix(filepath.ToSlash(kept[0]), port.order[0]) {
		t.Errorf("shipped %q of %q, left %q", port.order, kept, files)
	}
}

// TestCaptureInference records each picture of the Open Inference Protocol as if it had been sent alone, and no ready tensor.
func TestCaptureInference(t *testing.T) {
	dir := t.TempDir()
	s, h := started(t, Options{Capture: &Capture{Dir: dir, Percent: 100, Input: true, Output: true}}, &fakeScorer{}, infer.Plan{})
	infer := func(body string, pairs ...string) {
		t.Helper()
		wantReply(t, ask(t, "POST", h.URL+inferPath, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, pairs...)...), 200)
	}
	text := func(grey uint8) string { return base64.StdEncoding.EncodeToString(shade(t, grey)) }
	infer(fmt.Sprintf(`{"id":"mine","inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":[%q]}]}`, text(1)))
	infer(fmt.Sprintf(`{"id":"two","inputs":[{"name":"image","datatype":"BYTES","shape":[2],"data":[%q,%q]}]}`, text(2), text(3)))
	infer(string(shade(t, 4)), "Content-Type", "image/png")
	tensor := `{"inputs":[{"name":"data","datatype":"UINT8","shape":[1,4,4,1],"data":[` + strings.Repeat("5,", 15) + `5]}]}`
	infer(tensor)
	s.captor.close(t.Context())
	var want []capture.Record
	for i, id := range []string{"mine", "two/0", "two/1", ""} {
		grey, types := uint8(i+1), capture.DefaultContentTypes()
		want = append(want, capture.Record{
			CaptureData: capture.Data{
				EndpointInput:  capture.NewPayload(capture.Input, "image/png", shade(t, grey), types),
				EndpointOutput: capture.NewPayload(capture.Output, "application/json", []byte(answerTo(i+1)), types),
			},
			EventMetadata: capture.Metadata{InferenceID: id}, EventVersion: "0",
		})
	}
	if diff := cmp.Diff(want, recorded(t, dir), cmpopts.IgnoreFields(capture.Metadata{}, "EventID", "InferenceTime")); diff != "" {
		t.Error(diff)
	}
}
