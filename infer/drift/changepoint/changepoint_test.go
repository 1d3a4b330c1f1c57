package changepoint_test

import (
	"math/rand/v2"
	"testing"

	"github.com/scones-unlimited/scones/infer/drift/changepoint"
)

// TestNoChangeIsFound counts false changes in series without any, of real numbers and of few values.
func TestNoChangeIsFound(t *testing.T) {
	const series = 400
	for _, values := range []int{0, 2} {
		r := rand.New(rand.NewPCG(1, uint64(values)))
		found := 0
		for k := range series {
			x := make([]float64, 60)
			for i := range x {
				x[i] = r.NormFloat64()
				if values > 0 {
					x[i] = float64(r.IntN(values))
				}
			}
			if len(changepoint.Find(x, 0.05, uint64(k))) > 0 {
				found++
			}
		}
		// At 5 % more than 42 of 400 are found once in a million tests.
		if t.Logf("%d of %d series have a change", found, series); found > 42 {
			t.Errorf("%d of %d series without a change have one", found, series)
		}
	}
}

func TestChangesAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	x := make([]float64, 300)
	for i := range x {
		x[i] = r.NormFloat64()
		if i >= 100 && i < 220 {
			x[i] += 3
		}
	}
	found := changepoint.Find(x, 0.05, 1)
	if len(found) != 2 {
		t.Fatalf("%+v, want two changes", found)
	}
	for k, want := range []struct{ at, from, to int }{{100, 0, found[1].Index}, {220, found[0].Index, 300}} {
		if c := found[k]; c.Index < want.at-3 || c.Index > want.at+3 || c.From != want.from || c.To != want.to || c.P > 0.025 {
			t.Errorf("%+v, want a change at %d", c, want.at)
		}
	}
}

func TestShortAndConstantSeriesHaveNone(t *testing.T) {
	for _, x := range [][]float64{nil, {1}, {0, 0, 0, 0, 9, 9, 9, 9}, make([]float64, 100)} {
		if found := changepoint.Find(x, 0.05, 1); len(found) > 0 {
			t.Errorf("%v has %+v", x, found)
		}
	}
}
