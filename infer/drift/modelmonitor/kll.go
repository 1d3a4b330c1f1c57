package modelmonitor

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// The parameters that Model Monitor's container writes.
const (
	SketchK = 2048
	SketchC = 0.64
)

// A Sketch summarises numbers so that their quantiles are known to about 1/[SketchK], in constant memory (Karnin, Lang and Liberty 2016).
// A value at level h stands for 2^h values. Up to [SketchK] values it has them all.
type Sketch struct {
	Parameters Parameters  `json:"parameters"`
	Data       [][]float64 `json:"data"` // by level
}

// Parameters of a [Sketch].
type Parameters struct {
	C float64 `json:"c"`
	K float64 `json:"k"`
}

// sketcher builds a sketch.
type sketcher struct {
	levels [][]float64
	r      *rand.Rand
}

// NewSketch summarises values.
func NewSketch(values []float64) Sketch {
	s := &sketcher{levels: [][]float64{{}}, r: rand.New(rand.NewPCG(9, 9))}
	for _, v := range values {
		s.levels[0] = append(s.levels[0], v)
		for h := 0; h < len(s.levels) && len(s.levels[h]) > s.capacity(h); h++ {
			s.compact(h)
		}
	}
	return Sketch{Parameters{SketchC, SketchK}, s.levels}
}

// capacity of a level: the top one has K, those below a share that shrinks by C with each.
func (s *sketcher) capacity(h int) int {
	return max(2, int(math.Ceil(SketchK*math.Pow(SketchC, float64(len(s.levels)-1-h)))))
}

// compact hands every second value of a level, in order, up to the next; which ones is a toss.
func (s *sketcher) compact(h int) {
	if h+1 == len(s.levels) {
		s.levels = append(s.levels, []float64{})
	}
	full := s.levels[h]
	slices.Sort(full)
	rest := []float64{}
	if len(full)%2 == 1 { // an odd one stays, so that the weights sum to the number of values
		rest = append(rest, full[len(full)-1])
		full = full[:len(full)-1]
	}
	for i := s.r.IntN(2); i < len(full); i += 2 {
		s.levels[h+1] = append(s.levels[h+1], full[i])
	}
	s.levels[h] = rest
}

// weighted is a value with how many it stands for.
type weighted struct{ value, weight float64 }

func (s *Sketch) sorted() (values []weighted, total float64) {
	for h, level := range s.Data {
		weight := math.Exp2(float64(h))
		for _, v := range level {
			values = append(values, weighted{v, weight})
			total += weight
		}
	}
	slices.SortFunc(values, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
	return values, total
}

// Quantiles gives n values evenly spread over the distribution: all of them, where the sketch has that many of weight one.
func (s *Sketch) Quantiles(n int) []float64 {
	values, total := s.sorted()
	if len(values) == 0 {
		return nil
	}
	out := make([]float64, n)
	k, upTo := 0, values[0].weight
	for i := range out {
		at := (float64(i) + 0.5) * total / float64(n)
		for upTo < at && k+1 < len(values) {
			k++
			upTo += values[k].weight
		}
		out[i] = values[k].value
	}
	return out
}

// buckets are ten of one width between the extremes, with as many values as the sketch says.
func (s *Sketch) buckets(least, most float64) []Bucket {
	const count = 10
	out := make([]Bucket, count)
	for i := range out {
		out[i].LowerBound = least + (most-least)*float64(i)/count
		out[i].UpperBound = least + (most-least)*float64(i+1)/count
	}
	values, _ := s.sorted()
	for _, v := range values {
		at := 0
		if most > least {
			at = min(count-1, max(0, int((v.value-least)/(most-least)*count)))
		}
		out[at].Count += v.weight
	}
	return out
}
