package evaluate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

func TestPairedFiguresAreScipys(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	tables := [][4]int{{0, 0, 0, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}, {0, 0, 1, 1}, {0, 5, 5, 10}, {10, 0, 0, 10}, {0, 0, 0, 10}, {0, 10, 0, 10}, {0, 0, 10, 10}, {36, 2, 12, 50}, {900, 30, 12, 1000}}
	for range 40 {
		n := 1 + r.IntN(300)
		both := r.IntN(n + 1)
		gained := r.IntN(n - both + 1)
		tables = append(tables, [4]int{both, gained, r.IntN(n - both - gained + 1), n})
	}
	var cases []refCase
	for _, table := range tables {
		cases = append(cases, refCase{"function": "paired", "both": table[0], "gained": table[1], "lost": table[2], "n": table[3]})
	}
	type reference struct{ P, Low, High *float64 }
	for i, data := range python(t, cases) {
		want := decode[reference](t, data)
		both, gained, lost, n := tables[i][0], tables[i][1], tables[i][2], tables[i][3]
		what := fmt.Sprintf("both %d, gained %d, lost %d of %d: ", both, gained, lost, n)
		near(t, what+"p", evaluate.McNemar(gained, lost), want.P)
		interval := evaluate.PairedDifference(both, gained, lost, n)
		near(t, what+"low", interval.Low, want.Low)
		near(t, what+"high", interval.High, want.High)
	}
}

// TestPairedDifferenceIsNewcombes has the example of Newcombe (1998), table II: of 50 pairs 36, 12, 2, 0.
func TestPairedDifferenceIsNewcombes(t *testing.T) {
	got := evaluate.PairedDifference(36, 12, 2, 50)
	if want := (evaluate.Interval{Low: 0.0569, High: 0.3404}); math.Abs(got.Low-want.Low) > 5e-5 || math.Abs(got.High-want.High) > 5e-5 {
		t.Errorf("the interval is %+v, published is %+v", got, want)
	}
}

func TestCompare(t *testing.T) {
	labels := []string{"bicycle", "motorcycle"}
	first := &evaluate.Set{Labels: labels, Answers: []evaluate.Answer{
		{Picture: "a", Truth: 0, Predicted: 0, Score: 0.9}, {Picture: "b", Truth: 0, Predicted: 1, Score: 0.8},
		{Picture: "c", Truth: 1, Predicted: 1, Score: 0.7}, {Picture: "only here", Truth: 1, Predicted: 1, Score: 0.6},
	}}
	second := &evaluate.Set{Labels: []string{"motorcycle", "bicycle"}, Answers: []evaluate.Answer{
		{Picture: "c", Truth: 0, Predicted: 1, Score: 0.55, Scores: []float64{0.45, 0.55}}, {Picture: "b", Truth: 1, Predicted: 1, Score: 0.95},
		{Picture: "a", Truth: 1, Predicted: 1, Score: 0.99}, {Picture: "only there", Truth: 1, Predicted: 1, Score: 0.6},
	}}
	check(t, second.Reorder(labels))
	if diff := cmp.Diff([]float64{0.55, 0.45}, second.Answers[0].Scores); diff != "" {
		t.Errorf("reordered scores: %s", diff)
	}
	got, err := evaluate.Compare(first, second)
	check(t, err)
	want := &evaluate.Comparison{
		Pictures: 3, OnlyFirst: 1, OnlySecond: 1, First: evaluate.NewProportion(2, 3), Second: evaluate.NewProportion(2, 3),
		Gained:   []evaluate.Change{{Picture: "b", Label: "bicycle", First: "motorcycle", FirstScore: 0.8, Second: "bicycle", SecondScore: 0.95}},
		Lost:     []evaluate.Change{{Picture: "c", Label: "motorcycle", First: "motorcycle", FirstScore: 0.7, Second: "bicycle", SecondScore: 0.55}},
		Interval: evaluate.PairedDifference(1, 1, 1, 3), P: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := second.Reorder([]string{"bicycle", "car"}); err == nil {
		t.Error("other labels are taken for the same")
	}
}
