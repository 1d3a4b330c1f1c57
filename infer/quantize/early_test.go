package quantize

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
)

// Whoever ends early must be right: answers that are too different after part of the pictures are wrong after all of them, whatever
// share of the truth is known.
func TestTooDifferentIsNeverRash(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	early := 0
	for range 3000 {
		n := 20 + random.IntN(80)
		known, flips := random.Float64()*1.5, random.Float64()*0.2
		float, int8 := &answers{classes: 2}, &answers{classes: 2}
		held := set{n: n}
		for range n {
			top, truth := random.IntN(2), -1
			if random.Float64() < known {
				truth = random.IntN(2)
			}
			held.classes = append(held.classes, truth)
			float.top = append(float.top, top)
			if random.Float64() < flips {
				top = 1 - top
			}
			int8.top = append(int8.top, top)
		}
		w := &work{options: &Options{MaxDrop: 5 * random.Float64()}, sets: &sets{held: held}, truth: float}
		p := &Report{HeldBack: n, Agreement: 1 - float64(float.changed(int8))/float64(n)}
		if k := held.labelled(); k > 0 {
			p.Accuracy = &Accuracy{k, float.accuracy(held.classes), int8.accuracy(held.classes)}
		}
		wrong := w.wrong(p)
		for part := 1; part < n; part++ {
			if w.tooDifferent(&answers{classes: 2, top: int8.top[:part]}) {
				early++
				if !wrong {
					t.Fatalf("%d pictures: too different after %d, but not wrong in the end: %+v of %+v", n, part, p, p.Accuracy)
				}
				break
			}
		}
	}
	if early < 300 {
		t.Errorf("%d of 3000 ended early", early)
	}
}

// Every index is done once; after an error none is begun.
func TestSideBySide(t *testing.T) {
	done := make([]int, 100)
	if err := sideBySide(t.Context(), len(done), func(i int) error { done[i]++; return nil }); err != nil {
		t.Fatal(err)
	}
	for i, n := range done {
		if n != 1 {
			t.Errorf("%d was done %d times", i, n)
		}
	}
	broken := errors.New("broken")
	if err := sideBySide(t.Context(), 1000, func(int) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sideBySide(ctx, 3, func(int) error { t.Error("begun"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
