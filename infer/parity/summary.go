package parity

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mathext"
)

// DefaultTolerance is how far a probability may be off before it counts as another one. float32 runtimes that sum in another order are
// within 1e-5 of each other.
const DefaultTolerance = 1e-4

// A Summary gathers rows. It keeps 20 bytes a row, so that quantiles are exact; the zero value is empty.
type Summary struct {
	deltas, margins     []float32
	localMS, remoteMS   []float32
	flips               []bool
	localOnly, bothFail map[string]int
	remoteOnly          map[string]int
}

// Add takes a row.
func (s *Summary) Add(r *Row) {
	switch {
	case r.Compared():
		s.deltas = append(s.deltas, float32(r.MaxDelta))
		s.margins = append(s.margins, float32(r.Margin))
		s.flips = append(s.flips, r.Flip)
		s.localMS = append(s.localMS, float32(r.LocalMS))
		if r.RemoteMS > 0 {
			s.remoteMS = append(s.remoteMS, float32(r.RemoteMS))
		}
	case r.OneSided() && r.LocalError != nil:
		count(&s.localOnly, r.LocalError.Code)
	case r.OneSided():
		count(&s.remoteOnly, r.RemoteError.Code)
	default:
		count(&s.bothFail, r.LocalError.Code)
	}
}

func count(m *map[string]int, code string) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[code]++
}

func total(m map[string]int) (n int) {
	for v := range maps.Values(m) {
		n += v
	}
	return n
}

// Quantiles of a sample: the value that a share of it does not exceed, by the nearest rank.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func quantilesOf(values []float32) *Quantiles {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	return &Quantiles{rank(sorted, 0.5), rank(sorted, 0.9), rank(sorted, 0.99), rank(sorted, 1)}
}

// rank is the nearest-rank quantile of sorted values.
func rank(sorted []float32, share float64) float64 {
	return shortest(sorted[max(int(math.Ceil(share*float64(len(sorted))))-1, 0)])
}

// shortest widens to the float64 that is written as the float32 is, so that 0.1 does not become 0.10000000149.
func shortest(v float32) float64 {
	wide, _ := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64) // its own text is a number
	return wide
}

// An Interval holds a share with 95 % confidence.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ClopperPearson is the exact 95 % interval of a share of which k of n were seen: the shares under which neither so few nor so many
// have a chance below 2.5 %. C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404.
func ClopperPearson(k, n int) Interval {
	const tail = 0.025
	i := Interval{0, 1}
	if n == 0 {
		return i
	}
	if k > 0 {
		i.Low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		i.High = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return i
}

// Result is what a whole run came to.
type Result struct {
	Verdict Verdict `json:"verdict"`
	// Reason says in a sentence why.
	Reason    string  `json:"reason"`
	Tolerance float64 `json:"tolerance"`
	// Pictures that were asked about, and those that both sides answered for.
	Pictures int `json:"pictures"`
	Compared int `json:"compared"`
	// Within is how many of those are within the tolerance.
	Within int `json:"within_tolerance"`
	// Delta is about the largest difference of each picture.
	Delta *Quantiles `json:"max_delta,omitempty"`
	// Histogram counts pictures by their largest difference, in powers of ten.
	Histogram []Bin `json:"histogram,omitempty"`
	// Flips are pictures that the sides name differently; NearTies those among them that were a near tie anyway.
	Flips    int      `json:"flips"`
	NearTies int      `json:"near_ties"`
	FlipRate Interval `json:"flip_rate_95"`
	// TieMargin is the margin up to which a flip counts as a near tie.
	TieMargin float64 `json:"tie_margin"`
	// LocalMS and RemoteMS are latencies in milliseconds; nil for recorded answers.
	LocalMS  *Quantiles `json:"local_ms,omitempty"`
	RemoteMS *Quantiles `json:"remote_ms,omitempty"`
	// LocalErrors and RemoteErrors count, by code, pictures that only the one side could not answer for; Unusable those that
	// neither could.
	LocalErrors  map[string]int `json:"local_errors,omitempty"`
	RemoteErrors map[string]int `json:"remote_errors,omitempty"`
	Unusable     map[string]int `json:"unusable,omitempty"`
}

// Result judges what was added.
func (s *Summary) Result(tolerance float64) *Result {
	r := &Result{
		Tolerance: tolerance, Compared: len(s.deltas), Delta: quantilesOf(s.deltas), LocalMS: quantilesOf(s.localMS), RemoteMS: quantilesOf(s.remoteMS),
		LocalErrors: s.localOnly, RemoteErrors: s.remoteOnly, Unusable: s.bothFail, TieMargin: s.tieMargin(tolerance),
		Histogram: bins(s.deltas),
	}
	r.Pictures = r.Compared + total(s.localOnly) + total(s.remoteOnly) + total(s.bothFail)
	for i, delta := range s.deltas {
		if float64(delta) <= tolerance {
			r.Within++
		}
		if s.flips[i] {
			r.Flips++
			if float64(s.margins[i]) <= r.TieMargin {
				r.NearTies++
			}
		}
	}
	r.FlipRate = ClopperPearson(r.Flips, r.Compared)
	r.judge()
	return r
}

// mostTieMargin bounds what is called a near tie: 0.525 against 0.475. However much the answers drift, a picture that one side is
// surer of than that does not change its label for being close.
const mostTieMargin = 0.05

// tieMargin is the margin that the drift of the pictures which kept their label takes away: twice the 95 % quantile of their
// differences, because one probability falls while another rises.
func (s *Summary) tieMargin(tolerance float64) float64 {
	var kept []float32
	for i, delta := range s.deltas {
		if !s.flips[i] {
			kept = append(kept, delta)
		}
	}
	if len(kept) == 0 {
		return 2 * tolerance
	}
	slices.SortFunc(kept, cmp.Compare)
	return min(max(2*rank(kept, 0.95), 2*tolerance), mostTieMargin)
}
