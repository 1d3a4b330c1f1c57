package parity_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/parity"
)

const pngStart = "\x89PNG\r\n\x1a\n"

// container answers with each of the handlers in turn, with the last one from then on.
func container(t *testing.T, o parity.HTTPOptions, handlers ...http.HandlerFunc) (*parity.HTTP, *atomic.Int32) {
	t.Helper()
	calls := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		handlers[min(int(calls.Add(1)), len(handlers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	c, err := parity.NewHTTP(server.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	return c, calls
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, body) }
}

func TestHTTPSendsWhatAContainerTakes(t *testing.T) {
	var got []string
	c, _ := container(t, parity.HTTPOptions{}, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Accept"))
		fmt.Fprint(w, "[0.25, 0.75]")
	})
	scores, err := c.Classify(t.Context(), []byte(pngStart))
	if diff := cmp.Diff([]float32{0.25, 0.75}, scores); diff != "" || err != nil {
		t.Errorf("Classify: %v %s", err, diff)
	}
	if diff := cmp.Diff([]string{"POST", "/invocations", "image/png", "application/json"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHTTPRetriesWhatPasses(t *testing.T) {
	fine := says(200, "[1]")
	busy := func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(429) }
	for name, first := range map[string][]http.HandlerFunc{
		"throttled":   {busy, fine},
		"unavailable": {says(503, "busy"), says(502, ""), fine},
		"cut off":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fine},
	} {
		c, calls := container(t, parity.HTTPOptions{}, first...)
		if scores, err := c.Classify(t.Context(), []byte("x")); err != nil || len(scores) != 1 || int(calls.Load()) != len(first) {
			t.Errorf("%s: %v, %v after %d calls, want an answer after %d", name, scores, err, calls.Load(), len(first))
		}
	}
}

func TestHTTPErrors(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		code    string
		calls   int32
		fatal   bool
	}{
		"bad picture":   {says(400, "unable to decode"), parity.CodeRefused, 1, false},
		"too large":     {says(413, ""), parity.CodeTooLarge, 1, false},
		"broken":        {says(500, "<html>\x1b[31m"), parity.CodeFailed, 1, false},
		"busy for ever": {says(503, ""), parity.CodeUnavailable, 3, false},
		"wants too long": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
		}, parity.CodeUnavailable, 1, false},
		"no such address": {says(404, ""), parity.CodeDenied, 1, true},
		"no right":        {says(403, ""), parity.CodeDenied, 1, true},
		"elsewhere":       {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://192.0.2.1/", 307) }, parity.CodeDenied, 1, true},
		"no scores":       {says(200, "<html>"), parity.CodeAnswer, 1, false},
		"endless":         {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", 33<<20)) }, parity.CodeAnswer, 1, false},
		"too slow":        {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, parity.CodeUnavailable, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			classifier, calls := container(t, parity.HTTPOptions{Attempts: 3, Timeout: 300 * time.Millisecond}, c.handler)
			if name == "endless" {
				classifier, calls = container(t, parity.HTTPOptions{Attempts: 3}, c.handler)
			}
			_, err := classifier.Classify(t.Context(), []byte("x"))
			call, ok := errors.AsType[*parity.CallError](err)
			if !ok || call.ErrorCode() != c.code || parity.Fatal(err) != c.fatal || calls.Load() != c.calls {
				t.Errorf("%v (%T) after %d calls; want code %s after %d, fatal %v", err, err, calls.Load(), c.code, c.calls, c.fatal)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("the message %q holds control characters", err)
			}
		})
	}
}

func TestHTTPSendsNothingThatIsTooLarge(t *testing.T) {
	c, calls := container(t, parity.HTTPOptions{}, says(200, "[1]"))
	_, err := c.Classify(t.Context(), make([]byte, parity.DefaultMaxPayload+1))
	if call, ok := errors.AsType[*parity.CallError](err); !ok || call.Code != parity.CodeTooLarge || calls.Load() != 0 {
		t.Errorf("%v after %d calls, want code %s after none", err, calls.Load(), parity.CodeTooLarge)
	}
	if _, err := c.Classify(t.Context(), make([]byte, parity.DefaultMaxPayload)); err != nil {
		t.Errorf("a picture at the limit: %v", err)
	}
}

func TestHTTPEndsWithItsContext(t *testing.T) {
	c, _ := container(t, parity.HTTPOptions{}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Classify(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "Fri, 02 Jan 2026 03:04:35 GMT": 30 * time.Second, "Fri, 02 Jan 2026 03:04:00 GMT": 0,
	} {
		if got := parity.RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
