package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
)

// A shop sells test models: each load is a new one, which knows when it is closed.
type shop struct {
	t       *testing.T
	version atomic.Int64
	broken  atomic.Bool
	loads   atomic.Int64
	open    atomic.Int64
	stamps  atomic.Int64
	hold    chan struct{} // nil for no waiting
}

func (s *shop) source(name string, memory int64) Source {
	return Source{Name: name, Path: "/models/" + name, Stamp: func() (string, error) { return fmt.Sprint(s.stamps.Load()), nil },
		Load: func(_ context.Context, have string, room func(int64) error) (Model, error) {
			scorer := &fakeScorer{}
			if s.broken.Load() {
				scorer.err.Store(new(errors.New("broken weights")))
			}
			m := testModel(s.t, scorer, infer.Plan{Workers: 2, Batch: 4})
			m.SHA256, m.Memory = fmt.Sprint(s.version.Load()), memory
			if m.Identity() == have {
				return m, ErrUnchanged
			}
			if err := room(memory); err != nil {
				return m, err
			}
			if s.hold != nil {
				<-s.hold
			}
			s.loads.Add(1)
			s.open.Add(1)
			m.Close = func() error { s.open.Add(-1); return nil }
			return m, nil
		}}
}

func listening(t *testing.T, o Options) (*Server, string) {
	t.Helper()
	s, h := started(t, o, &fakeScorer{}, infer.Plan{})
	return s, h.URL
}

// TestSwapsUnderLoad replaces a model again and again while clients ask for it: each request is answered, and no old model stays.
func TestSwapsUnderLoad(t *testing.T) {
	const swaps = 50
	models := &shop{t: t}
	s, url := listening(t, Options{})
	s.Remove("shade")
	if err := errors.Join(s.Offer(models.source("swapped", 0)), s.Load(t.Context(), "swapped")); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var answered, failed atomic.Int64
	var wg sync.WaitGroup
	picture := shade(t, 40)
	for range 4 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for !stop.Load() {
				response, err := client.Post(url+"/invocations", "image/png", bytes.NewReader(picture))
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
				answered.Add(1)
				if response.StatusCode != http.StatusOK {
					failed.Add(1)
				}
			}
		})
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	goroutines := runtime.NumGoroutine()
	for i := range swaps {
		models.version.Add(1)
		if err := s.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		for seen := answered.Load(); answered.Load() < seen+2; { // so that requests lie on both sides
			time.Sleep(time.Millisecond)
		}
		models.broken.Store(i%10 == 9)
		if models.broken.Load() { // a bad file leaves the old one
			models.version.Add(1)
			if err := s.Reload(t.Context()); err == nil {
				t.Fatal("a broken model was put in service")
			}
			models.broken.Store(false)
		}
	}
	stop.Store(true)
	wg.Wait()
	waitUntil(t, func() bool { return models.open.Load() == 1 })
	waitUntil(t, func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("%d requests during %d swaps, heap %d kB before and %d kB after", answered.Load(), swaps, before.HeapAlloc>>10, after.HeapAlloc>>10)
	if failed.Load() > 0 {
		t.Errorf("%d of %d requests failed", failed.Load(), answered.Load())
	}
	if after.HeapAlloc > before.HeapAlloc+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
}

// TestReloadUnchanged leaves a model alone whose content is the same.
func TestReloadUnchanged(t *testing.T) {
	models := &shop{t: t}
	s, _ := listening(t, Options{})
	if err := errors.Join(s.Offer(models.source("same", 0)), s.Load(t.Context(), "same"), s.Reload(t.Context())); err != nil {
		t.Fatal(err)
	}
	if models.loads.Load() != 1 {
		t.Errorf("loaded %d times, want once", models.loads.Load())
	}
}

