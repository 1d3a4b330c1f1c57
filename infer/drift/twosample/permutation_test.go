package twosample_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/scones-unlimited/scones/infer/drift/twosample"
)

// TestSeparatedSamples: two samples of 20 that do not overlap are one of the two most extreme divisions of C(40, 20), a p that no drawing
// reaches.
func TestSeparatedSamples(t *testing.T) {
	x, y := make([]float64, 20), make([]float64, 20)
	for i := range x {
		x[i], y[i] = float64(i), float64(i+100)
	}
	p := twosample.Pool(x, y)
	d, pvalue := p.KS()
	if want := 2 / 137846528820.0; d != 1 || math.Abs(pvalue-want) > 1e-12*want || p.Cliff() != 1 {
		t.Errorf("KS %v, p %v, want %v; delta %v", d, pvalue, want, p.Cliff())
	}
	if got := p.WassersteinTest(twosample.Draws{Max: 999}); got.P != 0.001 || got.Draws != 999 || got.Exact {
		t.Errorf("Wasserstein: %+v", got)
	}
	if same := twosample.Pool(x, x); true {
		if d, pvalue := same.KS(); d != 0 || pvalue != 1 {
			t.Errorf("equal samples: KS %v, p %v", d, pvalue)
		}
	}
}

// TestDrawingAgreesWithCounting: of zeros and ones all statistics order divisions alike, so that what is drawn must come near to what is
// counted.
func TestDrawingAgreesWithCounting(t *testing.T) {
	for _, c := range []struct{ m, ones, n, others int }{{60, 30, 40, 26}, {60, 30, 40, 30}, {200, 100, 22, 6}} {
		sample := func(n, ones int) (numbers []float64, vectors [][]float32) {
			for i := range n {
				v := 0.0
				if i < ones {
					v = 1
				}
				numbers, vectors = append(numbers, v), append(vectors, []float32{float32(v)})
			}
			return numbers, vectors
		}
		x, vx := sample(c.m, c.ones)
		y, vy := sample(c.n, c.others)
		want := twosample.Count([]int{c.ones, c.m - c.ones}, []int{c.others, c.n - c.others}).ChiSquareTest(twosample.Draws{})
		_, ks := twosample.Pool(x, y).KS()
		if !want.Exact || math.Abs(ks-want.P) > 1e-12 {
			t.Errorf("%+v: KS has p %v, chi-square %+v", c, ks, want)
		}
		draws := twosample.Draws{Max: 20_000, Enough: 20_000, Seed: 5}
		for name, got := range map[string]twosample.Result{
			"Wasserstein": twosample.Pool(x, y).WassersteinTest(draws), "MMD": twosample.NewVectors(vx, vy).MMDTest(draws),
		} {
			if deviation := math.Sqrt(want.P * (1 - want.P) / 20_000); got.Exact || math.Abs(got.P-want.P) > 5*deviation+1e-4 {
				t.Errorf("%+v: %s has p %v, counted are %v", c, name, got.P, want.P)
			}
		}
	}
}

func TestHypergeometricDraws(t *testing.T) {
	const count = 100_000
	for _, c := range [][3]int{{10, 4, 5}, {222, 100, 22}, {1000, 3, 900}, {30, 30, 7}} {
		seen, chance := twosample.Hypergeometric(rand.New(rand.NewPCG(1, 1)), c[0], c[1], c[2], count)
		for i, n := range seen {
			want := chance[i] * count
			if math.Abs(float64(n)-want) > 6*math.Sqrt(want+1) {
				t.Errorf("%v: %d good ones are drawn %d times, want about %v", c, i, n, want)
			}
		}
	}
}

func TestNth(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		v := make([]float32, 1+r.IntN(50))
		for i := range v {
			v[i] = float32(r.IntN(20))
		}
		k := r.IntN(len(v))
		want := slices.Sorted(slices.Values(v))[k]
		if got := twosample.Nth(slices.Clone(v), k); got != want {
			t.Fatalf("value %d of %v is %v, want %v", k, v, got, want)
		}
	}
}

// TestWitnessSeesAndKeepsItsLevel: p is small where clouds lie apart, and below 5 % in about one of twenty where they do not.
func TestWitnessSeesAndKeepsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	cloud := func(n int, shift float64) [][]float32 {
		v := make([][]float32, n)
		for i := range v {
			v[i] = []float32{float32(r.NormFloat64() + shift), float32(r.NormFloat64())}
		}
		return v
	}
	if _, got := twosample.NewVectors(cloud(100, 0), cloud(100, 3)).WitnessTest(); got.P > 1e-9 {
		t.Errorf("clouds that lie apart have p %v", got.P)
	}
	low := 0
	for range 300 {
		if _, got := twosample.NewVectors(cloud(40, 0), cloud(30, 0)).WitnessTest(); got.P <= 0.05 {
			low++
		}
	}
	if low > 36 { // at 5 % once in a million tests
		t.Errorf("%d of 300 quiet windows have p ≤ 0.05", low)
	}
}

func FuzzProportions(f *testing.F) {
	f.Add(uint8(3), uint8(10), uint8(5), uint8(9))
	f.Fuzz(func(t *testing.T, a, m, b, n uint8) {
		if a > m || b > n || m == 0 || n == 0 {
			return
		}
		p := twosample.Proportions(int(a), int(m), int(b), int(n))
		turned := twosample.Proportions(int(b), int(n), int(a), int(m))
		if !(p > 0 && p <= 1) || math.Abs(p-turned) > 1e-6*p {
			t.Errorf("%d of %d and %d of %d: %v, turned round %v", a, m, b, n, p, turned)
		}
	})
}
