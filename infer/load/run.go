// Package load starts work at a steady or rising rate, whatever becomes of it, and says how it went: an open loop, so that a target
// that falls behind does not look fast.
//
// [Open] is the loop, which scones bench uses too. [Run] loads a workflow with inputs that are drawn at random from a seed, and makes a
// [Report]; [WritePlot] draws it.
package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// An Outcome is what became of one piece of work.
type Outcome struct {
	// Error is the name under which it failed; empty when it succeeded.
	Error string
	// Took is the time from start to end by the target's own clock; zero when it is not known.
	Took time.Duration
	// Accepted is when the target had taken the work, where its end is seen later than it happens: the latency is then counted to that
	// moment and goes on with Took. Zero means that the end is seen at once.
	Accepted time.Time
	// Price in US dollars of what it used; zero where nothing costs.
	Price float64
}

// Options say how a target is loaded.
type Options struct {
	Rate Rate
	// Time in which work begins; what is under way at its end is waited for.
	Time time.Duration
	// InFlight is the largest number under way.
	InFlight int
	// Seed of the draw, and how many Inputs there are to draw from.
	Seed   uint64
	Inputs int
	// Below is the name of the error that stands for an answer below the threshold.
	Below string
	// Budget in US dollars: nothing more begins once what ended and what is under way would exceed it. Zero is no limit.
	Budget float64
	// Estimate in US dollars of one piece of work, until there are outcomes to take the mean of.
	Estimate float64
	// Do works on input number input; name is unique within the load. An error says that it did not begin, or that what became of it
	// cannot be known.
	Do func(ctx context.Context, name string, input int) (Outcome, error)
	// Progress is told how many began and ended so far; it may be nil.
	Progress func(began, ended int)
}

// A Report is how a load went. Every piece of work that was due is counted once: Planned is the sum of Succeeded, BelowThreshold,
// Failed, Refused, Unsent and NotDue.
type Report struct {
	Target  string  `json:"target"`
	Rate    Rate    `json:"rate_per_second"`
	Seconds float64 `json:"seconds"`
	Seed    uint64  `json:"seed"`
	Inputs  int     `json:"inputs"`
	Planned int     `json:"planned"`
	Started int     `json:"started"`

	Succeeded      int `json:"succeeded"`
	BelowThreshold int `json:"below_threshold"`
	// Failed by the names of Errors; those below the threshold are not among them.
	Failed int            `json:"failed"`
	Errors map[string]int `json:"errors"`
	// Refused did not begin, or what became of them is not known: FirstRefusal says why of one.
	Refused      int    `json:"refused"`
	FirstRefusal string `json:"first_refusal,omitempty"`
	// Unsent found as many under way as there may be; NotDue are those after the load was stopped, for the reason in Stopped.
	Unsent  int    `json:"unsent"`
	NotDue  int    `json:"not_due"`
	Stopped string `json:"stopped,omitempty"`

	// PerSecond is the rate at which work ended while it was being started.
	PerSecond float64 `json:"ended_per_second"`
	// Latency from the moment at which work was due to its end, in milliseconds; Took is from its start, by the target's own clock.
	Latency Quantiles `json:"latency_ms"`
	Took    Quantiles `json:"took_ms"`
	// Spent in US dollars.
	Spent float64 `json:"spent_usd,omitempty"`
	// Samples are all that ended, by when they were due.
	Samples []Sample `json:"-"`
}

// A Sample is one piece of work that ended: when it was due, in seconds from the start, and how long after that it ended.
type Sample struct {
	Due, Latency float64 // seconds, milliseconds
	Kind         Kind
}

// A Kind is how a piece of work ended.
type Kind int

// The kinds.
const (
	Succeeded Kind = iota
	BelowThreshold
	Failed
)

// maxInFlight bounds what is under way, and maxPlanned what a load may begin: both are kept in memory.
const (
	maxInFlight = 10_000
	maxPlanned  = 10_000_000
)

// A load is one under way.
type load struct {
	o           Options
	start       time.Time
	cancel      context.CancelFunc
	mu          sync.Mutex
	r           Report
	ended       int
	inTime      int
	price       float64
	latency     []float64
	took        []float64
	interrupted error
}

