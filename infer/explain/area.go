package explain

import (
	"math/rand/v2"
	"slices"

	"github.com/scones-unlimited/scones/preprocess"
)

// What the test of a map costs: two curves for it and for each random map.
const (
	testSteps = 10 // parts of the picture that are taken away or put back one after the other
	// RandomMaps that a map is compared with. One that is as random as they are beats all 19 once in 20 times.
	RandomMaps = 19
)

// A Test is what happens to the class's probability while the picture goes or comes in a map's order.
type Test struct {
	// Deletion is the mean probability while the most important pixels are blurred first: small for a good map.
	Deletion float64 `json:"deletion"`
	// Insertion is the mean probability while a blurred picture gets its most important pixels back first: large for a good map.
	Insertion float64 `json:"insertion"`
	// DeletionCurve and InsertionCurve hold the probability after each tenth of the pixels, from none to all.
	DeletionCurve  []float64 `json:"deletion_curve"`
	InsertionCurve []float64 `json:"insertion_curve"`
}

// gain is how far the curves lie apart: what the order of the pixels is worth.
func (t *Test) gain() float64 { return t.Insertion - t.Deletion }

// testCalls is how many pictures the tests of a map and of the random ones ask for.
func (e *Explainer) testCalls() int { return (1 + RandomMaps) * 2 * (testSteps + 1) }

// baseline is the picture without what it shows: a Gaussian blur of a quarter of its shorter side.
func baseline(seen *preprocess.Picture) []uint8 {
	return blur(seen, float64(min(seen.Width, seen.Height))/4)
}

// test judges the map, and random maps of the same grain: the same drops, dealt out anew among the patches of each size.
func (q *questions) test(x *Explanation, drops []float64) error {
	gone := baseline(q.seen)
	own, err := q.curves(x.Values, gone)
	if err != nil {
		return err
	}
	x.Test = *own
	for i := range RandomMaps {
		t, err := q.curves(merge(x.Width, x.Height, q.e.patches, q.shuffle(drops, uint64(i))), gone)
		if err != nil {
			return err
		}
		x.Random = append(x.Random, *t)
	}
	return nil
}

// shuffle permutes the drops within each size, always in the same way.
func (q *questions) shuffle(drops []float64, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 0x5c0e5))
	out := slices.Clone(drops)
	for first := 0; first < len(out); {
		last := first
		for last < len(out) && q.e.patches[last].size == q.e.patches[first].size {
			last++
		}
		part := out[first:last]
		random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		first = last
	}
	return out
}

// curves takes the pixels away and puts them back.
func (q *questions) curves(values []float64, gone []uint8) (*Test, error) {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return 0
	})
	t := &Test{DeletionCurve: make([]float64, testSteps+1), InsertionCurve: make([]float64, testSteps+1)}
	err := q.ask(2*(testSteps+1), func(dst *preprocess.Picture, i int) {
		step := i / 2
		moved := order[:len(order)*step/testSteps]
		if i%2 == 1 { // insertion: all but the first are gone
			moved = order[len(moved):]
		}
		for _, at := range moved {
			copy(dst.Pix[at*dst.Channels:][:dst.Channels], gone[at*dst.Channels:])
		}
	}, func(i int, scores []float32) {
		curve := t.DeletionCurve
		if i%2 == 1 {
			curve = t.InsertionCurve
		}
		curve[i/2] = float64(scores[q.class])
	})
	t.Deletion, t.Insertion = area(t.DeletionCurve), area(t.InsertionCurve)
	return t, err
}

// area under a curve of equal steps from 0 to 1, by the trapezoidal rule.
func area(curve []float64) float64 {
	sum := (curve[0] + curve[len(curve)-1]) / 2
	for _, v := range curve[1 : len(curve)-1] {
		sum += v
	}
	return sum / float64(len(curve)-1)
}
