package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor/job"
)

// hour runs a job for the hour that begins at a time, as the schedule would, 20 minutes after it.
func hour(t *testing.T, w *world, begin time.Time, change func(*job.Job)) *job.Outcome {
	t.Helper()
	at := begin.Add(time.Hour + 20*time.Minute)
	j := w.job(at)
	if change != nil {
		change(j)
	}
	o, err := j.Run(t.Context(), job.Event{Scheduled: at.Format(time.RFC3339)})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestHours goes through a day in service: quiet, nothing, too little, dark pictures, still dark, quiet again.
func TestHours(t *testing.T) {
	w := newWorld()
	w.baseline(t, 200)
	w.capture(t, first, capturetest.Options{Records: 200, Side: 16, Seed: 2})
	w.capture(t, first.Add(2*time.Hour), capturetest.Options{Records: 6, Side: 16, Seed: 3})
	w.capture(t, first.Add(3*time.Hour), capturetest.Options{Records: 200, Side: 16, Seed: 4, Dark: 0.6})
	w.capture(t, first.Add(4*time.Hour), capturetest.Options{Records: 200, Side: 16, Seed: 5, Dark: 0.6})
	w.capture(t, first.Add(5*time.Hour), capturetest.Options{Records: 200, Side: 16, Seed: 6})
	type want struct {
		verdict drift.Verdict
		look    int
		rows    int
		told    bool
	}
	for i, want := range []want{
		{drift.Quiet, 1, 200, false}, {drift.CannotSay, 0, 0, false}, {drift.CannotSay, 2, 6, false},
		{drift.Drift, 3, 200, true}, {drift.Drift, 4, 200, false}, {drift.Quiet, 5, 200, true},
	} {
		begin := first.Add(time.Duration(i) * time.Hour)
		o := hour(t, w, begin, nil)
		report := fmt.Sprintf("s3://reports/monitor/scones/watch/2026/11/25/%d/", begin.Hour()+1)
		wanted := job.Outcome{From: begin, To: begin.Add(time.Hour), Verdict: want.verdict, Sentence: o.Sentence, Look: want.look, Rows: want.rows,
			Pictures: want.rows, Report: report, Told: want.told}
		if diff := cmp.Diff(wanted, *o); diff != "" || !strings.HasPrefix(o.Sentence, string(want.verdict)+": ") {
			t.Errorf("hour %d: %s\n%s", i, o.Sentence, diff)
		}
		if diff := cmp.Diff([]string{"constraint_violations.json", "report.html", "report.json", "statistics.json"}, w.written(report)); diff != "" {
			t.Errorf("hour %d: %s", i, diff)
		}
	}
	if len(w.messages) != 2 || !strings.HasPrefix(w.messages[0], "watch: drift\ndrift: ") || !strings.Contains(w.messages[0], "brightness") ||
		!strings.Contains(w.messages[0], "report: s3://reports/monitor/scones/watch/2026/11/25/18/report.html") || !strings.HasPrefix(w.messages[1], "watch: quiet again\nquiet: ") {
		t.Errorf("people were told:\n%s", strings.Join(w.messages, "\n---\n"))
	}
	var said []string
	for _, d := range w.metrics[drift.MetricsNamespace] {
		said = append(said, fmt.Sprintf("%s %v", d.Name, d.Value))
	}
	expected := []string{
		"scones_rows 200", "scones_cannot_say 0", "scones_drift 0", "scones_rows 0", "scones_cannot_say 1", "scones_rows 6", "scones_cannot_say 1",
		"scones_rows 200", "scones_cannot_say 0", "scones_drift 1", "scones_rows 200", "scones_cannot_say 0", "scones_drift 1", "scones_rows 200", "scones_cannot_say 0", "scones_drift 0",
	}
	if diff := cmp.Diff(expected, said); diff != "" {
		t.Error(diff)
	}
	var report drift.Report
	if err := json.Unmarshal(w.objects["s3://reports/monitor/scones/watch/2026/11/25/18/report.json"], &report); err != nil {
		t.Fatal(err)
	}
	if report.Verdict != drift.Drift || report.Level.Look != 3 || math.Abs(report.Level.Run-0.05/8760) > 1e-12 || report.Window.Source != prefix || len(report.Violations) == 0 {
		t.Errorf("verdict %s, level %+v, window %+v, violations %v", report.Verdict, report.Level, report.Window, report.Violations)
	}
}

// TestModelMonitorsMetrics compares every metric of both spellings with the captures themselves.
func TestModelMonitorsMetrics(t *testing.T) {
	w := newWorld()
	w.baseline(t, 50)
	w.capture(t, first, capturetest.Options{Records: 40, Side: 16, Seed: 2, Dark: 1})
	hour(t, w, first, func(j *job.Job) { j.Spellings = []job.Spelling{job.Guide, job.Dashboard} })
	named := map[string]job.Datum{}
	for _, d := range w.metrics[job.Guide.Namespace()] {
		named[d.Name] = d
	}
	dims := []job.Dimension{{Name: "EndpointName", Value: "scones"}, {Name: "ScheduleName", Value: "watch"}}
	at := first.Add(time.Hour)
	for _, want := range []job.Datum{ // black pictures of 16 pixels: what they are is known
		{Name: "feature_data_brightness", Dimensions: dims, Time: at, Stats: &job.Statistics{Count: 40}},
		{Name: "feature_data_width", Dimensions: dims, Time: at, Stats: &job.Statistics{Count: 40, Sum: 640, Min: 16, Max: 16}},
		{Name: "feature_non_null_width", Dimensions: dims, Time: at, Value: 40, Unit: "Count"},
		{Name: "feature_baseline_drift_width", Dimensions: dims, Time: at, Value: 0},
		{Name: "feature_baseline_drift_brightness", Dimensions: dims, Time: at, Value: 1},
		{Name: "feature_non_null_label", Dimensions: dims, Time: at, Value: 40, Unit: "Count"},
	} {
		if diff := cmp.Diff(want, named[want.Name]); diff != "" {
			t.Error(diff)
		}
	}
	if _, ok := named["feature_data_label"]; ok {
		t.Error("words have no statistics")
	}
	dashboard := w.metrics[job.Dashboard.Namespace()][3:]
	if len(dashboard) != len(named) || dashboard[0].Dimensions[1] != (job.Dimension{Name: "Feature", Value: "_"}) {
		t.Errorf("%d and %d metrics, %v", len(dashboard), len(named), dashboard[0])
	}
	w.metrics = map[string][]job.Datum{}
	w.capture(t, first.Add(time.Hour), capturetest.Options{Records: 40, Side: 16, Seed: 3, Dark: 1})
	hour(t, w, first.Add(time.Hour), func(j *job.Job) { j.Spellings, j.Robust = []job.Spelling{job.Endpoints}, true })
	for _, d := range w.metrics[job.Endpoints.Namespace()] {
		if want := 1 - 1.8*math.Sqrt(90./2000); d.Name == "feature_baseline_drift_brightness" && math.Abs(d.Value-want) > 1e-12 {
			t.Errorf("robust distance %v, want %v", d.Value, want)
		}
	}
}

// TestEnded ends a run at each call that changes something, before and behind it, and begins it again: what is left is the same as without,
// no look is spent twice, and people are told at least once.
func TestEnded(t *testing.T) {
	set := func() *world {
		w := newWorld()
		w.baseline(t, 60)
		w.capture(t, first, capturetest.Options{Records: 60, Side: 8, Seed: 2, Dark: 0.9})
		w.writes = 0
		return w
	}
	whole := set()
	daily := func(j *job.Job) *job.Job {
		j.Every, j.Window = 24*time.Hour, time.Hour
		return j
	}
	want := hour(t, whole, first, func(j *job.Job) { daily(j) })
	if want.Verdict != drift.Drift || whole.writes != 8 { // claim, four files, metrics, message, end
		t.Fatalf("%+v after %d writes", want, whole.writes)
	}
	for _, behind := range []bool{false, true} {
		for n := 1; n <= whole.writes; n++ {
			w := set()
			if w.failAt = n; behind {
				w.failAt, w.failAfter = 0, n
			}
			at := first.Add(80 * time.Minute)
			if _, err := daily(w.job(at)).Run(t.Context(), job.Event{}); err == nil || !errors.Is(err, errLost) {
				t.Fatalf("write %d: %v", n, err)
			}
			o, err := daily(w.job(at)).Run(t.Context(), job.Event{})
			if err != nil {
				t.Fatal(err)
			}
			o.Before = false
			if diff := cmp.Diff(want, o); diff != "" {
				t.Errorf("write %d, behind %v: %s", n, behind, diff)
			}
			if diff := cmp.Diff(whole.objects, w.objects); diff != "" {
				t.Errorf("write %d, behind %v: %s", n, behind, diff)
			}
			if len(w.messages) == 0 || len(w.messages) > 2 {
				t.Errorf("write %d, behind %v: people were told %d times", n, behind, len(w.messages))
			}
		}
	}
}

// TestTwoAtOnce lets another window's run come between each reading and writing of the record: both have a look of their own.
func TestTwoAtOnce(t *testing.T) {
	w := newWorld()
	w.baseline(t, 60)
	w.capture(t, first, capturetest.Options{Records: 30, Side: 8, Seed: 2})
	w.capture(t, first.Add(time.Hour), capturetest.Options{Records: 30, Side: 8, Seed: 3})
	var other *job.Outcome
	w.before = func(string) {
		w.before = nil
		other = hour(t, w, first, nil)
	}
	o := hour(t, w, first.Add(time.Hour), nil)
	if other == nil || other.Look != 1 || o.Look != 2 {
		t.Fatalf("looks %+v and %+v", other, o)
	}
	s, err := job.ParseSequence(w.objects[w.sequence(t)])
	if err != nil || s.Count != 2 || len(s.Runs) != 2 || s.Runs[0].Look != 1 || s.Runs[1].Look != 2 {
		t.Errorf("%v %+v", err, s)
	}
	// The schedule delivers at least once.
	before := w.writes
	again := hour(t, w, first, nil)
	if !again.Before || again.Look != 1 || w.writes != before {
		t.Errorf("%+v after %d more writes", again, w.writes-before)
	}
	// The same rows are the same look, other rows one more.
	at := first.Add(3 * time.Hour)
	event := job.Event{End: first.Add(time.Hour).Format(time.RFC3339), Again: true}
	if o, err := w.job(at).Run(t.Context(), event); err != nil || o.Look != 1 || !strings.HasSuffix(o.Report, "/15/look-1/") {
		t.Errorf("%v %+v", err, o)
	}
	w.capture(t, first, capturetest.Options{Records: 31, Side: 8, Seed: 2})
	if o, err := w.job(at).Run(t.Context(), event); err != nil || o.Look != 3 || o.Rows != 31 {
		t.Errorf("%v %+v", err, o)
	}
}

// sequence is the address of the one record of runs.
func (w *world) sequence(t *testing.T) string {
	t.Helper()
	for uri := range w.objects {
		if strings.Contains(uri, "/sequence-") {
			return uri
		}
	}
	t.Fatal("there is no record of runs")
	return ""
}

// TestManyPictures measures no more than it may, says so, and does not take those that are left out for missing data.
func TestManyPictures(t *testing.T) {
	w := newWorld()
	w.baseline(t, 60)
	w.capture(t, first, capturetest.Options{Records: 300, Side: 8, Seed: 2})
	o := hour(t, w, first, func(j *job.Job) { j.MaxPictures = 50 })
	var report drift.Report
	if err := json.Unmarshal(w.objects[o.Report+"report.json"], &report); err != nil {
		t.Fatal(err)
	}
	if o.Rows != 300 || o.Pictures != 50 || w.ranges >= 300 || !strings.Contains(strings.Join(report.Notes, "\n"), "50 of 300 pictures were measured, drawn evenly with seed 1") {
		t.Errorf("%+v after %d reads: %v", o, w.ranges, report.Notes)
	}
	for _, v := range report.Violations {
		if v.Check == "completeness_check" {
			t.Errorf("%+v", v)
		}
	}
}

// TestTime lets the time end among the pictures: those that were measured are taken, and the rest of the time is there for the rest.
func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.baseline(t, 60)
		w.capture(t, first, capturetest.Options{Records: 200, Side: 8, Seed: 2})
		j := w.job(first.Add(80 * time.Minute))
		quick := j.Range
		j.Range = func(ctx context.Context, uri string, offset int64) (io.ReadCloser, error) {
			if w.ranges >= 100 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return quick(ctx, uri, offset)
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		o, err := j.Run(ctx, job.Event{})
		if err != nil || o.Rows != 200 || o.Pictures < 100 || o.Pictures > 110 || time.Since(begun) != 11*time.Minute+30*time.Second { // half a minute for thumbnails
			t.Errorf("%v %+v after %v", err, o, time.Since(begun))
		}
		// Without an answer from the list of captures there is nothing to judge.
		j.List = func(ctx context.Context, _ capture.Options) iter.Seq2[capture.File, error] {
			return func(yield func(capture.File, error) bool) { <-ctx.Done(); yield(capture.File{}, ctx.Err()) }
		}
		_, err = j.Run(ctx, job.Event{End: first.Format(time.RFC3339)})
		if named, ok := errors.AsType[*job.Error](err); !ok || named.Name != job.OutOfTime || named.Hint() == "" {
			t.Errorf("%v", err)
		}
	})
}

