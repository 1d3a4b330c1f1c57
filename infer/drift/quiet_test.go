package drift_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
)

// windows is the number of quiet windows that are simulated: more with SCONES_DRIFT_WINDOWS.
func windows(t *testing.T) int {
	text := os.Getenv("SCONES_DRIFT_WINDOWS")
	if text == "" {
		return 40
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQuietWindowsStayQuiet(t *testing.T) {
	count := windows(t)
	for _, n := range []int{22, 50, 200, 1000} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		alarms, significant := 0, 0
		words := map[drift.Verdict]int{}
		began := time.Now()
		for k := range count {
			base, err := drift.NewBaseline(usual.sample(r, 200), 1)
			if err != nil {
				t.Fatal(err)
			}
			report, err := drift.Run(base, usual.sample(r, n), drift.Options{Seed: uint64(k)})
			if err != nil {
				t.Fatal(err)
			}
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
		t.Logf("n = %d: %d of %d windows alarm, %d are significant, %v; %v each", n, alarms, count, significant, words, time.Since(began)/time.Duration(count))
	}
}
