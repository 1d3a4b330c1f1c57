package live_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/live"
)

// report compares confidences of a window with those of a baseline, shifted.
func report(t *testing.T, shift float64) *drift.Report {
	t.Helper()
	sample := func(seed uint64, n int, shift float64) *drift.Sample {
		random := rand.New(rand.NewPCG(seed, 1))
		s := &drift.Sample{Threshold: 0.7, Columns: []drift.Column{{Name: drift.ConfidenceColumn, Group: drift.Scores, Numbers: []float64{}}}}
		for range n {
			s.Rows = append(s.Rows, drift.Row{})
			s.Columns[0].Numbers = append(s.Columns[0].Numbers, min(1, 0.5+shift+random.Float64()/2))
		}
		return s
	}
	base, err := drift.NewBaseline(sample(1, 200, 0), 1)
	if err != nil {
		t.Fatal(err)
	}
	window := sample(2, 100, shift)
	window.Skipped = map[string]int{"record: truncated-record": 3}
	r, err := drift.Run(base, window, drift.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func get(s *live.Server, path string) (int, string, http.Header) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String(), w.Header()
}

func TestServerShowsTheLastReport(t *testing.T) {
	s := live.NewServer(time.Minute)
	if code, body, _ := get(s, "/"); code != 200 || !strings.Contains(body, "Nothing to show yet") {
		t.Errorf("%d %s", code, body)
	}
	for _, path := range []string{"/report.json", "/healthz"} {
		if code, _, _ := get(s, path); code != 503 {
			t.Errorf("%s: %d", path, code)
		}
	}
	r := report(t, 0.3)
	if r.Verdict != drift.Drift {
		t.Fatal(r.Sentence)
	}
	if err := s.Update(r, []byte("<p>the page"), time.Now()); err != nil {
		t.Fatal(err)
	}
	s.Failed()
	if code, body, h := get(s, "/"); code != 200 || body != "<p>the page" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %s %v", code, body, h)
	}
	_, body, _ := get(s, "/report.json")
	var back struct{ Verdict drift.Verdict }
	if err := json.Unmarshal([]byte(body), &back); err != nil || back.Verdict != drift.Drift {
		t.Errorf("%v %s", err, body)
	}
	_, metrics, _ := get(s, "/metrics")
	for _, line := range []string{
		`scones_monitor_verdict{verdict="drift"} 1`, `scones_monitor_verdict{verdict="quiet"} 0`, `scones_monitor_rows{side="window"} 100`, `scones_monitor_column_drift{column="confidence"} 1`,
		`scones_monitor_skipped_records{cause="record: truncated-record"} 3`, `scones_monitor_checks_total{verdict="drift"} 1`, `scones_monitor_check_failures_total 1`,
		`scones_monitor_below_threshold_ratio{side="window"} 0`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if code, _, _ := get(s, "/healthz"); code != 200 {
		t.Errorf("healthz %d", code)
	}
	s.Unchanged(time.Now().Add(-time.Hour))
	if code, _, _ := get(s, "/healthz"); code != 503 {
		t.Errorf("healthz an hour later %d", code)
	}
	if code, _, _ := get(s, "/other"); code != 404 {
		t.Errorf("other %d", code)
	}
}
