package twosample_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/scones-unlimited/scones/infer/drift/twosample"
	"github.com/scones-unlimited/scones/infer/pythontest"
)

// tolerance of every figure against scipy's, relative below one.
const tolerance = 1e-10

type refCase map[string]any

// python runs cases in scipy.
func python[T any](t *testing.T, cases []refCase) []T {
	t.Helper()
	var results []T
	for _, data := range pythontest.Run(t, "testdata/reference.py", cases) {
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		results = append(results, v)
	}
	return results
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*min(1, math.Abs(want))+1e-15) {
		t.Errorf("%s is %v, the reference has %v", what, got, want)
	}
}

// pairs of samples: of real numbers and, with ties, of few values.
func pairs(ties bool, sizes ...[2]int) (x, y [][]float64) {
	r := rand.New(rand.NewPCG(1, uint64(len(sizes))))
	for i, size := range sizes {
		draw := func(n int, shift float64) []float64 {
			v := make([]float64, n)
			for k := range v {
				v[k] = r.NormFloat64() + shift
				if ties {
					v[k] = math.Round(2*v[k]) / 2
				}
			}
			return v
		}
		x, y = append(x, draw(size[0], 0)), append(y, draw(size[1], float64(i%3)*0.6))
	}
	return x, y
}

var (
	small = [][2]int{{2, 2}, {2, 5}, {3, 3}, {5, 4}, {6, 5}, {8, 3}, {2, 9}, {7, 5}}
	large = [][2]int{{30, 30}, {200, 22}, {50, 200}, {137, 64}, {500, 300}}
)

func TestNumbersAreScipys(t *testing.T) {
	type reference struct {
		KS           float64
		KSP          *float64 `json:"ks_p"`
		Wasserstein  float64
		WassersteinP *float64 `json:"wasserstein_p"`
		Cliff        float64
	}
	var cases []refCase
	var xs, ys [][]float64
	for _, ties := range []bool{false, true} {
		for _, isSmall := range []bool{true, false} {
			sizes := large
			if isSmall {
				sizes = small
			}
			x, y := pairs(ties, sizes...)
			for i := range x {
				cases = append(cases, refCase{"function": "numbers", "x": x[i], "y": y[i], "small": isSmall, "ties": ties})
			}
			xs, ys = append(xs, x...), append(ys, y...)
		}
	}
	for i, want := range python[reference](t, cases) {
		what := fmt.Sprintf("%d and %d, ties %v: ", len(xs[i]), len(ys[i]), cases[i]["ties"])
		p := twosample.Pool(xs[i], ys[i])
		d, pvalue := p.KS()
		near(t, what+"KS", d, want.KS, tolerance)
		if want.KSP != nil {
			near(t, what+"p of KS", pvalue, *want.KSP, tolerance)
		}
		near(t, what+"Wasserstein", p.Wasserstein(), want.Wasserstein, tolerance)
		near(t, what+"Cliff's delta", p.Cliff(), want.Cliff, tolerance)
		if want.WassersteinP != nil {
			got := p.WassersteinTest(twosample.Draws{})
			near(t, what+"p of Wasserstein", got.P, *want.WassersteinP, tolerance)
			if !got.Exact {
				t.Errorf("%sp of Wasserstein was drawn", what)
			}
		}
	}
}

func TestCountsAreScipys(t *testing.T) {
	type reference struct {
		ChiSquare float64 `json:"chi_square"`
		V         float64
		P         *float64
	}
	tables := [][2][]int{
		{{3, 2}, {1, 4}}, {{2, 2, 1}, {0, 2, 3}}, {{4, 0, 1, 2}, {1, 3, 0, 1}}, {{5, 0, 2}, {1, 0, 3}}, {{1, 1, 1}, {1, 1, 1}},
		{{100, 100}, {15, 7}}, {{90, 60, 50}, {20, 20, 60}}, {{40, 3, 1, 0, 7}, {20, 5, 0, 2, 9}},
	}
	var cases []refCase
	for i, table := range tables {
		cases = append(cases, refCase{"function": "counts", "x": table[0], "y": table[1], "small": i < 5})
	}
	for i, want := range python[reference](t, cases) {
		c := twosample.Count(tables[i][0], tables[i][1])
		near(t, fmt.Sprintf("%v: chi-square", tables[i]), c.ChiSquare(), want.ChiSquare, tolerance)
		near(t, fmt.Sprintf("%v: V", tables[i]), c.V(), want.V, tolerance)
		if want.P != nil {
			near(t, fmt.Sprintf("%v: p", tables[i]), c.ChiSquareTest(twosample.Draws{}).P, *want.P, tolerance)
		}
	}
}

// TestProportionsAreScipys is less exact for Boschloo's test: scipy's optimiser may stop a little below the maximum.
func TestProportionsAreScipys(t *testing.T) {
	var cases []refCase
	tables := [][4]int{{1, 10, 5, 10}, {0, 8, 3, 12}, {100, 200, 15, 22}, {50, 100, 70, 100}, {3, 50, 3, 50}, {2, 60, 12, 45}, {0, 5, 5, 5}}
	for _, v := range tables {
		cases = append(cases, refCase{"function": "proportions", "a": v[0], "m": v[1], "b": v[2], "n": v[3]})
	}
	for i, want := range python[struct{ Boschloo, Fisher float64 }](t, cases) {
		v := tables[i]
		got := twosample.Proportions(v[0], v[1], v[2], v[3])
		near(t, fmt.Sprintf("%v", v), got, want.Boschloo, 1e-6)
		if got > want.Fisher*(1+1e-9) {
			t.Errorf("%v: %v is more than Fisher's %v", v, got, want.Fisher)
		}
		many := twosample.Proportions(v[0], v[1]+4000, v[2], v[3]+4000)
		if !(many > 0 && many <= 1) {
			t.Errorf("%v and 4000 more: %v", v, many)
		}
	}
}

func TestVectorsAreNumpys(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	draw := func(n int, shift float32) [][]float32 {
		v := make([][]float32, n)
		for i := range v {
			v[i] = []float32{float32(r.NormFloat64()) + shift, float32(r.NormFloat64()), float32(r.NormFloat64())}
		}
		return v
	}
	var cases []refCase
	var xs, ys [][][]float32
	for i, size := range [][2]int{{4, 4}, {5, 3}, {3, 7}, {60, 25}, {40, 90}} {
		x, y := draw(size[0], 0), draw(size[1], float32(i%2))
		xs, ys = append(xs, x), append(ys, y)
		cases = append(cases, refCase{"function": "vectors", "x": x, "y": y, "small": i < 3})
	}
	type reference struct {
		MMD, Distance float64
		P             *float64
	}
	for i, want := range python[reference](t, cases) {
		v := twosample.NewVectors(xs[i], ys[i])
		near(t, fmt.Sprintf("case %d: MMD", i), v.MMD(), want.MMD, 1e-5) // kernels are float32
		if math.Abs(v.Distance()-want.Distance) > 1e-4 {
			t.Errorf("case %d: distance is %v, the reference has %v", i, v.Distance(), want.Distance)
		}
		if want.P != nil {
			near(t, fmt.Sprintf("case %d: p", i), v.MMDTest(twosample.Draws{}).P, *want.P, tolerance)
		}
	}
}
