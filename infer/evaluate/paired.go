package evaluate

import (
	"fmt"
	"math"
)

// A Comparison is two models on the same pictures.
type Comparison struct {
	// Model is the second one's name.
	Model string `json:"model"`
	// Pictures that both answered; Only first or second answered are left out.
	Pictures   int `json:"pictures"`
	OnlyFirst  int `json:"only_first"`
	OnlySecond int `json:"only_second"`
	// First and Second accuracy on those pictures.
	First  Proportion `json:"first"`
	Second Proportion `json:"second"`
	// Gained pictures are right in the second alone, Lost ones in the first alone.
	Gained []Change `json:"gained"`
	Lost   []Change `json:"lost"`
	// Difference of the accuracies, second minus first, and its interval (Newcombe 1998, method 10).
	Difference float64  `json:"difference"`
	Interval   Interval `json:"interval"`
	// P is the exact two-sided p-value of McNemar's test: how often a difference as large would show if both were equally good.
	P float64 `json:"p"`
}

// A Change is a picture that changed sides.
type Change struct {
	Picture     string  `json:"picture"`
	Label       string  `json:"label"`
	First       string  `json:"first"`
	FirstScore  float64 `json:"first_score"`
	Second      string  `json:"second"`
	SecondScore float64 `json:"second_score"`
}

// Compare pairs two models' answers by picture. Both must have the same labels in the same order and agree about the truth; [Set.Reorder]
// mends the order. Errors wrap [ErrInput].
func Compare(first, second *Set) (*Comparison, error) {
	byPicture := make(map[string]*Answer, len(second.Answers))
	for i := range second.Answers {
		byPicture[second.Answers[i].Picture] = &second.Answers[i]
	}
	c := &Comparison{OnlySecond: len(byPicture), Gained: []Change{}, Lost: []Change{}}
	one, two := 0, 0
	for i := range first.Answers {
		a := &first.Answers[i]
		b, ok := byPicture[a.Picture]
		if !ok {
			c.OnlyFirst++
			continue
		}
		if a.Truth != b.Truth {
			return nil, fmt.Errorf("%w: %q is of two classes, %d and %d", ErrInput, a.Picture, a.Truth, b.Truth)
		}
		c.Pictures++
		c.OnlySecond--
		if a.right() {
			one++
		}
		if b.right() {
			two++
		}
		change := Change{a.Picture, first.Labels[a.Truth], first.Labels[a.Predicted], a.Score, first.Labels[b.Predicted], b.Score}
		switch {
		case b.right() && !a.right():
			c.Gained = append(c.Gained, change)
		case a.right() && !b.right():
			c.Lost = append(c.Lost, change)
		}
	}
	if c.Pictures == 0 {
		return nil, fmt.Errorf("%w: the two models have no picture in common", ErrInput)
	}
	c.OnlySecond = max(c.OnlySecond, 0)
	c.First, c.Second = NewProportion(one, c.Pictures), NewProportion(two, c.Pictures)
	gained, lost := len(c.Gained), len(c.Lost)
	c.Difference = float64(gained-lost) / float64(c.Pictures)
	c.Interval = PairedDifference(one-lost, gained, lost, c.Pictures)
	c.P = McNemar(gained, lost)
	return c, nil
}

// McNemar is the exact two-sided p-value of McNemar's test (1947) of pictures that changed sides: that of the binomial distribution with
// probability one half, as scipy.stats.binomtest(gained, gained+lost). It is 1 when none did.
func McNemar(gained, lost int) float64 {
	return min(1, 2*atLeast(max(gained, lost), gained+lost, 0.5))
}

// PairedDifference is the interval at [Level] of the difference of two accuracies on the same n pictures, second minus first: both pictures
// are right in both models, gained in the second alone, lost in the first alone. It is method 10 of Newcombe (Statistics in Medicine 17,
// 1998): Wilson's intervals of the two, squared and added, with their correlation.
func PairedDifference(both, gained, lost, n int) Interval {
	neither := n - both - gained - lost
	p1, p2 := float64(both+lost)/float64(n), float64(both+gained)/float64(n)
	w1, w2 := Wilson(both+lost, n), Wilson(both+gained, n)
	// The correlation phi is estimated with a continuity correction where it is positive, as Newcombe does.
	phi := 0.0
	if margins := float64(both+lost) * float64(gained+neither) * float64(both+gained) * float64(lost+neither); margins > 0 {
		a := float64(both)*float64(neither) - float64(gained)*float64(lost)
		if a > 0 {
			a = max(a-float64(n)/2, 0)
		}
		phi = a / math.Sqrt(margins)
	}
	// Towards low the second falls and the first rises; towards high the other way round.
	d := p2 - p1
	down2, up1 := p2-w2.Low, w1.High-p1
	up2, down1 := w2.High-p2, p1-w1.Low
	low := d - math.Sqrt(max(down2*down2-2*phi*down2*up1+up1*up1, 0))
	high := d + math.Sqrt(max(up2*up2-2*phi*up2*down1+down1*down1, 0))
	return Interval{low, high}
}

// A Proportion is a share with its interval.
type Proportion struct {
	Right    int      `json:"right"`
	Pictures int      `json:"pictures"`
	Value    float64  `json:"value"`
	Interval Interval `json:"interval"` // Wilson
}

// NewProportion is k of n; n is more than 0.
func NewProportion(k, n int) Proportion {
	return Proportion{k, n, float64(k) / float64(n), Wilson(k, n)}
}
