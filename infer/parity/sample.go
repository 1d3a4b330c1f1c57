package parity

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// SampleSize is how many pictures a [Sample] keeps: half of them those that differ most, half drawn from all.
const SampleSize = 32

// A Sample keeps the pairs that [Explain] looks at. It holds the questions, not the pictures, unless a question holds its own. The draw
// is the same in every run. The zero value is empty.
type Sample struct {
	worst, drawn []Pair
	seen         int
	random       *rand.Rand
}

// Add offers a pair.
func (s *Sample) Add(p Pair) {
	if !p.Row.Compared() {
		return
	}
	const half = SampleSize / 2
	if s.random == nil {
		s.random = rand.New(rand.NewPCG(1, 2))
	}
	s.seen++
	// What falls out of the worst is offered to the draw, so that none is kept twice.
	s.worst = append(s.worst, p)
	if len(s.worst) > half {
		least := 0
		for i := range s.worst {
			if s.worst[i].Row.MaxDelta <= s.worst[least].Row.MaxDelta {
				least = i
			}
		}
		p = s.worst[least]
		s.worst = slices.Delete(s.worst, least, least+1)
	} else {
		return
	}
	if len(s.drawn) < half {
		s.drawn = append(s.drawn, p)
	} else if at := s.random.IntN(s.seen - half); at < half {
		s.drawn[at] = p
	}
}

// Pairs are those that were kept, those that differ most first.
func (s *Sample) Pairs() []Pair {
	all := slices.Concat(s.worst, s.drawn)
	slices.SortStableFunc(all, func(a, b Pair) int { return cmp.Compare(b.Row.MaxDelta, a.Row.MaxDelta) })
	return all
}

// Worst are the n pairs that differ most.
func (s *Sample) Worst(n int) []Pair {
	all := s.Pairs()
	return all[:min(n, len(all))]
}