// Run loads a target. The error is ctx's, or about options that cannot be; a report of what ended until then comes with ctx's.
func Run(ctx context.Context, o Options) (*Report, error) {
	planned := o.Rate.Count(o.Time)
	switch {
	case o.Inputs < 1:
		return nil, errors.New("load: there is nothing to draw inputs from")
	case o.InFlight < 1 || o.InFlight > maxInFlight:
		return nil, fmt.Errorf("load: %d under way at once: must be 1 to %d", o.InFlight, maxInFlight)
	case planned < 1 || planned > maxPlanned:
		return nil, fmt.Errorf("load: %v for %v makes %d executions: must be 1 to %d", o.Rate, o.Time, planned, maxPlanned)
	}
	begin, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &load{o: o, start: time.Now(), cancel: cancel}
	l.r = Report{Rate: o.Rate, Seconds: o.Time.Seconds(), Seed: o.Seed, Inputs: o.Inputs, Planned: planned, Errors: map[string]int{}}
	// One generator, drawn from in order, so that a seed gives the same inputs whatever the target does.
	random := rand.New(rand.NewPCG(o.Seed, 0))
	inputs := make([]int, planned)
	for i := range inputs {
		inputs[i] = random.IntN(o.Inputs)
	}
	prefix := fmt.Sprintf("load-%d-%d", o.Seed, l.start.UnixMilli())
	Open(begin, o.Rate, o.Time, o.InFlight, func(i int, due time.Time) {
		if l.begin() {
			outcome, err := o.Do(ctx, fmt.Sprintf("%s-%d", prefix, i), inputs[i])
			l.end(ctx, due, outcome, err)
		}
	}, func(int, time.Time) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.r.Unsent++
	})
	return l.report(), ctx.Err()
}

// begin counts one that begins, unless the budget forbids it.
func (l *load) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	each := l.o.Estimate
	if l.ended > 0 && l.price > 0 {
		each = l.price / float64(l.ended)
	}
	underWay := l.r.Started - l.ended
	if l.o.Budget > 0 && l.price+each*float64(underWay+1) > l.o.Budget {
		if l.r.Stopped == "" {
			l.r.Stopped = fmt.Sprintf("the budget of $%.2f: $%.4f spent, %d under way", l.o.Budget, l.price, underWay)
		}
		l.cancel()
		return false
	}
	l.r.Started++
	l.progress()
	return true
}

// end counts what became of one.
func (l *load) end(ctx context.Context, due time.Time, outcome Outcome, err error) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended++
	l.progress()
	if err != nil {
		if ctx.Err() != nil { // it is not the target's fault
			l.interrupted = ctx.Err()
		}
		if l.r.Refused++; l.r.FirstRefusal == "" {
			l.r.FirstRefusal = err.Error()
		}
		return
	}
	l.price += outcome.Price
	kind := Failed
	switch outcome.Error {
	case "":
		kind = Succeeded
		l.r.Succeeded++
	case l.o.Below:
		kind = BelowThreshold
		l.r.BelowThreshold++
	default:
		l.r.Failed++
		l.r.Errors[outcome.Error]++
	}
	if !outcome.Accepted.IsZero() {
		now = outcome.Accepted.Add(outcome.Took)
	}
	latency := float64(now.Sub(due).Microseconds()) / 1e3
	if now.Before(l.start.Add(l.o.Time)) {
		l.inTime++
	}
	l.latency = append(l.latency, latency)
	if outcome.Took > 0 {
		l.took = append(l.took, float64(outcome.Took.Microseconds())/1e3)
	}
	l.r.Samples = append(l.r.Samples, Sample{due.Sub(l.start).Seconds(), latency, kind})
}

func (l *load) progress() {
	if l.o.Progress != nil {
		l.o.Progress(l.r.Started, l.ended)
	}
}

func (l *load) report() *Report {
	r := &l.r
	if l.interrupted != nil {
		r.Stopped = "interrupted"
	}
	r.NotDue = r.Planned - r.Started - r.Unsent
	r.PerSecond = float64(l.inTime) / r.Seconds
	r.Latency, r.Took, r.Spent = QuantilesOf(l.latency), QuantilesOf(l.took), l.price
	slices.SortFunc(r.Samples, func(a, b Sample) int { return int((a.Due - b.Due) * 1e9) })
	return r
}

// ErrorNames are the names of the errors, the most frequent first.
func (r *Report) ErrorNames() []string {
	return slices.SortedFunc(maps.Keys(r.Errors), func(a, b string) int {
		if d := r.Errors[b] - r.Errors[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}
