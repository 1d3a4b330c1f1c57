package load_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scones-unlimited/scones/infer/load"
)

// TestParseRate reads what people write, and writes it again.
func TestParseRate(t *testing.T) {
	for text, want := range map[string]string{
		"50/s": "50/s", "90/m": "1.5/s", "3600/h": "1/s", "7": "7/s", "5/s..50/s": "5/s..50/s", " 0 .. 60/m ": "0/s..1/s",
		"": "", "0": "", "x/s": "", "5/d": "", "-1/s": "", "1..": "", "1e9/s": "", "NaN": "", "1..2..3": "",
	} {
		r, err := load.ParseRate(text)
		if got := r.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: %s %v, want %q", text, got, err, want)
		}
	}
}

// TestDue compares a line's times with a count of what has begun by each.
func TestDue(t *testing.T) {
	for _, r := range []load.Rate{load.Steady(40), {From: 0, To: 80}, {From: 80, To: 0}, {From: 5, To: 50}} {
		const over = 10 * time.Second
		last := time.Duration(-1)
		n := 0
		for ; ; n++ {
			at, ok := r.Due(n, over)
			if !ok {
				break
			}
			s := at.Seconds()
			begun := r.From*s + (r.To-r.From)*s*s/(2*over.Seconds())
			if at <= last && n > 0 || at >= over || begun-float64(n) > 1e-5 || float64(n)-begun > 1e-5 {
				t.Fatalf("%v: number %d at %v, after %v, where %v have begun", r, n, at, last, begun)
			}
			last = at
		}
		if want := int((r.From + r.To) / 2 * over.Seconds()); n != want || r.Count(over) != want {
			t.Errorf("%v: %d in %v, Count says %d, want %d", r, n, over, r.Count(over), want)
		}
	}
}

// scripted does work by its input: 0 and 1 succeed, 2 is below the threshold, 3 fails, 4 does not begin.
func scripted(took time.Duration) func(context.Context, string, int) (load.Outcome, error) {
	return func(ctx context.Context, _ string, input int) (load.Outcome, error) {
		time.Sleep(took)
		o := load.Outcome{Took: took / 2, Price: 0.001}
		switch input {
		case 2:
			o.Error = "BELOW"
		case 3:
			o.Error = "BROKEN"
		case 4:
			return load.Outcome{}, errors.New("throttled")
		}
		return o, ctx.Err()
	}
}

// TestRun counts everything once, draws the same inputs for the same seed, and measures from when work was due.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first []int
		for _, seed := range []uint64{7, 7, 8} {
			var mu sync.Mutex
			drawn := map[string]int{}
			do := scripted(30 * time.Millisecond)
			r, err := load.Run(t.Context(), load.Options{Rate: load.Steady(100), Time: 5 * time.Second, InFlight: 10, Seed: seed, Inputs: 5, Below: "BELOW",
				Do: func(ctx context.Context, name string, input int) (load.Outcome, error) {
					mu.Lock()
					drawn[name[strings.LastIndexByte(name, '-')+1:]] = input
					mu.Unlock()
					return do(ctx, name, input)
				}})
			if err != nil {
				t.Fatal(err)
			}
			counts := make([]int, 5)
			var inputs []int
			for i := range 500 {
				input := drawn[fmt.Sprint(i)]
				inputs = append(inputs, input)
				counts[input]++
			}
			if r.Planned != 500 || r.Started != 500 || r.Succeeded != counts[0]+counts[1] || r.BelowThreshold != counts[2] || r.Failed != counts[3] || r.Errors["BROKEN"] != counts[3] ||
				r.Refused != counts[4] || r.FirstRefusal != "throttled" || r.Unsent+r.NotDue != 0 || slices.Min(counts) < 60 {
				t.Errorf("%+v of %v", r, counts)
			}
			if want := (load.Quantiles{P50: 30, P90: 30, P99: 30, Max: 30}); r.Latency != want || r.Took.Max != 15 {
				t.Errorf("latency %+v, by its own clock %+v", r.Latency, r.Took)
			}
			if first == nil {
				first = inputs
			} else if slices.Equal(first, inputs) != (seed == 7) {
				t.Errorf("seed %d draws the inputs of seed 7: %v", seed, seed != 7)
			}
		}
	})
}

// TestBounds: no more than InFlight at once, what finds no room is counted, a budget and a cancelled context end the beginning.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		o := load.Options{Rate: load.Steady(100), Time: 10 * time.Second, InFlight: 4, Inputs: 1, Do: func(context.Context, string, int) (load.Outcome, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return load.Outcome{Price: 1}, nil
		}}
		r, err := load.Run(t.Context(), o)
		if err != nil || most.Load() != 4 || r.Succeeded != 40 || r.Unsent != 960 {
			t.Errorf("%v, %d at once: %+v", err, most.Load(), r)
		}
		o.Budget, o.Estimate = 20.5, 1
		if r, err = load.Run(t.Context(), o); err != nil || r.Spent > 20.5 || r.Succeeded != 20 || r.Succeeded+r.Unsent+r.NotDue != 1000 || !strings.Contains(r.Stopped, "budget") {
			t.Errorf("with a budget: %v %+v", err, r)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		o.Budget, o.Do = 0, func(ctx context.Context, _ string, _ int) (load.Outcome, error) {
			<-ctx.Done()
			return load.Outcome{}, ctx.Err()
		}
		if r, err = load.Run(ctx, o); !errors.Is(err, context.DeadlineExceeded) || r.Started != 4 || r.Refused != 4 || r.Stopped == "" {
			t.Errorf("cancelled: %v %+v", err, r)
		}
	})
	for _, o := range []load.Options{{Rate: load.Steady(1), Time: time.Second, InFlight: 1}, {Rate: load.Steady(1), Time: time.Second, Inputs: 1}, {Rate: load.Steady(1e5), Time: time.Hour, InFlight: 1, Inputs: 1}} {
		if _, err := load.Run(t.Context(), o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// TestPlot draws a report in both formats, and one in which nothing ended.
func TestPlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := load.Run(t.Context(), load.Options{Rate: load.Rate{From: 1, To: 100}, Time: 10 * time.Second, InFlight: 20, Inputs: 5, Below: "BELOW", Do: scripted(40 * time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []*load.Report{r, {Rate: load.Steady(1), Seconds: 1, Planned: 1, Refused: 1}} {
			var picture bytes.Buffer
			if err := load.WritePlot(&picture, "png", r); err != nil {
				t.Fatal(err)
			}
			if decoded, err := png.Decode(&picture); err != nil || decoded.Bounds().Dx() != 1200 {
				t.Errorf("%v", err)
			}
			if err := load.WritePlot(&picture, "svg", r); err != nil || !strings.Contains(picture.String(), "asked for") {
				t.Errorf("%v in %d bytes", err, picture.Len())
			}
		}
	})
	for name, want := range map[string]string{"a.png": "png", "a.SVG": "svg", "a.pdf": "", "a": ""} {
		if got, err := load.FormatOf(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}