// TestWatchWaitsUntilFilesSettle reloads once the stamp was the same in two looks, and tries a bad file once.
func TestWatchWaitsUntilFilesSettle(t *testing.T) {
	models := &shop{t: t}
	s, _ := listening(t, Options{})
	if err := errors.Join(s.Offer(models.source("watched", 0)), s.Load(t.Context(), "watched")); err != nil {
		t.Fatal(err)
	}
	look := func() bool { return s.settled(t.Context(), "watched") }
	if look() || look() {
		t.Error("nothing changed")
	}
	models.stamps.Store(1)
	if look() {
		t.Error("just changed")
	}
	models.stamps.Store(2)
	if look() {
		t.Error("changed again")
	}
	if !look() {
		t.Error("settled")
	}
	models.version.Store(7)
	models.broken.Store(true)
	if err := s.reload(t.Context(), "watched"); err == nil {
		t.Error("a broken model was put in service")
	}
	if look() || look() {
		t.Error("a bad file is tried again")
	}
	models.broken.Store(false)
	models.stamps.Store(3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go s.Watch(ctx, time.Millisecond)
	waitUntil(t, func() bool {
		e := s.models.acquire("watched")
		defer e.release()
		return e.model.SHA256 == "7"
	})
}

// TestLazyModels loads what is asked for, once however many ask, and drops what was not asked for longest.
func TestLazyModels(t *testing.T) {
	models := &shop{t: t, hold: make(chan struct{})}
	s, url := listening(t, Options{Memory: 250})
	s.Remove("shade")
	for _, name := range []string{"one", "two", "three"} {
		if err := s.Offer(models.source(name, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Offer(models.source("huge", 300)); err != nil {
		t.Fatal(err)
	}
	invoke := func(name string) reply {
		return ask(t, "POST", url+"/models/"+name+"/invoke", bytes.NewReader(shade(t, 3)))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { wantReply(t, invoke("one"), 200, answerTo(3)) })
	}
	models.hold <- struct{}{}
	wg.Wait()
	if models.loads.Load() != 1 {
		t.Errorf("loaded %d times, want once", models.loads.Load())
	}
	close(models.hold)
	wantReply(t, invoke("two"), 200)
	wantReply(t, ask(t, "POST", url+"/invocations", bytes.NewReader(shade(t, 3))), 200) // of the first, which is used again
	wantReply(t, invoke("three"), 200)
	if diff := cmp.Diff([]string{"one", "three"}, s.models.list()); diff != "" {
		t.Error(diff)
	}
	wantReply(t, ask(t, "GET", url+"/v2/models/two/ready", nil), 200)
	if diff := cmp.Diff([]string{"three", "two"}, s.models.list()); diff != "" {
		t.Error(diff)
	}
	got := ask(t, "POST", url+"/invocations", bytes.NewReader(shade(t, 3)), "Accept", "application/json;verbose=1")
	wantReply(t, got, 200, `"model":"one"`) // the first is the first offered, not the first loaded
	wantReply(t, invoke("huge"), 507, "out-of-memory")
	wantReply(t, ask(t, "GET", url+"/readyz", nil), 200)
	wantReply(t, invoke("one"), 200)
	wantReply(t, invoke("four"), 404)
	waitUntil(t, func() bool { return models.open.Load() == int64(len(s.models.list())) })
}

// TestLazyModelFails does not try a bad model at each request.
func TestLazyModelFails(t *testing.T) {
	models := &shop{t: t}
	models.broken.Store(true)
	s, url := listening(t, Options{})
	if err := s.Offer(models.source("bad", 0)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got := ask(t, "POST", url+"/models/bad/invoke", bytes.NewReader(shade(t, 3)))
		wantReply(t, got, 500, "model-load-failed")
		if strings.Contains(got.body, "weights") {
			t.Errorf("the answer tells what is inside: %s", got.body)
		}
	}
	if models.loads.Load() != 1 {
		t.Errorf("loaded %d times, want once", models.loads.Load())
	}
}

// TestMultiModelContract walks through SageMaker's paths.
func TestMultiModelContract(t *testing.T) {
	models := &shop{t: t}
	s, err := New(Options{Memory: 250, Store: func(name, url string) (Source, error) {
		if !strings.HasPrefix(url, "/opt/ml/models/") {
			return Source{}, errors.New("secret: outside")
		}
		return models.source(name, 100), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	url := serveHandler(t, s)
	wantReply(t, ask(t, "GET", url+"/ping", nil), 200) // without a model: SageMaker loads none before
	load := func(name string) reply {
		return ask(t, "POST", url+"/models", strings.NewReader(`{"model_name": "`+name+`", "url": "/opt/ml/models/`+name+`/model"}`), "Content-Type", "application/json")
	}
	wantReply(t, ask(t, "POST", url+"/models/a/invoke", bytes.NewReader(shade(t, 3))), 404, "no model")
	wantReply(t, load("a"), 200, `{"modelName":"a","modelUrl":"/opt/ml/models/a/model"}`)
	wantReply(t, load("a"), 409, "already-loaded")
	wantReply(t, load("b"), 200)
	wantReply(t, load("c"), 507, "out-of-memory")
	wantReply(t, ask(t, "GET", url+"/models", nil), 200, `{"models":[{"modelName":"a","modelUrl":"/opt/ml/models/a/model"},{"modelName":"b","modelUrl":"/opt/ml/models/b/model"}]}`)
	wantReply(t, ask(t, "GET", url+"/models/b", nil), 200, `{"modelName":"b"`)
	wantReply(t, ask(t, "GET", url+"/models/c", nil), 404)
	wantReply(t, ask(t, "POST", url+"/models/b/invoke", bytes.NewReader(shade(t, 3)), "X-Amzn-SageMaker-Target-Model", "b.tar.gz"), 200, answerTo(3))
	wantReply(t, ask(t, "DELETE", url+"/models/a", nil), 200)
	if open := models.open.Load(); open != 1 {
		t.Errorf("%d models are open after DELETE, want 1", open)
	}
	wantReply(t, ask(t, "DELETE", url+"/models/a", nil), 404)
	wantReply(t, load("c"), 200)
	models.broken.Store(true)
	wantReply(t, ask(t, "DELETE", url+"/models/c", nil), 200)
	wantReply(t, load("d"), 500, "model-load-failed")
	wantReply(t, ask(t, "GET", url+"/models/d", nil), 404)
	for _, body := range []string{"", "[]", `{"model_name": "e"}`, `{"model_name": "../e", "url": "/opt/ml/models/e"}`, `{"model_name": "e", "url": "/etc/passwd"}`,
		`{"model_name": "` + strings.Repeat("e", 20<<10) + `"}`} {
		got := ask(t, "POST", url+"/models", strings.NewReader(body))
		wantReply(t, got, 400, "bad-request")
		if strings.Contains(got.body, "secret") {
			t.Errorf("the answer tells what is inside: %s", got.body)
		}
	}
	wantReply(t, ask(t, "GET", url+"/models?next_page_token=x", nil), 400)
}

// TestModelPages lists more models than one answer holds.
func TestModelPages(t *testing.T) {
	models := &shop{t: t}
	s, url := listening(t, Options{})
	for i := range modelPage + 5 {
		name := fmt.Sprintf("m%03d", i)
		if err := errors.Join(s.Offer(models.source(name, 0)), s.Load(t.Context(), name)); err != nil {
			t.Fatal(err)
		}
	}
	wantReply(t, ask(t, "GET", url+"/models", nil), 200, `"nextPageToken":"100"`)
	got := ask(t, "GET", url+"/models?next_page_token=100", nil)
	wantReply(t, got, 200, `"modelName":"m104"`)
	if strings.Contains(got.body, "nextPageToken") || strings.Contains(got.body, "m098") {
		t.Error(got.body)
	}
}

// TestNoStore refuses to load and unload for anybody.
func TestNoStore(t *testing.T) {
	_, url := listening(t, Options{})
	wantReply(t, ask(t, "POST", url+"/models", strings.NewReader(`{"model_name": "e", "url": "/etc/passwd"}`)), 403, "--model-store")
	wantReply(t, ask(t, "DELETE", url+"/models/shade", nil), 403, "--model-store")
}
