package serve

import (
	"bytes"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
)

// TestPageIsSelfContained asks for the page and all that it names: its own files, under a policy that lets nothing else in.
func TestPageIsSelfContained(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	named := regexp.MustCompile(`(?:href|src)="(/[^"#]*)"`)
	for _, path := range []string{"/", "/docs"} {
		page := ask(t, "GET", h.URL+path, nil)
		wantReply(t, page, 200, "<!DOCTYPE html>")
		policy := page.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for _, link := range named.FindAllStringSubmatch(page.body, -1) {
			wantReply(t, ask(t, "GET", h.URL+link[1], nil), 200)
		}
	}
	err := fs.WalkDir(pageFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := pageFiles.ReadFile(name)
		if address := regexp.MustCompile(`https?://[a-z]`).Find(data); address != nil {
			t.Errorf("%s names an address of elsewhere", name)
		}
		if inline := regexp.MustCompile(`(?i)<style|\son[a-z]+=|style="|javascript:|<script>`).Find(data); strings.HasSuffix(name, ".html") && inline != nil {
			t.Errorf("%s has inline code, which the policy forbids: %s", name, inline)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestPageEscapes shows names that are markup as text.
func TestPageEscapes(t *testing.T) {
	s, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	s.history.note(&exchange{r: mustRequest(t, "/<script>"), id: "1", model: "m", label: `<img src=x onerror="alert(1)">`, status: 200, start: time.Now()}, 0)
	page := ask(t, "GET", h.URL+"/", nil)
	wantReply(t, page, 200, "&lt;img src=x", "/&lt;script&gt;")
	if strings.Contains(page.body, "<img src=x") || strings.Contains(page.body, "/<script>") {
		t.Error("markup of a request is in the page")
	}
}

func mustRequest(t *testing.T, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestDocs shows every path of the document.
func TestDocs(t *testing.T) {
	view, err := readDocs(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, group := range view.Groups {
		for _, op := range group.Operations {
			shown = append(shown, op.Method+" "+op.Path)
			if op.Summary == "" || len(op.Responses) == 0 || op.Responses[0].Description == "" {
				t.Errorf("%s %s lacks its summary or answers: %+v", op.Method, op.Path, op)
			}
		}
	}
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) != len(s.routes()) {
		t.Errorf("%d operations of %d routes", len(shown), len(s.routes()))
	}
}

// TestSeen gives the picture in the model's size, and refuses what is none.
func TestSeen(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	got := ask(t, "POST", h.URL+"/page/seen/shade", bytes.NewReader(shade(t, 7)))
	wantReply(t, got, 200, "\x89PNG")
	wantReply(t, ask(t, "POST", h.URL+"/page/seen/shade", strings.NewReader("no picture")), 400)
	wantReply(t, ask(t, "POST", h.URL+"/page/seen/other", bytes.NewReader(shade(t, 7))), 404)
}

// TestFigures keeps the last requests, newest first, and no picture.
func TestFigures(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	for range historyRequests + 5 {
		wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 255)), headerInferenceID, "old"), 200)
	}
	wantReply(t, ask(t, "POST", h.URL+"/invocations", nil, headerInferenceID, "bad"), 400)
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 255)), headerInferenceID, "newest"), 200)
	got := ask(t, "GET", h.URL+"/page/figures", nil)
	wantReply(t, got, 200, `"requests":[{"id":"newest"`, `"label":"white","score":1`, `"code":"empty-body"`)
	if n := strings.Count(got.body, `"id":`); n != historyRequests {
		t.Errorf("%d requests, want %d", n, historyRequests)
	}
}

// TestHistoryThins keeps the latencies of a busy second in bounded memory, evenly.
func TestHistoryThins(t *testing.T) {
	s := second{step: 1}
	const n = 10_000
	for i := range n {
		s.note(PastRequest{Status: 200, MS: float64(i)}, 0)
	}
	s.note(PastRequest{Status: 429}, 7)
	if s.answered != n || s.refused != 1 || s.queue != 7 || len(s.times) > historySamples || len(s.times) < historySamples/4 {
		t.Errorf("%d answered, %d refused, queue %d, %d samples", s.answered, s.refused, s.queue, len(s.times))
	}
	if got := quantile(s.times, .5); got < n*45/100 || got > n*55/100 {
		t.Errorf("half of the times are below %v, want about %d", got, n/2)
	}
	if diff := cmp.Diff([]float64{1, 3, 5, 0}, []float64{quantile([]float64{1, 2, 3, 4, 5}, .01), quantile([]float64{1, 2, 3, 4, 5}, .5), quantile([]float64{1, 2, 3, 4, 5}, .99), quantile(nil, .5)}); diff != "" {
		t.Error(diff)
	}
}
