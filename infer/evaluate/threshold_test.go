package evaluate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// tops are scores and right answers of the cases; scores are float32, as a model's.
func tops(t *testing.T, a answered) ([]float64, []bool) {
	t.Helper()
	_, score, right, err := evaluate.Top(a.p, a.truth)
	check(t, err)
	for i, s := range score {
		score[i] = float64(float32(s))
	}
	return score, right
}

func TestPromiseIsTheFallbackProcedure(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	all := answers()
	for _, n := range []int{60, 500, 2000} {
		for _, sharp := range []float64{20, 200} {
			p, truth := random(r, n, 2, sharp)
			all = append(all, answered{fmt.Sprintf("sharp %v", sharp), p, truth})
		}
	}
	var cases []refCase
	var from []answered
	for _, a := range all {
		for _, target := range []float64{0.5, 0.8, 0.9, 0.98} {
			score, right := tops(t, a)
			cases = append(cases, refCase{"function": "promise", "score": score, "right": right, "target": target})
			from = append(from, a)
		}
	}
	type reference struct {
		Found           bool
		Accepted, Right int
		Lower, Alpha    *float64
	}
	found := 0
	for i, data := range python(t, cases) {
		want := decode[reference](t, data)
		score, right := tops(t, from[i])
		target := cases[i]["target"].(float64)
		what := fmt.Sprintf("%s of %d, target %v", from[i].name, len(score), target)
		got, err := evaluate.Threshold(score, right, target)
		check(t, err)
		if got.Found != want.Found {
			t.Errorf("%s: found is %v, the reference says %v", what, got.Found, want.Found)
			continue
		}
		if !got.Found {
			if got.Reason == "" || got.Point != nil {
				t.Errorf("%s: %+v gives no reason", what, got)
			}
			continue
		}
		found++
		if diff := cmp.Diff([]int{want.Accepted, want.Right}, []int{got.Point.Accepted, got.Point.Right}); diff != "" {
			t.Errorf("%s: accepted and right (-reference +got):\n%s", what, diff)
		}
		near(t, what+": bound", got.Lower, want.Lower)
		near(t, what+": alpha", got.Alpha, want.Alpha)
		if got.Lower < target {
			t.Errorf("%s: the bound %v is below the target", what, got.Lower)
		}
		at, err := evaluate.CoverageAt(score, right, got.Point.Threshold)
		check(t, err)
		if at.Accepted != got.Point.Accepted {
			t.Errorf("%s: the threshold %v accepts %d, promised were %d", what, got.Point.Threshold, at.Accepted, got.Point.Accepted)
		}
	}
	if found < 10 {
		t.Errorf("only %d of %d cases have a threshold; the test says little", found, len(cases))
	}
}

// TestPromiseIsKept draws many samples of a model whose true accuracy above any threshold is known: a promise may be false in one of
// twenty. The hardest case is a target that the true curve passes slowly.
func TestPromiseIsKept(t *testing.T) {
	const rounds, n, target = 2000, 400, 0.9
	r := rand.New(rand.NewPCG(7, 8))
	// Scores are uniform in 0 to 1 and right with probability 0.8 + 0.2 score: above t the accuracy is 0.8 + 0.1 (1 + t), at 0 exactly
	// 0.9. Shifted down a little, every threshold below 0.02 is a false promise.
	const shift = 0.001
	promised, broken := 0, 0
	for range rounds {
		score, right := make([]float64, n), make([]bool, n)
		for i := range score {
			score[i] = r.Float64()
			right[i] = r.Float64() < 0.8+0.2*score[i]-shift
		}
		p, err := evaluate.Threshold(score, right, target)
		check(t, err)
		if p.Found {
			promised++
			if 0.8+0.1*(1+p.Point.Threshold)-shift < target {
				broken++
			}
		}
	}
	if promised < rounds/4 {
		t.Errorf("%d promises in %d rounds; the procedure finds too few", promised, rounds)
	}
	if limit := rounds * 6 / 100; broken > limit { // 5 % and two standard errors
		t.Errorf("%d of %d promises are false, at most %d may be", broken, rounds, limit)
	}
}

func TestPromiseThatCannotBe(t *testing.T) {
	sure := func(n int) ([]float64, []bool) {
		score, right := make([]float64, n), make([]bool, n)
		for i := range score {
			score[i], right[i] = 1-float64(i)/1000, true
		}
		return score, right
	}
	for _, c := range []struct {
		n      int
		target float64
		found  bool
		reason string
	}{
		{148, 0.98, false, "even without an error it takes 149 accepted pictures to show it, there are 148"},
		{149, 0.98, true, ""}, // 0.98^149 is the first below 0.05
		{149, 1, false, "no number of pictures shows that a model never errs"},
	} {
		score, right := sure(c.n)
		p, err := evaluate.Threshold(score, right, c.target)
		check(t, err)
		if p.Found != c.found || p.Reason != c.reason {
			t.Errorf("%d pictures, target %v: found %v, %q; want %v, %q", c.n, c.target, p.Found, p.Reason, c.found, c.reason)
		}
	}
	wrong := make([]bool, 1000)
	score, _ := sure(1000)
	p, err := evaluate.Threshold(score, wrong, 0.9)
	check(t, err)
	if p.Found || p.Seen != nil || p.Reason == "" {
		t.Errorf("all wrong: %+v", p)
	}
}

// TestCoverageCounts compares every point with counting.
func TestCoverageCounts(t *testing.T) {
	for _, a := range answers() {
		score, right := tops(t, a)
		points, err := evaluate.Coverage(score, right)
		check(t, err)
		thresholds := []float64{0, 0.5, 0.93, 1}
		for _, p := range points {
			thresholds = append(thresholds, p.Threshold)
		}
		for i, threshold := range thresholds {
			at, err := evaluate.CoverageAt(score, right, threshold)
			check(t, err)
			accepted, good := 0, 0
			for j, s := range score {
				if s >= float64(float32(threshold)) {
					accepted++
					if right[j] {
						good++
					}
				}
			}
			if at.Accepted != accepted || at.Right != good {
				t.Errorf("%s of %d: threshold %v accepts %d, %d right; counted are %d, %d", a.name, len(score), threshold, at.Accepted, at.Right, accepted, good)
			}
			if i >= 4 {
				if diff := cmp.Diff(points[i-4], at); diff != "" {
					t.Errorf("%s: point and threshold differ:\n%s", a.name, diff)
				}
			}
		}
		if last := points[len(points)-1]; last.Accepted != len(score) {
			t.Errorf("%s: the curve ends at %d of %d pictures", a.name, last.Accepted, len(score))
		}
		if !slices.IsSortedFunc(points, func(a, b evaluate.Point) int { return a.Accepted - b.Accepted }) || len(points) > 202 {
			t.Errorf("%s: %d points, not in order or too many", a.name, len(points))
		}
	}
}
