package drift_test

import (
	"math/rand/v2"
	"testing"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/drifttest"
)

// TestDriftIsSeen changes drawn pictures in the ways that pictures change in service. At n = 200 every change must be seen nearly always;
// what nothing happened to, nearly never.
func TestDriftIsSeen(t *testing.T) {
	const pictures, baseline, n, windows = 1000, 500, 200, 12
	r := rand.New(rand.NewPCG(11, 11))
	var drawn, foreign []drifttest.Picture
	for i := range pictures {
		drawn = append(drawn, drifttest.Draw(r, i%2))
	}
	for range 100 {
		foreign = append(foreign, drifttest.Draw(r, drifttest.Foreign))
	}
	pool, err := drifttest.NewPool([]string{"bicycle", "motorcycle"}, drawn, foreign, drifttest.StandIn)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, a := range pool.Answers[drifttest.Nothing] {
		if (a.Scores[0] > 0.5) == (a.Class == 0) {
			right++
		}
	}
	t.Logf("the judge is right in %d of %d", right, pictures)
	powers := new(drift.Powers)
	for _, change := range drifttest.Changes {
		alarms := 0
		for range windows {
			base, rest := pool.Deal(r, baseline)
			b, err := drift.NewBaseline(pool.Sample(drifttest.Nothing, base, 0.9), 1)
			if err != nil {
				t.Fatal(err)
			}
			report, err := drift.Run(b, pool.Sample(change, pool.Draw(r, change, rest, n), 0.9), drift.Options{Powers: powers})
			if err != nil {
				t.Fatal(err)
			}
			if report.Verdict == drift.Drift {
				alarms++
			}
		}
		t.Logf("%s: %d of %d windows alarm", change, alarms, windows)
		// At a power of 97 % fewer than 9 of 12 are seen once in 2,500 tests; at an error rate of 5 % more than 4 once in 5,000.
		if change == drifttest.Nothing && alarms > 4 || change != drifttest.Nothing && alarms < 9 {
			t.Errorf("%s: %d of %d windows alarm", change, alarms, windows)
		}
	}
}
