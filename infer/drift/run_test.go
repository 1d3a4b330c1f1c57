package drift_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/infer/drift"
)

// TestPlantedRowsCarryTheDrift darkens some pictures and finds them among the rows that carry most.
func TestPlantedRowsCarryTheDrift(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	window := usual.sample(r, 100)
	brightness := window.Column("brightness").Numbers
	for i := range 30 {
		brightness[i] -= 120
		window.Rows[i].Picture = fmt.Sprintf("dark-%d.png", i)
	}
	report := run(t, usual.sample(r, 300), window, drift.Options{})
	if report.Verdict != drift.Drift || !strings.Contains(report.Sentence, "brightness") {
		t.Fatalf("%s", report.Sentence)
	}
	dark := 0
	for _, c := range report.Carriers[:30] {
		if strings.HasPrefix(c.Row.Picture, "dark-") && strings.HasPrefix(c.Why[0], "brightness ") {
			dark++
		}
	}
	if dark < 28 { // a few others may be dark by chance
		t.Errorf("%d of the first 30 rows are dark ones", dark)
	}
	total := 0.0
	for _, c := range report.Carriers {
		total += c.Share
	}
	if math.Abs(total-1) > 1e-9 {
		t.Errorf("the shares sum to %v", total)
	}
	column := report.Columns[slices.IndexFunc(report.Columns, func(c drift.Compared) bool { return c.Name == "brightness" })]
	if !column.Drift || len(column.Examples.Window) != 6 || len(column.Examples.Baseline) != 6 || !strings.HasPrefix(column.Examples.Window[0].Row.Picture, "dark-") {
		t.Errorf("%+v", column)
	}
}

// TestFewRowsCannotSay: with 8 rows nothing but the largest change would be seen, and that is said.
func TestFewRowsCannotSay(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9)) // one seed in twenty has a false alarm
	base := usual.sample(r, 300)
	for _, n := range []int{0, 3, 8, 200} { // in this order: the same windows each time
		want := drift.CannotSay
		if n == 200 {
			want = drift.Quiet
		}
		report := run(t, base, usual.sample(r, n), drift.Options{})
		if report.Verdict != want || !strings.HasPrefix(report.Sentence, string(want)+": ") {
			t.Errorf("%d rows: %s", n, report.Sentence)
		}
	}
}

// TestSmallDifferenceIsNoDrift: with many rows a difference of a tenth of a standard deviation is beyond chance, and too small.
func TestSmallDifferenceIsNoDrift(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	column := func(n int, shift float64) *drift.Sample {
		s := &drift.Sample{Rows: make([]drift.Row, n), Columns: []drift.Column{{Name: "x", Group: drift.Pictures, Numbers: make([]float64, n)}}}
		for i := range n {
			s.Columns[0].Numbers[i] = r.NormFloat64() + shift
		}
		return s
	}
	base := column(8000, 0)
	for _, shift := range []float64{0.1, 0.4} {
		want := drift.Quiet
		if shift > 0.2 {
			want = drift.Drift
		}
		report := run(t, base, column(8000, shift), drift.Options{})
		if report.Verdict != want || !report.Tests[0].Significant {
			t.Errorf("shift %v: %s %q", shift, report.Sentence, report.Reasons)
		}
	}
	if report := run(t, base, column(8000, 0.1), drift.Options{MinEffect: -1}); report.Verdict != drift.Drift {
		t.Errorf("without a smallest effect: %s", report.Sentence)
	}
}

var sameNumber = cmp.Comparer(func(a, b drift.Number) bool { return a == b || a.Missing() && b.Missing() })

// TestReportIsDeterministicAndReadable: equal runs give equal reports, and the JSON reads back.
func TestReportIsDeterministicAndReadable(t *testing.T) {
	one := func() *drift.Report {
		r := rand.New(rand.NewPCG(6, 6))
		base := usual.sample(r, 200)
		return run(t, base, population{bicycles: 0.9, confidence: 3, brightness: 0.7}.sample(r, 120), drift.Options{Seed: 3})
	}
	a, b := one(), one()
	if diff := cmp.Diff(a, b, sameNumber); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back drift.Report
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, &back, sameNumber, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	var lines bytes.Buffer
	if err := a.WriteEMF(&lines, "e", "s", time.UnixMilli(5)); err != nil {
		t.Fatal(err)
	}
	var metrics map[string]any
	if err := json.Unmarshal(bytes.SplitN(lines.Bytes(), []byte("\n"), 2)[0], &metrics); err != nil {
		t.Fatal(err)
	}
	if metrics["scones_drift"] != 1.0 || metrics["Endpoint"] != "e" || metrics["feature_baseline_drift_brightness"] == nil || metrics["feature_non_null_label"] != 120.0 {
		t.Errorf("%s", lines.String())
	}
}

