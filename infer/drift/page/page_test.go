package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/page"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess"
)

// sampleOf loads captures as scones monitor does.
func sampleOf(t testing.TB, o capturetest.Options, labels ...string) *drift.Sample {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "captures")
	if err := capturetest.Folder(dir, o); err != nil {
		t.Fatal(err)
	}
	l, err := monitor.NewLoader(monitor.Options{Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sampler := monitor.NewSampler(monitor.SamplerOptions{Labels: labels, Threshold: 0.75, Source: "captures of a <test> & more"})
	n := 0
	for row, err := range l.Load(t.Context(), []monitor.Source{monitor.Path(t.Context(), dir)}) {
		if err != nil {
			t.Fatal(err)
		}
		row.Latency = time.Duration(2+n%7) * time.Millisecond
		if n++; n%29 == 0 {
			row.Scores, row.Index, row.Label, row.Confidence, row.Picture, row.Error = nil, -1, "", 0, nil, "not-scores"
		}
		if err := sampler.Add(&row); err != nil {
			t.Fatal(err)
		}
	}
	s := l.Summary()
	return sampler.Sample(&s)
}

// report compares a window of n records with a baseline of 200. Dark is how much brightness its pictures lost.
func report(t testing.TB, n int, dark float64) *drift.Report {
	t.Helper()
	labels := []string{"bicycle", "motorcycle"}
	base, err := drift.NewBaseline(sampleOf(t, capturetest.Options{Records: 200, Side: 24, Seed: 1, Every: 7 * time.Minute}, labels...), 1)
	if err != nil {
		t.Fatal(err)
	}
	window := sampleOf(t, capturetest.Options{Records: n, Side: 24, Seed: 2, Every: 11 * time.Minute, Dark: dark, Begin: time.Date(2026, 2, 1, 6, 0, 0, 0, time.UTC)}, labels...)
	r, err := drift.Run(base, window, drift.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	r.Scones = "test"
	return r
}

func write(t testing.TB, r *drift.Report, o page.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := page.Write(t.Context(), &out, r, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// read opens pictures where they lie.
func read(ctx context.Context, at string) ([]byte, error) {
	return monitor.ReadPlace(ctx, monitor.ParsePlace(at), nil, preprocess.Limits{})
}

// TestPageSaysTheVerdictFirst writes pages of all verdicts: the sentence stands before any chart, nothing is loaded from elsewhere, and no
// text of a source becomes markup.
func TestPageSaysTheVerdictFirst(t *testing.T) {
	for name, c := range map[string]struct {
		n      int
		dark   float64
		want   drift.Verdict
		images int // at least
	}{"drift": {120, 0.4, drift.Drift, 15}, "quiet": {150, 0, drift.Quiet, 0}, "too few": {6, 0, drift.CannotSay, 0}} {
		t.Run(name, func(t *testing.T) {
			r := report(t, c.n, c.dark)
			if r.Verdict != c.want {
				t.Fatalf("the verdict is %q: %s", r.Verdict, r.Sentence)
			}
			html := write(t, r, page.Options{Picture: read, Problems: []page.Problem{{"record", "truncated-record", 3, "<b>x</b>"}}})
			if len(html) >= page.MaxBytes {
				t.Errorf("%d bytes", len(html))
			}
			at := strings.Index(html, "aria-label=\"Verdict\"")
			if chart := strings.Index(html, "<svg"); at < 0 || chart < at {
				t.Errorf("the verdict is at %d, the first chart at %d", at, chart)
			}
			if got := strings.Count(html, "<img"); got < c.images {
				t.Errorf("%d pictures, want %d or more", got, c.images)
			}
			if outside := regexp.MustCompile(`(?i)<script|<link|@import|(src|href)="?(https?:)?//`).FindString(html); outside != "" {
				t.Errorf("the page has %q", outside)
			}
			for _, part := range []string{"captures of a &lt;test&gt; &amp; more", "&lt;b&gt;x&lt;/b&gt;", "Confidence over time", "Method", "n</th>"} {
				if !strings.Contains(html, part) {
					t.Errorf("the page lacks %q", part)
				}
			}
			if strings.Contains(html, "ZgotmplZ") || strings.Contains(html, "NaN") {
				t.Error("a value was refused or is not a number")
			}
		})
	}
}

// TestPageDropsThumbnails: a page that would be too large loses the last pictures, not the first.
func TestPageDropsThumbnails(t *testing.T) {
	r := report(t, 120, 0.4)
	noise := image.NewNRGBA(image.Rect(0, 0, 40, 40)) // 5 kB as PNG, which a thumbnail of its size is
	large := func(_ context.Context, at string) ([]byte, error) {
		random := rand.New(rand.NewPCG(uint64(len(at)), 1))
		for i := range noise.Pix {
			noise.Pix[i] = uint8(random.Uint32())
		}
		var out bytes.Buffer
		err := png.Encode(&out, noise)
		return out.Bytes(), err
	}
	html := write(t, r, page.Options{Picture: large})
	if len(html) >= page.MaxBytes || !strings.Contains(html, "<img") {
		t.Errorf("%d bytes, %d pictures", len(html), strings.Count(html, "<img"))
	}
	if html := write(t, r, page.Options{Picture: func(context.Context, string) ([]byte, error) { return nil, errors.New("gone") }}); strings.Contains(html, "<img") || !strings.Contains(html, "no picture") {
		t.Error("pictures that are gone are shown")
	}
}

// TestPageOfManyClassesIsBounded has long names and many of everything.
func TestPageOfManyClassesIsBounded(t *testing.T) {
	var labels []string
	for i := range 300 {
		labels = append(labels, fmt.Sprintf("class %d %s", i, strings.Repeat("long ", 30)))
	}
	r := report(t, 60, 0.4)
	for i := range r.Columns {
		if r.Columns[i].Name == drift.LabelColumn {
			for _, label := range labels {
				r.Columns[i].Shares = append(r.Columns[i].Shares, drift.Share{Value: label, Baseline: 1, Window: 2})
			}
		}
	}
	for range 500 {
		r.Tests = append(r.Tests, r.Tests[0])
		r.Columns = append(r.Columns, r.Columns[0])
		r.Notes = append(r.Notes, strings.Repeat("note ", 500))
	}
	r.Notes = r.Notes[:40]
	var problems []page.Problem
	for range 500 {
		problems = append(problems, page.Problem{Concerns: "record", Code: strings.Repeat("c", 1000), Count: 1, First: strings.Repeat("f", 1000)})
	}
	if html := write(t, r, page.Options{Problems: problems, Picture: read}); len(html) >= page.MaxBytes {
		t.Errorf("%d bytes", len(html))
	}
}
