package load

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Rate is how often work begins: steady, or on a straight line from one rate to another. Both are per second.
type Rate struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Steady is one rate all the time.
func Steady(perSecond float64) Rate { return Rate{perSecond, perSecond} }

// maxRate bounds a rate, per second: more than one process can begin.
const maxRate = 1e6

// ParseRate reads "50/s", "90/m", "3600/h", a bare number per second, or two of them for a line: "5/s..50/s".
func ParseRate(text string) (Rate, error) {
	first, last, ramped := strings.Cut(text, "..")
	if !ramped {
		last = first
	}
	var r Rate
	for part, to := range map[string]*float64{first: &r.From, last: &r.To} {
		number, unit, _ := strings.Cut(strings.TrimSpace(part), "/")
		seconds, ok := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !ok || !(n >= 0 && n/seconds <= maxRate) {
			return Rate{}, fmt.Errorf("rate %q: want a number per second, minute or hour such as 50/s, or two such as 5/s..50/s", text)
		}
		*to = n / seconds
	}
	if !ramped {
		r.From = r.To
	}
	if r.From+r.To == 0 {
		return Rate{}, fmt.Errorf("rate %q: nothing would ever begin", text)
	}
	return r, nil
}

// String writes the rate as [ParseRate] reads it.
func (r Rate) String() string {
	if r.From == r.To {
		return fmt.Sprintf("%v/s", r.To)
	}
	return fmt.Sprintf("%v/s..%v/s", r.From, r.To)
}

// Count is how many pieces of work begin in a time.
func (r Rate) Count(over time.Duration) int {
	// Number 0 is due at once, so it is the ceiling; an error of rounding adds none.
	return int(math.Ceil((r.From+r.To)/2*over.Seconds() - 1e-9))
}

// Due is when number i, from 0, is to begin in a load of a length; false when that is not within it.
func (r Rate) Due(i int, over time.Duration) (time.Duration, bool) {
	if i >= r.Count(over) {
		return 0, false
	}
	// From·t + (To-From)·t²/2T have begun by t. Solved for t in the form that holds for a steady rate too.
	slope := (r.To - r.From) / (2 * over.Seconds())
	root := math.Sqrt(max(r.From*r.From+4*slope*float64(i), 0))
	if i == 0 {
		return 0, true
	}
	return min(time.Duration(2*float64(i)/(r.From+root)*float64(time.Second)), over), true
}

// Open begins work number 0, 1, ... each at its time and whatever became of the others: an open loop, which does not spare a target
// that falls behind. At most most pieces are under way; missed is told which number found no room and was left out. It returns when
// all that began has ended; ctx ends the beginning of more.
func Open(ctx context.Context, rate Rate, over time.Duration, most int, do func(i int, due time.Time), missed func(i int, due time.Time)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	room := make(chan struct{}, most)
	start := time.Now()
	for i := 0; ; i++ {
		after, ok := rate.Due(i, over)
		if !ok {
			return
		}
		due := start.Add(after)
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return
		}
		select {
		case room <- struct{}{}:
			wg.Go(func() {
				do(i, due)
				<-room
			})
		default:
			missed(i, due)
		}
	}
}