// TestAccuracy compares what is expected without true classes with what they say, of a judge whose confidence means what it says.
func TestAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	judged := func(n int) (*drift.Sample, []string) {
		s := usual.sample(r, n)
		truth := make([]string, n)
		for i, c := range s.Column(drift.ConfidenceColumn).Numbers {
			truth[i] = s.Column(drift.LabelColumn).Values[i]
			if r.Float64() > c {
				truth[i] = map[string]string{"bicycle": "motorcycle", "motorcycle": "bicycle"}[truth[i]]
			}
		}
		return s, truth
	}
	base, truth := judged(400)
	if err := base.Judge(truth); err != nil {
		t.Fatal(err)
	}
	covered := 0
	for range 20 {
		window, truth := judged(200)
		truth[5] = ""
		report := run(t, base, window, drift.Options{Truth: truth})
		measured := report.Quality.Accuracy.Value
		if e := report.Expected; measured >= e.Interval.Low && measured <= e.Interval.High {
			covered++
		}
		if !report.Expected.Calibrated || report.Quality.Pictures != 199 || math.Abs(float64(report.Expected.Baseline)-0.9) > 0.05 {
			t.Errorf("%+v, %d pictures", report.Expected, report.Quality.Pictures)
		}
	}
	if covered < 15 { // of 20 at 95 %: fewer once in 10,000 tests
		t.Errorf("%d of 20 intervals hold what was measured", covered)
	}
}

func TestIsotonicPools(t *testing.T) {
	got := drift.Isotonic([]float64{0.1, 0.2, 0.3, 0.3, 0.5, 0.6}, []float64{0, 1, 0, 0, 1, 0}, []float64{0, 0.1, 0.25, 0.3, 0.55, 0.6, 1})
	third := 1. / 3
	if diff := cmp.Diff([]float64{0, 0, third, third, 0.5, 0.5, 0.5}, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestServed counts rows by the hour, gaps, failures, and finds where the confidence falls.
func TestServed(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	window := usual.sample(r, 240)
	at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	for i := range window.Rows {
		if i == 120 {
			at = at.Add(3 * time.Hour)
		}
		at = at.Add(time.Minute)
		window.Rows[i].Time = at
		if i >= 160 {
			window.Column(drift.ConfidenceColumn).Numbers[i] = 0.5 + 0.3*r.Float64()
		}
	}
	window.Rows[7].Error = "decode"
	o := run(t, usual.sample(r, 200), window, drift.Options{}).Operation
	if len(o.Slots) != 8 || o.Slots[0].Rows != 59 || o.Slots[3].Rows != 0 || o.Errors.Right != 1 || o.Gaps[0].To.Sub(o.Gaps[0].From) != 3*time.Hour+time.Minute {
		t.Errorf("%+v", o)
	}
	if i := slices.IndexFunc(o.Changes, func(c drift.Change) bool { return c.Series == drift.ConfidenceColumn }); i < 0 || o.Changes[i].Index < 155 || o.Changes[i].Index > 165 {
		t.Errorf("%+v", o.Changes)
	}
}

// TestServedOfASample: of 20,000 rows a tenth is kept, and the rate is that of all.
func TestServedOfASample(t *testing.T) {
	c := drift.NewCollector(2000, 1, drift.Column{Name: "x", Group: drift.Pictures, Numbers: []float64{}})
	for i := range 20_000 {
		row := drift.Row{Time: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)}
		if err := c.Add(row, drift.Cell{Number: float64(i % 7)}); err != nil {
			t.Fatal(err)
		}
	}
	s := c.Sample()
	r := run(t, s, s, drift.Options{})
	if o := r.Operation; math.Abs(float64(o.PerHour)-3600) > 20 || o.Slots[2].Rows < 3200 || o.Slots[2].Rows > 4000 || len(o.Gaps) > 0 || r.Window.Rows != 20_000 || r.Window.Kept != 2000 {
		t.Errorf("%+v, %+v", o, r.Window)
	}
}
