package parity

import (
	"fmt"
	"math"
	"time"
)

// A Row is what one question came to. In a file it is one line of JSON.
type Row struct {
	Name string `json:"name"`
	// Local and Remote are the answers in class order; nil where there is none.
	Local  []float32 `json:"local,omitempty"`
	Remote []float32 `json:"remote,omitempty"`
	// MaxDelta is the largest difference of a probability.
	MaxDelta float64 `json:"max_delta"`
	// Flip is true when the two name different classes.
	Flip bool `json:"flip"`
	// Margin is how far the local side's best class is ahead of its second, 0 to 1; with one class how far from a coin toss.
	Margin float64 `json:"margin"`
	// LocalMS and RemoteMS are the times of the answers in milliseconds; zero for a recorded one.
	LocalMS  float64 `json:"local_ms,omitempty"`
	RemoteMS float64 `json:"remote_ms,omitempty"`
	// LocalError and RemoteError say which side gave no answer, and why.
	LocalError  *Failure `json:"local_error,omitempty"`
	RemoteError *Failure `json:"remote_error,omitempty"`
}

// Compared tells that both sides answered.
func (r *Row) Compared() bool { return r.LocalError == nil && r.RemoteError == nil }

// OneSided tells that one side answered and the other did not.
func (r *Row) OneSided() bool { return (r.LocalError == nil) != (r.RemoteError == nil) }

// judge fills in what follows from the two answers.
func (r *Row) judge() {
	if !r.Compared() {
		return
	}
	if len(r.Local) != len(r.Remote) {
		r.RemoteError = &Failure{CodeClasses, fmt.Sprintf("the other side answers with %s, the local model has %d classes", numbers(len(r.Remote)), len(r.Local))}
		return
	}
	d := differ(r.Local, r.Remote)
	r.MaxDelta, r.Flip, r.Margin = d.max, d.flip, margin(r.Local)
}

func numbers(n int) string {
	if n == 1 {
		return "1 number"
	}
	return fmt.Sprintf("%d numbers", n)
}

// A difference is how two answers of equal length differ.
type difference struct {
	max, mean float64
	flip      bool
}

func differ(a, b []float32) difference {
	var d difference
	for i, v := range a {
		change := math.Abs(float64(v) - float64(b[i]))
		d.max = max(d.max, change)
		d.mean += change / float64(len(a))
	}
	d.flip = class(a) != class(b)
	return d
}

// class is the most probable one, the first of equals; with one class, whether it is likelier than not.
func class(scores []float32) int {
	if len(scores) == 1 {
		if scores[0] >= 0.5 {
			return 0
		}
		return -1
	}
	best := 0
	for i, v := range scores {
		if v > scores[best] {
			best = i
		}
	}
	return best
}

// margin of an answer.
func margin(scores []float32) float64 {
	if len(scores) == 1 {
		return 2 * math.Abs(float64(scores[0])-0.5)
	}
	best := class(scores)
	second := math.Inf(-1)
	for i, v := range scores {
		if i != best {
			second = max(second, float64(v))
		}
	}
	return float64(scores[best]) - second
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
