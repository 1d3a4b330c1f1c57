package plan

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// DefaultPatience is how long a resource may take to settle: an endpoint takes minutes, one with a graphics card up to a quarter of an
// hour.
const DefaultPatience = 30 * time.Minute

// consistency is how long a service may show an object as it was before a call that succeeded.
const consistency = 2 * time.Minute

// The pauses between two looks.
const (
	firstPause = 500 * time.Millisecond
	mostPause  = 10 * time.Second
)

// A Watch is how something that takes time is looked at again and again. The zero value says nothing and pauses as it should.
type Watch struct {
	say   func(string)
	fixed time.Duration // 0: the pauses grow
	pause time.Duration // the last one
}

// Say tells what is under way. It may be called often.
func (w *Watch) Say(what string) {
	if w.say != nil {
		w.say(what)
	}
}

// Sleep waits until the next look; each pause is half as long again as the one before. The error is ctx's.
func (w *Watch) Sleep(ctx context.Context) error {
	w.pause = min(max(w.pause*3/2, firstPause), mostPause)
	if w.fixed > 0 {
		w.pause = w.fixed
	}
	timer := time.NewTimer(w.pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// A StillError is an object that did not settle in time.
type StillError struct {
	Detail string
	After  time.Duration
}

// Error says what it was doing, and for how long.
func (e *StillError) Error() string { return fmt.Sprintf("still %s after %v", e.Detail, e.After) }

// Hint says what the user can do.
func (e *StillError) Hint() string { return "the same command goes on waiting" }

// until looks at an item again and again, until done says so or its patience is over.
func (r *runner) until(ctx context.Context, item Item, done func(*State) (bool, error)) (State, error) {
	patience := DefaultPatience
	if p, ok := item.(Patient); ok {
		patience = p.Patience()
	}
	watch, began := r.watch(), time.Now()
	for {
		state, err := item.Read(ctx)
		if err != nil {
			return state, err
		}
		if ok, err := done(&state); ok || err != nil {
			return state, err
		}
		said := state.Detail
		if said == "" {
			said = state.Phase.String()
		}
		watch.Say(said)
		if time.Since(began) > patience {
			return state, &StillError{said, patience}
		}
		if err := watch.Sleep(ctx); err != nil {
			return state, err
		}
	}
}

// settle waits until nothing is under way.
func (r *runner) settle(ctx context.Context, item Item) (State, error) {
	return r.until(ctx, item, func(s *State) (bool, error) { return s.settled(), nil })
}

// gone waits until an item does not exist.
func (r *runner) gone(ctx context.Context, item Item) error {
	began := time.Now()
	_, err := r.until(ctx, item, func(s *State) (bool, error) {
		if s.Phase == Failed && time.Since(began) > consistency {
			return false, fmt.Errorf("it cannot be deleted: %s", s.Detail)
		}
		return !s.Exists(), nil
	})
	return err
}

// effective waits until a resource is what it should be.
func (r *runner) effective(ctx context.Context, want Resource) error {
	if w, ok := want.(Waiting); ok {
		return w.Wait(ctx, r.watch())
	}
	began := time.Now()
	_, err := r.until(ctx, want, func(s *State) (bool, error) {
		differences := Compare(s.Fields, want.Want())
		switch {
		case s.Phase == Failed:
			return false, fmt.Errorf("it has failed: %s", s.Detail)
		case s.Phase == Ready && len(differences) == 0:
			return true, nil
		case s.Phase == Ready && time.Since(began) > consistency:
			return false, fmt.Errorf("it is not what was asked for: %s", differing(differences))
		case s.Phase == Absent && time.Since(began) > consistency:
			return false, fmt.Errorf("AWS says that it was made, and does not find it after %v", consistency)
		}
		return false, nil
	})
	return err
}

// differing lists differences on a line.
func differing(differences []Difference) string {
	var list []string
	for _, d := range differences {
		list = append(list, fmt.Sprintf("%s is %q instead of %q", d.Field, d.From, d.To))
	}
	return strings.Join(list, ", ")
}