// TestErrors compares names.
func TestErrors(t *testing.T) {
	for name, test := range map[string]struct {
		event string
		spoil func(*world)
		want  string
	}{
		"no event":           {``, nil, ""},
		"not JSON":           {`{`, nil, job.EventInvalid},
		"misspelt":           {`{"ende":"2026-11-25T15:00:00Z"}`, nil, job.EventInvalid},
		"no time":            {`{"end":"yesterday"}`, nil, job.EventInvalid},
		"to come":            {`{"end":"2026-11-25T18:00:00Z"}`, nil, job.EventInvalid},
		"backwards":          {`{"start":"2026-11-25T15:00:00Z","end":"2026-11-25T14:00:00Z"}`, nil, job.EventInvalid},
		"too long":           {`{"start":"2025-11-25T15:00:00Z","end":"2026-11-25T14:00:00Z"}`, nil, job.EventInvalid},
		"EventBridge's rule": {`{"version":"0","id":"x","detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"2026-11-25T15:20:07Z","region":"r","resources":[],"detail":{}}`, nil, ""},
		"no baseline":        {`{}`, func(w *world) { delete(w.objects, baselineURI) }, job.BaselineUnreadable},
		"no such baseline":   {`{}`, func(w *world) { w.objects[baselineURI] = []byte(`{"version":1}`) }, job.BaselineInvalid},
		"damaged record":     {`{}`, func(w *world) { w.objects[w.sequence(t)] = []byte(`{"version":1,"count":-1}`) }, job.SequenceInvalid},
		"no record":          {`{}`, func(w *world) { w.objects[w.sequence(t)] = []byte("\x00") }, job.SequenceInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.baseline(t, 20)
			w.capture(t, first.Add(-time.Hour), capturetest.Options{Records: 10, Seed: 2})
			hour(t, w, first.Add(-time.Hour), nil)
			if test.spoil != nil {
				test.spoil(w)
			}
			e, err := job.ParseEvent([]byte(test.event))
			if err == nil {
				_, err = w.job(first.Add(80*time.Minute)).Run(t.Context(), e)
			}
			got := ""
			if named, ok := errors.AsType[*job.Error](err); ok {
				got = named.Name
			}
			if got != test.want || (err == nil) != (test.want == "") {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// TestSilent leaves reports alone.
func TestSilent(t *testing.T) {
	w := newWorld()
	w.baseline(t, 60)
	w.capture(t, first, capturetest.Options{Records: 60, Side: 8, Seed: 2, Dark: 0.9})
	o, err := w.job(first.Add(80*time.Minute)).Run(t.Context(), job.Event{Silent: true})
	if err != nil || o.Verdict != drift.Drift || o.Told || len(w.messages)+len(w.metrics) > 0 || len(w.written(o.Report)) != 4 {
		t.Errorf("%v %+v, %v, %v", err, o, w.messages, w.metrics)
	}
}
