package modelmonitor_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/modelmonitor"
)

func sample() *drift.Sample {
	return &drift.Sample{Rows: make([]drift.Row, 5), Columns: []drift.Column{
		{Name: "label", Group: drift.Predictions, Values: []string{"bicycle", "motorcycle", "bicycle", "", "bicycle"}},
		{Name: "confidence", Group: drift.Scores, Numbers: []float64{0.5, 0.75, 1, math.NaN(), 0.75}},
		{Name: "width", Group: drift.Pictures, Numbers: []float64{32, 32, 48, 32, 32}},
		{Name: "embedding", Group: drift.Embeddings, Vectors: [][]float32{{1}, {2}, {3}, {4}, {5}}},
	}}
}

// TestFilesAreAsDocumented compares both files of a small sample with what is committed; UPDATE=1 writes them, to be compared with the
// schemas of the Developer Guide by eye.
func TestFilesAreAsDocumented(t *testing.T) {
	s := modelmonitor.Describe(sample())
	for name, content := range map[string]any{"testdata/statistics.json": s, "testdata/constraints.json": modelmonitor.Suggest(s)} {
		var got bytes.Buffer
		if err := modelmonitor.Write(&got, content); err != nil {
			t.Fatal(err)
		}
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := modelmonitor.Describe(sample())
	var file bytes.Buffer
	if err := modelmonitor.Write(&file, want); err != nil {
		t.Fatal(err)
	}
	got, err := modelmonitor.ReadStatistics(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back := got.Sample()
	sorted := func(c *drift.Column) []float64 { return slices.Sorted(slices.Values(c.Numbers)) }
	for _, name := range []string{"confidence", "width"} {
		if diff := cmp.Diff(sorted(sample().Column(name)), sorted(back.Column(name)), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"bicycle", "bicycle", "bicycle", "motorcycle", ""}, back.Column("label").Values); diff != "" {
		t.Errorf("label: (-want +got):\n%s", diff)
	}
}

// TestSketchKeepsQuantiles: of 100,000 numbers the sketch knows every percentile to half of one, in little memory.
func TestSketchKeepsQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = r.ExpFloat64()
	}
	s := modelmonitor.NewSketch(values)
	kept, weight := 0, 0.0
	for h, level := range s.Data {
		kept += len(level)
		weight += float64(len(level)) * math.Exp2(float64(h))
	}
	if kept > 8000 || weight != float64(len(values)) {
		t.Errorf("%d values are kept for %v", kept, weight)
	}
	slices.Sort(values)
	for k, got := range s.Quantiles(100) {
		rank, _ := slices.BinarySearch(values, got)
		if want := (float64(k) + 0.5) / 100; math.Abs(float64(rank)/float64(len(values))-want) > 0.005 {
			t.Errorf("quantile %v is at %v", want, float64(rank)/float64(len(values)))
		}
	}
}

func TestCheckFindsWhatModelMonitorFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	make := func(n int, shift float64, label string) *drift.Sample {
		s := &drift.Sample{Rows: make([]drift.Row, n)}
		labels, numbers := make([]string, n), make([]float64, n)
		for i := range n {
			labels[i], numbers[i] = label, r.Float64()+shift
		}
		s.Columns = []drift.Column{{Name: "label", Values: labels}, {Name: "score", Numbers: numbers}, {Name: "gone", Numbers: numbers}}
		return s
	}
	base := modelmonitor.Describe(make(300, 0, "a"))
	constraints := modelmonitor.Suggest(base)
	if found := modelmonitor.Check(constraints, base, base); len(found) > 0 {
		t.Errorf("the baseline itself does not meet its constraints: %+v", found)
	}
	other := make(300, 0.5, "b")
	other.Columns[1].Numbers[0] = math.NaN()
	other.Columns[2].Name = "new"
	var got []string
	for _, v := range modelmonitor.Check(constraints, base, modelmonitor.Describe(other)) {
		got = append(got, v.Feature+" "+v.Check)
	}
	want := []string{"label categorical_values_check", "label baseline_drift_check", "score completeness_check", "score baseline_drift_check",
		"gone missing_column_check", "new extra_column_check"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// With few rows the robust distance is none.
	few := modelmonitor.Check(constraints, base, modelmonitor.Describe(make(8, 0.3, "a")))
	if len(few) != 0 {
		t.Errorf("8 rows: %+v", few)
	}
}

func TestContainersConstraintsAreRead(t *testing.T) {
	c, err := modelmonitor.ReadConstraints(strings.NewReader(`{"version":0,"features":[{"name":"_c0","inferred_type":"Fractional","completeness":1.0,
		"num_constraints":{"is_non_negative":true},"monitoringConfigOverrides":{}}],
		"monitoring_config":{"distribution_constraints":{"comparison_threshold":0.2,"comparison_method":"Simple"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Config.DistributionConstraints; d.Threshold != 0.2 || d.Method != modelmonitor.Simple || d.PerformComparison != modelmonitor.Enabled || c.Config.EvaluateConstraints != modelmonitor.Enabled {
		t.Errorf("%+v", c.Config)
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty": ``, "no JSON": `hello`, "no features": `{"version":0}`, "no name": `{"features":[{"inferred_type":"String"}]}`,
		"twice":     `{"features":[{"name":"a"},{"name":"a"}]}`,
		"no sketch": `{"features":[{"name":"a","numerical_statistics":{"common":{"num_present":5}}}]}`,
		"counts":    `{"features":[{"name":"a","numerical_statistics":{"common":{"num_present":-5}}}]}`,
		"levels":    `{"features":[{"name":"a","numerical_statistics":{"distribution":{"kll":{"sketch":{"data":[` + strings.Repeat("[],", 80) + `[]]}}}}}]}`,
	} {
		if _, err := modelmonitor.ReadStatistics(strings.NewReader(text)); !errors.Is(err, modelmonitor.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"no features": `{}`, "method": `{"features":[{"name":"a"}],"monitoring_config":{"distribution_constraints":{"comparison_method":"x"}}}`,
	} {
		if _, err := modelmonitor.ReadConstraints(strings.NewReader(text)); !errors.Is(err, modelmonitor.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
