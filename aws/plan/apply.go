package plan

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ApplyOptions say how a plan is applied. The zero value is a good choice.
type ApplyOptions struct {
	// Report is told what is under way; it may be nil.
	Report func(Event)
	// Pause between two looks at what is under way; 0 means one that grows from half a second to ten.
	Pause time.Duration
}

// An Event is a step that begins, goes on, or is done.
type Event struct {
	// Step counts from 1 to Steps.
	Step, Steps int
	Action      Action
	Kind        Kind
	Name        string
	// Detail says what is under way, such as "Creating"; it is empty when the step begins.
	Detail string
	// Done ends a step that took Elapsed.
	Done    bool
	Elapsed time.Duration
}

// Apply carries the changes out, one after the other, and waits for each. Before it touches an object it looks again: one that has become
// what is wanted is left alone, one that has changed otherwise is an error that wraps [ErrChanged]. Errors are [*StepError]; what was done
// before stays done, and making and applying the plan again goes on from there.
func (p *Plan) Apply(ctx context.Context, o ApplyOptions) error {
	if o.Report == nil {
		o.Report = func(Event) {}
	}
	steps := p.steps()
	for i, s := range steps {
		began := time.Now()
		event := Event{Step: i + 1, Steps: len(steps), Action: s.action, Kind: s.item.Kind(), Name: s.item.Name()}
		o.Report(event)
		r := &runner{name: p.Name, data: p.data, pause: o.Pause, report: func(detail string) {
			e := event
			e.Detail = detail
			o.Report(e)
		}}
		if err := r.run(ctx, s); err != nil {
			return &StepError{s.action, s.item.Kind(), s.item.Name(), err}
		}
		event.Done, event.Elapsed = true, time.Since(began)
		o.Report(event)
	}
	return nil
}

// A step is one object's change.
type step struct {
	action Action
	item   Item
}

// steps are the changes, and behind them the deletion of what was replaced under another name.
func (p *Plan) steps() []step {
	var steps []step
	var replaced []*Change
	for _, c := range p.Changes {
		switch {
		case c.Action == Keep:
			continue
		case c.Action == Delete && !c.Kind.hanging():
			replaced = append(replaced, c)
			continue
		case c.old != nil:
			replaced = append(replaced, &Change{Action: Delete, Kind: c.Kind, Name: c.Old, item: c.old})
		}
		steps = append(steps, step{c.Action, c.item})
	}
	for _, c := range backwards(replaced) {
		steps = append(steps, step{Delete, c.item})
	}
	return steps
}

// A runner carries one step out.
type runner struct {
	name   string // the deployment's
	data   bool
	pause  time.Duration
	report func(string)
}

func (r *runner) watch() *Watch { return &Watch{say: r.report, fixed: r.pause} }

func (r *runner) run(ctx context.Context, s step) error {
	if w, ok := s.item.(Waiting); ok && s.action == Wait { // it knows how what is under way may end
		return w.Wait(ctx, r.watch())
	}
	state, err := r.settle(ctx, s.item)
	if err != nil {
		return err
	}
	if state.Exists() && !state.belongsTo(r.name) {
		return &ForeignError{s.item.Kind(), s.item.Name(), state.Tags[TagName], r.name}
	}
	if s.action == Delete {
		return r.delete(ctx, s.item, state)
	}
	want := s.item.(Resource)
	differences := Compare(state.Fields, want.Want())
	switch {
	case !state.Exists():
		if s.action == Update || s.action == Wait {
			return fmt.Errorf("%w: it is gone", ErrChanged)
		}
		return r.create(ctx, want)
	case state.Phase == Failed || mustReplace(differences):
		if s.action != Replace {
			return fmt.Errorf("%w: it must be made anew, %s", ErrChanged, state.Detail)
		}
		if err := r.delete(ctx, want, state); err != nil {
			return err
		}
		return r.create(ctx, want)
	case len(differences) == 0 && taggedAs(&state, want.Part()):
		if w, ok := want.(Waiting); ok { // an update that was under way may have been rolled back meanwhile
			return w.Wait(ctx, r.watch())
		}
		return nil
	case s.action != Update:
		return fmt.Errorf("%w: %s", ErrChanged, differing(differences))
	}
	return r.update(ctx, want, state)
}

func (r *runner) create(ctx context.Context, want Resource) error {
	if err := r.repeated(ctx, func() error { return want.Create(ctx) }); err != nil {
		return err
	}
	return r.effective(ctx, want)
}

func (r *runner) update(ctx context.Context, want Resource, from State) error {
	if err := r.repeated(ctx, func() error { return want.Update(ctx, from) }); err != nil {
		return err
	}
	return r.effective(ctx, want)
}

func (r *runner) delete(ctx context.Context, item Item, state State) error {
	if !state.Exists() {
		return nil
	}
	if e, ok := item.(Emptying); ok && r.data {
		r.report("deleting " + state.Holds)
		if err := e.Empty(ctx); err != nil {
			return err
		}
	}
	if err := r.repeated(ctx, func() error { return item.Delete(ctx) }); err != nil {
		return err
	}
	return r.gone(ctx, item)
}

// NotYetTime is how long a call that fails with [NotYet] is repeated. IAM's changes are documented to take seconds, rarely minutes.
const NotYetTime = 2 * time.Minute

func (r *runner) repeated(ctx context.Context, call func() error) error {
	watch := r.watch()
	for deadline := time.Now().Add(NotYetTime); ; {
		err := call()
		if _, passing := errors.AsType[*notYetError](err); !passing || time.Now().After(deadline) {
			return err
		}
		watch.Say("waiting until AWS knows what it needs")
		if err := watch.Sleep(ctx); err != nil {
			return err
		}
	}
}
