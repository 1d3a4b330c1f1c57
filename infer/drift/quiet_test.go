package drift_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/scones-unlimited/scones/infer/drift"
)

// simulated is how many windows or sequences are drawn: SCONES_DRIFT_WINDOWS asks for more than a quick test does.
func simulated(t *testing.T, few int) int {
	t.Helper()
	text := os.Getenv("SCONES_DRIFT_WINDOWS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// bound is the number of alarms that a rate of 5 % exceeds in fewer than one of a million tests.
func bound(count int) int {
	b := distuv.Binomial{N: float64(count), P: 0.05}
	k := 0
	for b.CDF(float64(k)) < 1-1e-6 {
		k++
	}
	return k
}

// TestQuietWindowsStayQuiet draws a baseline and a window of one population again and again.
func TestQuietWindowsStayQuiet(t *testing.T) {
	count := simulated(t, 60)
	for _, n := range []int{22, 50, 200, 1000} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		alarms, significant := 0, 0
		powers := new(drift.Powers)
		words := map[drift.Verdict]int{}
		if n == 1000 {
			count = simulated(t, 20)
		}
		for k := range count {
			report := run(t, usual.sample(r, 200), usual.sample(r, n), drift.Options{Seed: uint64(k), Powers: powers})
			words[report.Verdict]++
			if report.Verdict == drift.Drift {
				alarms++
			}
			for _, test := range report.Tests {
				if test.Significant {
					significant++
					break
				}
			}
		}
		t.Logf("n = %d: %d of %d windows alarm, in %d something is significant; %v", n, alarms, count, significant, words)
		if significant > bound(count) {
			t.Errorf("n = %d: %d of %d quiet windows are significant", n, significant, count)
		}
	}
}

func run(t *testing.T, base, window *drift.Sample, o drift.Options) *drift.Report {
	t.Helper()
	b, err := drift.NewBaseline(base, 1)
	if err != nil {
		t.Fatal(err)
	}
	report, err := drift.Run(b, window, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestSequencesStayQuiet draws sequences of windows against one baseline each: no window of a sequence may alarm in more than one of
// twenty sequences.
func TestSequencesStayQuiet(t *testing.T) {
	sequences, length := simulated(t, 20), 15
	if os.Getenv("SCONES_DRIFT_WINDOWS") != "" {
		sequences, length = sequences/10, 200
	}
	sizes := []int{22}
	if sequences > 20 {
		sizes = append(sizes, 200)
	}
	for _, n := range sizes {
		for _, rule := range []string{"spend", "every"} {
			r := rand.New(rand.NewPCG(2, uint64(n)))
			powers := new(drift.Powers)
			broken, runs := 0, 0
			for range sequences {
				base, err := drift.NewBaseline(usual.sample(r, 200), 1)
				if err != nil {
					t.Fatal(err)
				}
				alarmed := false
				for look := range length {
					level := drift.Spend(drift.DefaultAlpha, look+1)
					if rule == "every" {
						level = drift.Every(drift.DefaultAlpha, week)
					}
					report, err := drift.Run(base, usual.sample(r, n), drift.Options{Level: level, Seed: uint64(look), Powers: powers})
					if err != nil {
						t.Fatal(err)
					}
					if report.Verdict == drift.Drift {
						alarmed = true
						runs++
					}
				}
				if alarmed {
					broken++
				}
			}
			t.Logf("%s, n = %d: %d of %d sequences of %d windows have an alarm, %d windows in all", rule, n, broken, sequences, length, runs)
			if broken > bound(sequences) {
				t.Errorf("%s, n = %d: %d of %d sequences of quiet windows have an alarm", rule, n, broken, sequences)
			}
		}
	}
}

const week = 7 * 24 * time.Hour
