package parity_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/parity"
)

// row compares two classes: the local side's probability of the first, and how much the other side is away.
func row(p, away float64) *parity.Row {
	q := p + away
	return &parity.Row{MaxDelta: math.Abs(away), Margin: math.Abs(2*p - 1), Flip: (p >= 0.5) != (q >= 0.5), LocalMS: 1}
}

func TestVerdicts(t *testing.T) {
	failure := &parity.Failure{Code: "x"}
	for name, c := range map[string]struct {
		rows []*parity.Row
		want parity.Verdict
		ties int
	}{
		"equal":                      {[]*parity.Row{row(0.9, 0), row(0.2, 1e-4)}, parity.Pass, 0},
		"beyond the tolerance":       {[]*parity.Row{row(0.9, 0), row(0.2, 2e-4)}, parity.Drift, 0},
		"a near tie":                 {[]*parity.Row{row(0.9, 0.01), row(0.2, 0.01), row(0.501, -0.005)}, parity.Drift, 1},
		"a flip beyond the drift":    {[]*parity.Row{row(0.9, 1e-3), row(0.2, 1e-3), row(0.51, -0.02)}, parity.Fail, 0},
		"all drift, a sure one flip": {[]*parity.Row{row(0.9, -0.3), row(0.2, 0.2), row(0.7, -0.3)}, parity.Fail, 0},
		"a flip within tolerance":    {[]*parity.Row{row(0.50001, -0.00002)}, parity.Pass, 1},
		"one side fails":             {[]*parity.Row{row(0.9, 0), {RemoteError: failure}}, parity.Fail, 0},
		"both sides fail":            {[]*parity.Row{row(0.9, 0), {LocalError: failure, RemoteError: failure}}, parity.Pass, 0},
		"nothing":                    {[]*parity.Row{{LocalError: failure, RemoteError: failure}}, parity.Nothing, 0},
	} {
		var s parity.Summary
		for _, r := range c.rows {
			s.Add(r)
		}
		got := s.Result(1e-4)
		if got.Verdict != c.want || got.NearTies != c.ties {
			t.Errorf("%s: %s with %d near ties (%s), want %s with %d", name, got.Verdict, got.NearTies, got.Reason, c.want, c.ties)
		}
	}
}

// TestResult compares a whole result.
func TestResult(t *testing.T) {
	var s parity.Summary
	for i := range 100 {
		s.Add(&parity.Row{MaxDelta: float64(i) / 1000, Margin: 1, LocalMS: float64(i + 1), RemoteMS: 2})
	}
	s.Add(&parity.Row{LocalError: &parity.Failure{Code: "corrupt"}})
	got := s.Result(0.0501)
	got.Histogram = nil
	want := &parity.Result{
		Verdict: parity.Fail, Reason: "1 picture only one side could answer for", Tolerance: 0.0501, Pictures: 101, Compared: 100, Within: 51,
		Delta: &parity.Quantiles{P50: 0.049, P90: 0.089, P99: 0.098, Max: 0.099}, FlipRate: parity.ClopperPearson(0, 100), TieMargin: 0.05,
		LocalMS: &parity.Quantiles{P50: 50, P90: 90, P99: 99, Max: 100}, RemoteMS: &parity.Quantiles{P50: 2, P90: 2, P99: 2, Max: 2},
		LocalErrors: map[string]int{"corrupt": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestClopperPearson compares with scipy.stats.binomtest(k, n).proportion_ci(0.95, "exact") of SciPy 1.17.
func TestClopperPearson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{0, 8, 0, 0.3694166475528192}, {2, 8, 0.03185402624994424, 0.6508557944128243},
		{8, 8, 0.6305833524471808, 1}, {3, 200, 0.003104107621555085, 0.043208281917709784}, {0, 0, 0, 1},
	} {
		got := parity.ClopperPearson(c.k, c.n)
		if math.Abs(got.Low-c.low) > 1e-12 || math.Abs(got.High-c.high) > 1e-12 {
			t.Errorf("%d of %d: %v, want %v to %v", c.k, c.n, got, c.low, c.high)
		}
	}
}

// TestSample keeps the pairs that differ most, and others beside them.
func TestSample(t *testing.T) {
	var s parity.Sample
	for i := range 1000 {
		s.Add(parity.Pair{Row: parity.Row{Name: fmt.Sprint(i), MaxDelta: float64((i * 7919) % 1000)}})
	}
	pairs := s.Pairs()
	seen := map[string]bool{}
	for i, p := range pairs {
		if i < parity.SampleSize/2 && p.Row.MaxDelta != float64(999-i) {
			t.Errorf("pair %d differs by %v, want %d", i, p.Row.MaxDelta, 999-i)
		}
		seen[p.Row.Name] = true
	}
	if len(pairs) != parity.SampleSize || len(seen) != parity.SampleSize {
		t.Errorf("%d pairs of %d pictures, want %d", len(pairs), len(seen), parity.SampleSize)
	}
}
