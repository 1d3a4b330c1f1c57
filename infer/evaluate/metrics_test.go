package evaluate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

func TestProbabilitiesAreScikitLearns(t *testing.T) {
	all := answers()
	var cases []refCase
	for _, a := range all {
		cases = append(cases, refCase{"function": "probabilities", "p": a.p, "truth": a.truth})
	}
	type reference struct {
		Confusion             [][]int
		Precision, Recall, F1 []*float64
		Macro, ROC, PR        []*float64
		Accuracy, Balanced    *float64
		LogLoss               *float64 `json:"log_loss"`
		ROCMacro              *float64 `json:"roc_macro"`
		Brier, Top2           *float64
	}
	for i, data := range python(t, cases) {
		a, want := all[i], decode[reference](t, data)
		t.Run(fmt.Sprintf("%s of %d", a.name, len(a.p)), func(t *testing.T) {
			predicted, _, _, err := evaluate.Top(a.p, a.truth)
			check(t, err)
			labels := make([]string, len(a.p[0]))
			confusion, err := evaluate.Confusion(a.truth, predicted, len(labels))
			check(t, err)
			if diff := cmp.Diff(want.Confusion, confusion); diff != "" {
				t.Errorf("confusion matrix (-reference +got):\n%s", diff)
			}
			classes := evaluate.Classes(confusion, labels)
			var precision, recall, f1 []float64
			for _, c := range classes {
				precision, recall, f1 = append(precision, float64(c.Precision)), append(recall, float64(c.Recall)), append(f1, float64(c.F1))
			}
			nearAll(t, "precision", precision, want.Precision)
			nearAll(t, "recall", recall, want.Recall)
			nearAll(t, "F1", f1, want.F1)
			nearAll(t, "macro averages", []float64{evaluate.Mean(precision), evaluate.Mean(recall), evaluate.Mean(f1)}, want.Macro)
			near(t, "balanced accuracy", evaluate.Mean(recall), want.Balanced)
			loss, err := evaluate.LogLoss(a.p, a.truth)
			check(t, err)
			near(t, "log loss", loss, want.LogLoss)
			brier, err := evaluate.Brier(a.p, a.truth)
			check(t, err)
			near(t, "Brier score", brier, want.Brier)
			roc, pr, err := evaluate.Areas(a.p, a.truth)
			check(t, err)
			nearAll(t, "ROC area", roc, want.ROC)
			nearAll(t, "PR area", pr, want.PR)
			if want.ROCMacro != nil {
				near(t, "mean ROC area", evaluate.Mean(roc), want.ROCMacro)
			}
			if want.Top2 != nil {
				top2, err := evaluate.TopK(a.p, a.truth, 2)
				check(t, err)
				near(t, "top-2 accuracy", top2, want.Top2)
			}
		})
	}
}

func TestBinsAreScikitLearns(t *testing.T) {
	type binCase struct {
		answered
		bins     int
		strategy string
	}
	var all []binCase
	var cases []refCase
	for _, a := range answers() {
		for _, strategy := range []string{"uniform", "quantile"} {
			for _, bins := range []int{1, 2, 10, 15} {
				_, score, right, err := evaluate.Top(a.p, a.truth)
				check(t, err)
				all = append(all, binCase{a, bins, strategy})
				cases = append(cases, refCase{"function": "bins", "score": score, "right": right, "count": bins, "strategy": strategy})
			}
		}
	}
	type reference struct {
		Edges, Accuracy, Score []*float64
		Filled, Counts         []int
		ECE, Maximum           *float64
	}
	for i, data := range python(t, cases) {
		b, want := all[i], decode[reference](t, data)
		t.Run(fmt.Sprintf("%s of %d/%s %d", b.name, len(b.p), b.strategy, b.bins), func(t *testing.T) {
			_, score, right, err := evaluate.Top(b.p, b.truth)
			check(t, err)
			make := evaluate.EqualWidth
			if b.strategy == "quantile" {
				make = evaluate.EqualMass
			}
			bins, err := make(score, right, b.bins)
			check(t, err)
			edges := []float64{bins[0].Low}
			var accuracy, mean []float64
			var filled, counts []int
			for j, bin := range bins {
				edges = append(edges, bin.High)
				if bin.Count > 0 {
					accuracy, mean = append(accuracy, bin.Accuracy), append(mean, bin.Score)
					filled, counts = append(filled, j), append(counts, bin.Count)
				}
			}
			nearAll(t, "edges", edges, want.Edges)
			nearAll(t, "accuracy", accuracy, want.Accuracy)
			nearAll(t, "score", mean, want.Score)
			if diff := cmp.Diff([][]int{want.Filled, want.Counts}, [][]int{filled, counts}); diff != "" {
				t.Errorf("filled bins and their counts (-reference +got):\n%s", diff)
			}
			near(t, "ECE", evaluate.ECE(bins), want.ECE)
			near(t, "maximum", evaluate.MaximumCalibrationError(bins), want.Maximum)
		})
	}
}

func TestBootstrapIsNumpys(t *testing.T) {
	const rounds = 40
	var all []answered
	var cases []refCase
	for _, a := range answers() {
		if len(a.p) > 200 {
			continue
		}
		for _, strategy := range []string{"uniform", "quantile"} {
			_, score, right, err := evaluate.Top(a.p, a.truth)
			check(t, err)
			all = append(all, a)
			cases = append(cases, refCase{"function": "resampled", "score": score, "right": right, "count": 15, "strategy": strategy, "draws": evaluate.Draws(len(score), rounds)})
		}
	}
	for i, data := range python(t, cases) {
		a, want := all[i], decode[[]*float64](t, data)
		_, score, right, err := evaluate.Top(a.p, a.truth)
		check(t, err)
		got, err := evaluate.BootstrapInterval(score, right, 15, cases[i]["strategy"] == "quantile", rounds)
		check(t, err)
		nearAll(t, fmt.Sprintf("%s of %d, %s: interval", a.name, len(a.p), cases[i]["strategy"]), []float64{got.Low, got.High}, want)
	}
}

func TestProportionsAreScipys(t *testing.T) {
	var cases []refCase
	r := rand.New(rand.NewPCG(3, 4))
	add := func(k, n int, alpha float64) {
		cases = append(cases, refCase{"function": "proportion", "k": k, "n": n, "alpha": alpha})
	}
	for _, n := range []int{1, 2, 10, 200, 1000, 100_000} {
		for _, k := range []int{0, 1, n / 2, n - 1, n, r.IntN(n + 1)} {
			add(k, n, 0.05)
			add(k, n, 0.05/37)
		}
	}
	type reference struct {
		Wilson, Exact []*float64
		Lower         *float64
	}
	for i, data := range python(t, cases) {
		want := decode[reference](t, data)
		k, n, alpha := cases[i]["k"].(int), cases[i]["n"].(int), cases[i]["alpha"].(float64)
		what := fmt.Sprintf("%d of %d: ", k, n)
		wilson, exact := evaluate.Wilson(k, n), evaluate.Exact(k, n)
		nearAll(t, what+"Wilson", []float64{wilson.Low, wilson.High}, want.Wilson)
		nearAll(t, what+"exact", []float64{exact.Low, exact.High}, want.Exact)
		near(t, what+"lower bound", evaluate.ExactLower(k, n, alpha), want.Lower)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
