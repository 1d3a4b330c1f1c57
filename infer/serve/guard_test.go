package serve

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// TestHosts refuses the names of other machines, which is what a page uses whose name was pointed at this one.
func TestHosts(t *testing.T) {
	_, h := started(t, Options{Hosts: []string{"scones.example"}}, &fakeScorer{}, infer.Plan{})
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:8080": 200, "localhost": 200, "LOCALHOST.:80": 200, "[::1]:8080": 200, "scones.example:443": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example:8080": 421,
	} {
		wantReply(t, ask(t, "GET", h.URL+"/healthz", nil, "Host", host), want)
	}
}

// TestToken asks with and without the token, at every door.
func TestToken(t *testing.T) {
	const token = "a-token-of-some-length"
	_, h := started(t, Options{Token: token, Endpoint: "e"}, &fakeScorer{}, infer.Plan{})
	for _, path := range []string{"/invocations", "/endpoints/e/invocations", inferPath} {
		for authorization, want := range map[string]bool{
			"": false, "Bearer " + token: true, "Bearer x": false, "Bearer ": false, "Basic eDphLXRva2VuLW9mLXNvbWUtbGVuZ3Ro": true, "Basic eDp4": false,
		} {
			got := ask(t, "POST", h.URL+path, bytes.NewReader(shade(t, 0)), "Content-Type", "image/png", "Authorization", authorization)
			if (got.status == http.StatusOK) != want {
				t.Errorf("%s with %q: %d %s", path, authorization, got.status, got.body)
			}
			if !want && got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %q: no WWW-Authenticate", path, authorization)
			}
		}
	}
	wantReply(t, ask(t, "GET", h.URL+"/metrics", nil), http.StatusUnauthorized)
	for _, path := range []string{"/ping", "/healthz", "/readyz"} {
		wantReply(t, ask(t, "GET", h.URL+path, nil), http.StatusOK)
	}
}

// TestNoCORS answers no page of another site, nor its question whether it may ask.
func TestNoCORS(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	got := ask(t, "OPTIONS", h.URL+"/invocations", nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	wantReply(t, got, http.StatusMethodNotAllowed)
	for name := range got.header {
		if strings.HasPrefix(name, "Access-Control") {
			t.Errorf("header %s", name)
		}
	}
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 0)), "Sec-Fetch-Site", "same-origin"), http.StatusOK)
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 0)), "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
}

// TestSlowBody gives a client that sends nothing its time, and no more.
func TestSlowBody(t *testing.T) {
	s, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	c := dial(t, h.URL)
	if _, err := io.WriteString(c, "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nabc"); err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(20 * slowGrace))
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(answer); !strings.HasPrefix(text, "HTTP/1.1 408 ") || !strings.Contains(text, `"code":"slow-body"`) || !strings.Contains(text, "Connection: close") {
		t.Errorf("answer %s", text)
	}
	if n := s.admission.count.Load(); n != 0 {
		t.Errorf("%d requests are still in", n)
	}
}

// TestAccessLog sees one line for a request, which holds neither what the client wrote in headers and query nor the token.
func TestAccessLog(t *testing.T) {
	var out bytes.Buffer
	const token = "a-token-of-some-length"
	s, h := started(t, Options{Token: token, Log: slog.New(slog.NewJSONHandler(&out, nil))}, &fakeScorer{}, infer.Plan{})
	got := ask(t, "POST", h.URL+"/invocations?key=private", bytes.NewReader(shade(t, 0)), "Authorization", "Bearer "+token, headerInferenceID, "call-9",
		headerCustomAttributes, "private", "Content-Type", "image/png")
	wantReply(t, got, http.StatusOK)
	ask(t, "GET", h.URL+"/ping", nil)
	waitUntil(t, func() bool { return s.admission.count.Load() == 0 && strings.Contains(out.String(), "\n") })
	h.Close() // after which nothing is written
	text := out.String()
	for _, part := range []string{`"status":200`, `"path":"/invocations"`, `"id":"call-9"`, `"model":"shade"`, `"batch":1`} {
		if !strings.Contains(text, part) {
			t.Errorf("the log lacks %s: %s", part, text)
		}
	}
	if strings.Contains(text, "private") || strings.Contains(text, token) || strings.Count(text, "\n") != 1 {
		t.Errorf("the log is %s", text)
	}
}
