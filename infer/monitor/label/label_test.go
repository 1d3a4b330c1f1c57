package label_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor/label"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

func scene(seed uint64) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, phashtest.Scene(seed, 16, 16)); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// sample has six rows; the last but one has no picture, the last failed.
func sample() *drift.Sample {
	s := &drift.Sample{Columns: []drift.Column{
		{Name: drift.LabelColumn, Values: []string{"a", "b", "a", "b", "a", ""}},
		{Name: drift.ConfidenceColumn, Numbers: []float64{0.5, 0.91, 0.99, 0.92, 0.93, 0.93}},
	}}
	for i := range 6 {
		s.Rows = append(s.Rows, drift.Row{EventID: fmt.Sprint("e", i), Picture: fmt.Sprint("p", i)})
	}
	s.Rows[4].Picture, s.Rows[5].Error = "", "not-scores"
	return s
}

func places(list []label.Question) (places []string) {
	for _, q := range list {
		places = append(places, q.Place)
	}
	return places
}

func TestChoose(t *testing.T) {
	report := &drift.Report{Carriers: []drift.Carrier{{Index: 2, Share: 0.5, Why: []string{"brightness 0.1, usual 0.4 to 0.6"}}, {Index: 4, Share: 0.3}, {Index: 0, Share: 0.2}, {Index: 1, Share: 0.1}}}
	got := label.Choose(label.Candidates{Sample: sample(), Report: report, Threshold: 0.93, Most: 3})
	if diff := cmp.Diff([]string{"p2", "p0", "p3"}, places(got)); diff != "" {
		t.Error(diff)
	}
	if want := "carries 50.0 % of the drift: brightness 0.1, usual 0.4 to 0.6"; got[0].Why != want || got[0].Said != "a" || *got[0].Confidence != 0.99 || got[2].Why != "0.9200 is near the threshold of 0.93" {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"p3", "p1", "p2", "p0"}, places(label.Choose(label.Candidates{Sample: sample(), Threshold: 0.93, Most: 9}))); diff != "" {
		t.Error(diff)
	}
}

// read gives different pictures, but for p1, which is p0 again, and p3, which is gone.
func read(_ context.Context, place string) ([]byte, error) {
	switch place {
	case "p1":
		place = "p0"
	case "p3":
		return nil, fs.ErrNotExist
	}
	return scene(uint64(place[1])), nil
}

func open(t *testing.T, dir string) *label.Session {
	t.Helper()
	s, missing, err := label.Open(t.Context(), dir, []string{"a", "b"}, label.Choose(label.Candidates{Sample: sample(), Threshold: 0.6, Most: 9}), read)
	if err != nil {
		t.Fatal(err)
	}
	if missing != 1 {
		t.Errorf("%d pictures are missing", missing)
	}
	return s
}

func content(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestSessionKeepsAnswers answers, goes on in another process, and reads what retraining gets.
func TestSessionKeepsAnswers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "relabel")
	s := open(t, dir)
	if c := s.Count(); c != (label.Count{Questions: 2, Open: 2}) {
		t.Errorf("%+v", c)
	}
	if err := errors.Join(s.Answer(0, 1), s.Answer(1, label.Useless)); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][2]int{{2, 0}, {-1, 0}, {0, 2}, {0, -4}} {
		if err := s.Answer(wrong[0], wrong[1]); err == nil {
			t.Errorf("the answer %v is kept", wrong)
		}
	}
	s = open(t, dir)
	if c := s.Count(); c != (label.Count{Questions: 2, Labelled: 1, Useless: 1}) {
		t.Errorf("%+v", c)
	}
	list := content(t, filepath.Join(dir, label.ListFile))
	name, ok := strings.CutPrefix(strings.TrimSpace(list), "0\t1\tpictures/")
	if !ok || strings.Contains(name, "\n") {
		t.Errorf("%q", list)
	}
	for img, err := range preprocess.List(t.Context(), filepath.Join(dir, label.ListFile), "") {
		if err != nil {
			t.Fatal(err)
		}
		file, err := img.Open()
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	if got, want := content(t, filepath.Join(dir, label.TruthFile)), "id,label\ne0,b\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, _, err := label.Open(t.Context(), dir, []string{"a", "c"}, nil, read); !errors.Is(err, label.ErrSession) {
		t.Errorf("other classes: %v", err)
	}
	for _, text := range []string{"{", `{"version":9}`, `{"version":1,"labels":["a","b"],"questions":[{"place":"p","file":"../../etc/passwd","answer":0}]}`,
		`{"version":1,"labels":["a","b"],"questions":[{"place":"p","file":"pictures/x.png","answer":7}]}`} {
		if err := os.WriteFile(filepath.Join(dir, "session.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := label.Open(t.Context(), dir, []string{"a", "b"}, nil, read); !errors.Is(err, label.ErrSession) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestPageIsForOnePerson asks with and without the secret, under other names, and from other pages.
func TestPageIsForOnePerson(t *testing.T) {
	s := open(t, t.TempDir())
	h := s.Handler()
	ask := func(method, path string, form url.Values, set func(*http.Request)) *http.Response {
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Host = "127.0.0.1:9"
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", "http://127.0.0.1:9")
		}
		if set != nil {
			set(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	yes := url.Values{"answer": {"1"}}
	for name, c := range map[string]struct {
		got  *http.Response
		want int
	}{
		"no secret":         {ask("GET", "/", nil, nil), 404},
		"a wrong one":       {ask("GET", "/AAAA/1", nil, nil), 404},
		"another name":      {ask("GET", h.Path()+"1", nil, func(r *http.Request) { r.Host = "evil.example" }), 421},
		"another page":      {ask("POST", h.Path()+"1", yes, func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }), 403},
		"no origin":         {ask("POST", h.Path()+"1", yes, func(r *http.Request) { r.Header.Del("Origin") }), 403},
		"cross site":        {ask("POST", h.Path()+"1", yes, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }), 403},
		"no such question":  {ask("GET", h.Path()+"3", nil, nil), 404},
		"no such answer":    {ask("POST", h.Path()+"1", url.Values{"answer": {"x"}}, nil), 400},
		"a class too many":  {ask("POST", h.Path()+"1", url.Values{"answer": {"2"}}, nil), 500},
		"by GET":            {ask("GET", h.Path()+"1?answer=1", nil, nil), 200},
		"a long body":       {ask("POST", h.Path()+"1", url.Values{"answer": {strings.Repeat("1", 9000)}}, nil), 400},
		"a picture":         {ask("GET", h.Path()+"picture/1", nil, nil), 200},
		"another picture":   {ask("GET", h.Path()+"picture/9", nil, nil), 404},
		"a file beside":     {ask("GET", h.Path()+"session.json", nil, nil), 404},
		"the first of them": {ask("GET", h.Path(), nil, nil), 303},
	} {
		if c.got.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, c.got.StatusCode, c.want)
		}
		if !strings.HasPrefix(c.got.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy", name)
		}
	}
	if c := s.Count(); c.Open != 2 {
		t.Fatalf("something was answered: %+v", c)
	}
	if r := ask("POST", h.Path()+"1", yes, nil); r.Header.Get("Location") != h.Path()+"2" {
		t.Errorf("after the first: %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	if r := ask("POST", h.Path()+"2", url.Values{"answer": {"-2"}}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }); r.Header.Get("Location") != h.Path()+"end" {
		t.Errorf("after the last: %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	ask("POST", h.Path()+"end", url.Values{}, nil)
	ask("POST", h.Path()+"end", url.Values{}, nil) // a second click
	select {
	case <-h.Done():
	default:
		t.Error("it is not done")
	}
}
