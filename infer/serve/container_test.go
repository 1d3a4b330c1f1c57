package serve

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// TestRefusals asks for each problem at each door and compares the status and the words.
func TestRefusals(t *testing.T) {
	_, h := started(t, Options{MaxPayload: 1000, Endpoint: "e"}, &fakeScorer{}, infer.Plan{})
	good := string(shade(t, 7))
	png := []string{"Content-Type", "image/png"}
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		parts                    []string
	}{
		{"empty", "POST", "/invocations", "", png, 400, []string{`"code":"empty-body"`, "ClientError: Loading image data failed"}},
		{"no picture", "POST", "/invocations", "hello", png, 400, []string{`"code":"unsupported-format"`, "ClientError: Loading image data failed"}},
		{"cut off", "POST", "/invocations", good[:60], png, 400, []string{`"code":"truncated"`}},
		{"wrong type", "POST", "/invocations", good, []string{"Content-Type", "text/csv"}, 400, []string{`"code":"unsupported-content-type"`, "Accepted content types are image/png"}},
		{"coded", "POST", "/invocations", good, append(png, "Content-Encoding", "gzip"), 400, []string{"as they are"}},
		{"too large", "POST", "/invocations", strings.Repeat("x", 1001), png, 413, []string{`"code":"payload-too-large"`, "1001 bytes"}},
		{"no answer in that", "POST", "/invocations", good, append(png, "Accept", "text/html"), 406, []string{`"code":"not-acceptable"`}},
		{"method", "GET", "/invocations", "", nil, 405, []string{"use POST"}},
		{"path", "GET", "/nothing", "", nil, 404, []string{"/nothing"}},
		{"host", "GET", "/ping", "", []string{"Host", "evil.example"}, 200, nil}, // any, unless Hosts is set
		{"another site", "POST", "/invocations", good, append(png, "Origin", "https://evil.example"), 403, []string{"another site"}},
		{"runtime: empty", "POST", "/endpoints/e/invocations", "", png, 424, []string{`"OriginalStatusCode":400`, "Received client error (400) from primary"}},
		{"runtime: other endpoint", "POST", "/endpoints/f/invocations", good, png, 400, []string{"Endpoint f of account 000000000000 not found"}},
		{"runtime: too large", "POST", "/endpoints/e/invocations", strings.Repeat("x", 1001), png, 413, nil},
		{"runtime: variant", "POST", "/endpoints/e/invocations", good, append(png, headerTargetVariant, "B"), 400, []string{"Variant B"}},
		{"runtime: model", "POST", "/endpoints/e/invocations", good, append(png, headerTargetModel, "none"), 400, []string{"no model"}},
		{"runtime: long id", "POST", "/endpoints/e/invocations", good, append(png, headerInferenceID, strings.Repeat("x", 65)), 400, []string{"at most 64"}},
		{"runtime: stream", "POST", "/endpoints/e/invocations-response-stream", good, png, 400, []string{"streaming"}},
		{"runtime: async", "POST", "/endpoints/e/async-invocations", good, png, 400, []string{"asynchronous"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ask(t, c.method, h.URL+c.path, strings.NewReader(c.body), c.headers...)
			wantReply(t, got, c.status, c.parts...)
			if strings.HasPrefix(c.name, "runtime") && got.header.Get("x-amzn-ErrorType") == "" {
				t.Error("no x-amzn-ErrorType")
			}
		})
	}
}

// TestAnswers compares whole answers in each format.
func TestAnswers(t *testing.T) {
	_, h := started(t, Options{Endpoint: "e"}, &fakeScorer{}, infer.Plan{})
	for accept, want := range map[string]string{
		"":                                  "[0.0, 1.0]",
		"*/*":                               "[0.0, 1.0]",
		"application/json":                  "[0.0, 1.0]",
		"application/jsonlines":             "{\"prediction\": [0.0, 1.0]}\n",
		"text/html, application/json;q=0.5": "[0.0, 1.0]",
		"application/json;q=0.1, application/jsonlines": "{\"prediction\": [0.0, 1.0]}\n",
	} {
		got := ask(t, "POST", h.URL+"/endpoints/e/invocations", bytes.NewReader(shade(t, 0)), "Accept", accept, "Content-Type", "application/x-image",
			headerCustomAttributes, "a=b", headerInferenceID, "call-1")
		if got.status != 200 || got.body != want {
			t.Errorf("Accept %q: %d %q, want %q", accept, got.status, got.body, want)
		}
		for name, value := range map[string]string{headerVariant: Variant, headerCustomAttributes: "a=b", "x-amzn-RequestId": "call-1"} {
			if got.header.Get(name) != value {
				t.Errorf("header %s is %q, want %q", name, got.header.Get(name), value)
			}
		}
	}
	got := ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 0)), "Accept", "application/json;verbose=1")
	wantReply(t, got, 200, `"model":"shade"`, `"label":"black","index":1,"score":1`, `"milliseconds":{"decode":`)
}

// TestOverload fills the server and sees the next request refused before its body was sent, and let in again afterwards.
func TestOverload(t *testing.T) {
	scorer := &fakeScorer{gate: make(chan struct{}), entered: make(chan int, 10)}
	_, h := started(t, Options{Queue: 1, Endpoint: "e"}, scorer, infer.Plan{Workers: 1, Batch: 1})
	first := make(chan reply)
	go func() { first <- ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9))) }()
	<-scorer.entered
	for path, want := range map[string]string{"/invocations": "429 Too Many Requests", "/endpoints/e/invocations": "503 Service Unavailable"} {
		// A client that declares a body and never sends it must not be waited for.
		c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(2 * time.Second)) // a body is waited for longer than this
		if _, err := io.WriteString(c, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 1024)
		n, err := io.ReadAtLeast(c, head, len(want)+20)
		if err != nil {
			t.Fatalf("%s: no answer before the body: %v", path, err)
		}
		if text := string(head[:n]); !strings.Contains(text, want) || !strings.Contains(text, "Retry-After: 1\r\n") {
			t.Errorf("%s answers\n%s", path, text)
		}
	}
	wantReply(t, ask(t, "GET", h.URL+"/ping", nil), http.StatusOK)
	close(scorer.gate)
	wantReply(t, <-first, http.StatusOK)
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9))), http.StatusOK)
}

// TestTimeout gives a request up when its time is over, at the Runtime's door as SageMaker words it.
func TestTimeout(t *testing.T) {
	scorer := &fakeScorer{gate: make(chan struct{})}
	_, h := started(t, Options{Timeout: 20 * time.Millisecond, Endpoint: "e"}, scorer, infer.Plan{})
	defer close(scorer.gate)
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 9))), http.StatusGatewayTimeout, `"code":"timeout"`)
	wantReply(t, ask(t, "POST", h.URL+"/endpoints/e/invocations", bytes.NewReader(shade(t, 9))), http.StatusFailedDependency, `"OriginalStatusCode":0`)
}
