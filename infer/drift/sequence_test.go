package drift_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/infer/drift"
)

// TestHolmIsHolms: the example of three tests, once with even weights, once with others, worked out by hand.
func TestHolmIsHolms(t *testing.T) {
	for _, c := range []struct{ p, weight, want []float64 }{
		{[]float64{0.01, 0.02, 0.03}, []float64{1. / 3, 1. / 3, 1. / 3}, []float64{0.03, 0.04, 0.04}},
		{[]float64{0.03, 0.01, 0.5}, []float64{0.5, 0.25, 0.25}, []float64{0.045, 0.04, 0.5}},
		{[]float64{0.001, 0.9}, []float64{0, 1}, []float64{1, 0.9}},
	} {
		if diff := cmp.Diff(c.want, drift.Holm(c.p, c.weight), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("%v, %v (-want +got):\n%s", c.p, c.weight, diff)
		}
	}
}

// TestSpendingSumsToAlpha: what a million looks spend stays below alpha, and comes near enough to waste little.
func TestSpendingSumsToAlpha(t *testing.T) {
	total, last := 0.0, 1.0
	for look := 1; look <= 1_000_000; look++ {
		run := drift.Spend(0.05, look).Run
		if run >= last {
			t.Fatalf("look %d gets %v, the one before %v", look, run, last)
		}
		total, last = total+run, run
	}
	// Beyond k the sum is about 1/ln k of 2.1097.
	rest := 0.05 / math.Log(1_000_001) / 2.109742801236891
	if total > 0.05 || math.Abs(total+rest-0.05) > 1e-5 {
		t.Errorf("a million looks spend %v, the others %v", total, rest)
	}
}

func TestEveryHoldsOverAYear(t *testing.T) {
	for every, runs := range map[time.Duration]float64{time.Hour: 8760, 24 * time.Hour: 365, 30 * 24 * time.Hour: 200} {
		if got := drift.Every(0.05, every); math.Abs(got.Run*runs-0.05) > 1e-12 {
			t.Errorf("every %v: %+v, want 0.05 / %v", every, got, runs)
		}
	}
}

func TestStateCountsWindowsOnce(t *testing.T) {
	s := &drift.State{Version: drift.StateVersion, Baseline: "b"}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for k, window := range []string{"a", "b", "a", "c"} {
		look := s.Look(window)
		if want := []int{1, 2, 1, 3}[k]; look != want {
			t.Errorf("window %s is look %d, want %d", window, look, want)
		}
		s.Record(window, &drift.Report{Level: drift.Spend(0.05, look), Verdict: drift.Quiet}, at)
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := drift.ReadState(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, got); diff != "" || s.Count != 3 || len(s.Looks) != 3 {
		t.Errorf("%+v (-want +got):\n%s", s, diff)
	}
	for _, text := range []string{``, `{}`, `{"version":1,"count":-1}`} {
		if _, err := drift.ReadState(strings.NewReader(text)); !errors.Is(err, drift.ErrState) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
