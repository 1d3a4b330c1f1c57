package evaluate

import (
	"fmt"
	"math"
	"strconv"
)

// A Promise is the lowest threshold whose accepted pictures reach an accuracy with [Level] confidence, or that there is none.
type Promise struct {
	Target float64 `json:"target"`
	// Found is false when no threshold can be promised with these pictures; Reason then says why.
	Found  bool   `json:"found"`
	Reason string `json:"reason,omitempty"`
	// Point of the threshold; absent unless Found. Its threshold has the fewest digits that accept the same pictures.
	Point *Point `json:"point,omitempty"`
	// Alpha is the error probability at which the threshold was tested, Lower the exact bound of its accuracy at that level.
	Alpha float64 `json:"alpha,omitempty"`
	Lower float64 `json:"lower,omitempty"`
	// Starts is the number of places that the search began at, among which 1 - [Level] was divided.
	Starts int `json:"starts"`
	// Least accepted pictures that could reach the target at all, were every one of them right.
	Least int `json:"least"`
	// Seen is the lowest threshold at which these very pictures reach the target: too good a choice for others, because it was chosen by
	// them. Absent when none does.
	Seen *Point `json:"seen,omitempty"`
}

// maxStarts is the number of places where the search for a threshold begins. More find thresholds in more kinds of curves, each with less
// of the error probability.
const maxStarts = 10

// Threshold finds the lowest threshold whose accepted pictures are right with probability target or more. The chance that the true
// accuracy above it is less is at most 1 - [Level], the search included.
//
// Each threshold's hypothesis, that its accuracy is below the target, is tested by the exact binomial tail. The tests run from the
// highest threshold down: the starts, as many pictures apart each, have an equal share of the error probability, and a hypothesis that
// is rejected hands its own on to the next lower one (the fallback procedure of Wiens 2003, in the order of fixed-sequence testing as in
// Angelopoulos et al. 2021, "Learn then Test"). Where to start depends on how many pictures there are, never on which are right.
// Errors wrap [ErrInput].
func Threshold(score []float64, right []bool, target float64) (*Promise, error) {
	if err := checkScores(score, right); err != nil {
		return nil, err
	}
	if !(target > 0 && target <= 1) {
		return nil, fmt.Errorf("%w: target accuracy %v, want more than 0 and at most 1", ErrInput, target)
	}
	c := newCurve(score, right)
	p := &Promise{Target: target, Seen: c.seen(target)}
	own := c.starts(p)
	carried, found := 0.0, -1
	for i := range c.score {
		alpha := own[i] + carried
		carried = 0
		if alpha > 0 && atLeast(c.right[i], c.accepted[i], target) <= alpha {
			found, carried = i, alpha
			p.Alpha = alpha
		}
	}
	if found < 0 {
		p.Reason = p.reason(c.n())
		return p, nil
	}
	p.Found = true
	p.Lower = ExactLower(c.right[found], c.accepted[found], p.Alpha)
	point := newPoint(c.decimal(found), c.accepted[found], c.right[found], c.n())
	p.Point = &point
	return p, nil
}

// starts divides the error probability among as many places as have enough pictures to succeed.
func (c *curve) starts(p *Promise) []float64 {
	own := make([]float64, len(c.score))
	for p.Starts = maxStarts; p.Starts >= 1; p.Starts-- {
		p.Least = leastAccepted(p.Target, (1-Level)/float64(p.Starts))
		if p.Least <= c.n() {
			break
		}
	}
	if p.Starts == 0 {
		return own
	}
	place := 0
	for s := range p.Starts {
		from := p.Least
		if p.Starts > 1 {
			from += s * (c.n() - p.Least) / (p.Starts - 1)
		}
		for c.accepted[place] < from {
			place++
		}
		own[place] += (1 - Level) / float64(p.Starts)
	}
	return own
}

// leastAccepted is how many pictures, all right, reject an accuracy below target at alpha: target^n ≤ alpha.
func leastAccepted(target, alpha float64) int {
	if target == 1 {
		return math.MaxInt
	}
	return int(math.Ceil(math.Log(alpha) / math.Log(target)))
}

func (p *Promise) reason(n int) string {
	switch {
	case p.Target == 1:
		return "no number of pictures shows that a model never errs"
	case p.Starts == 0:
		return fmt.Sprintf("even without an error it takes %d accepted pictures to show it, there are %d", p.Least, n)
	}
	return fmt.Sprintf("even among the surest ones too many are wrong to show it, and it takes %d accepted pictures at least", p.Least)
}

// seen is the lowest threshold whose pictures reach the target as they are.
func (c *curve) seen(target float64) *Point {
	for i := len(c.score) - 1; i >= 0; i-- {
		if float64(c.right[i])/float64(c.accepted[i]) >= target {
			point := newPoint(c.decimal(i), c.accepted[i], c.right[i], c.n())
			return &point
		}
	}
	return nil
}

// decimal is the shortest decimal that accepts what the score at place i accepts: above the next lower score, at most that score.
func (c *curve) decimal(i int) float64 {
	score, next := c.score[i], -1.0
	if i+1 < len(c.score) {
		next = c.score[i+1]
	}
	for digits := 2; digits <= 9; digits++ {
		scale := math.Pow(10, float64(digits))
		t, err := strconv.ParseFloat(strconv.FormatFloat(math.Floor(score*scale)/scale, 'f', digits, 64), 64)
		if as32 := float64(float32(t)); err == nil && as32 > next && as32 <= score {
			return t
		}
	}
	return score
}
