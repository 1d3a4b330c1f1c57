package asl

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// MaxPayload is the largest input or output of a state, in bytes of its JSON: Step Functions' limit.
const MaxPayload = 262_144

// A Call is one attempt at a Task state.
type Call struct {
	Execution  string // its name
	State      string
	Resource   string // the state's, such as "arn:aws:states:::lambda:invoke"
	Parameters any    // what the resource is given
	Attempt    int    // from 0
}

// Options are what a machine needs of the world. Task is needed; the zero value of all else works.
type Options struct {
	// Task does what a Task's resource names. An [*Error] is seen by Retry and Catch under its name, any other as States.TaskFailed.
	Task func(context.Context, Call) (any, error)
	// Objects are what a Distributed Map reads its items from and writes its results to. It is needed for those alone.
	Objects Objects
	// Name of the execution, a random UUID when empty; Machine is what $$.StateMachine.Name says.
	Name, Machine string
	// Observe is told each event as it happens, one at a time for an execution, and several at once for a Distributed Map's items.
	Observe func(Event)
	// MaxConcurrency bounds the items of a Map that are worked on at once, whatever the definition allows; 0 is 40, which is what
	// Step Functions does inline.
	MaxConcurrency int
	// Sleep waits, for Wait and Retry; nil sleeps. Now is the time; nil is the clock's.
	Sleep func(context.Context, time.Duration) error
	Now   func() time.Time
	// Random gives numbers from 0 up to 1 for the jitter of Retry; nil is random.
	Random func() float64
}

// A Status says how an execution ended.
type Status string

// The statuses.
const (
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// An Execution is one run of a machine.
type Execution struct {
	Name, ARN   string
	Status      Status
	Start, Stop time.Time
	Input       any
	Output      any    // of one that succeeded
	Error       *Error // of one that did not
	History     []Event
}

// A run is an execution under way.
type run struct {
	options Options
	name    string
	arn     string
	start   time.Time
	input   any
	mu      sync.Mutex
	history []Event
}

// Run executes the machine with an input in JSON. The execution's own failure is in [Execution.Error]; the error is for what no
// execution comes of: an input that is no JSON, or ctx that is cancelled, which also gives the execution so far, aborted.
func (m *Machine) Run(ctx context.Context, input []byte, options Options) (*Execution, error) {
	value, err := Decode(input)
	if err != nil {
		return nil, fmt.Errorf("read input: %w", err)
	}
	return m.run(ctx, value, options)
}

func (m *Machine) run(ctx context.Context, input any, options Options) (*Execution, error) {
	if options.Name == "" {
		options.Name = newUUID()
	}
	if options.Machine == "" {
		options.Machine = "local"
	}
	r := &run{options: options, name: options.Name, input: input}
	r.arn, r.start = arn("execution", options.Machine+":"+r.name), r.now()
	main := &thread{variables: newVariables(nil)}
	if err := r.record(main, "ExecutionStarted", &Details{Input: text(input), Role: arn("role", "local")}); err != nil {
		return nil, err
	}
	inner, cancel := m.limit(ctx)
	defer cancel()
	output, err := r.sequence(inner, main, m, input)
	e := &Execution{Name: r.name, ARN: r.arn, Start: r.start, Input: input}
	var aborted error
	end, details := "ExecutionSucceeded", &Details{Output: text(output)}
	switch {
	case err == nil:
		e.Status, e.Output = Succeeded, output
	case stopped(ctx) != nil:
		aborted = stopped(ctx)
		e.Status, end, details = Aborted, "ExecutionAborted", &Details{}
	case inner.Err() != nil:
		e.Status, e.Error, end, details = TimedOut, &Error{Name: Timeout}, "ExecutionTimedOut", &Details{Error: Timeout}
	default:
		e.Status, e.Error, end = Failed, asError(err), "ExecutionFailed"
		details = &Details{Error: e.Error.Name, Cause: e.Error.Cause}
	}
	_ = r.record(main, end, details) // the last event is let in beyond the limit
	e.Stop, e.History = r.now(), r.history
	return e, aborted
}

// arn is a name in the form of AWS's, of an account that nobody has.
func arn(what, name string) string {
	if what == "role" {
		return "arn:aws:iam::000000000000:role/" + name
	}
	return "arn:aws:states:local:000000000000:" + what + ":" + name
}

// limit holds a run to the definition's TimeoutSeconds.
func (m *Machine) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if seconds, ok := number(m.timeout.value); ok && m.timeout.set {
		return context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
	}
	return ctx, func() {}
}

func (r *run) now() time.Time {
	if r.options.Now != nil {
		return r.options.Now()
	}
	return time.Now()
}

func (r *run) random() float64 {
	if r.options.Random != nil {
		return r.options.Random()
	}
	return rand.Float64()
}

func (r *run) sleep(ctx context.Context, d time.Duration) error {
	if r.options.Sleep != nil {
		return r.options.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sequence runs a machine's states from the first to an end.
func (r *run) sequence(ctx context.Context, t *thread, m *Machine, input any) (any, error) {
	name := m.StartAt
	for {
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		output, next, err := r.state(ctx, t, m.State(name), input)
		if err != nil || next == "" {
			return output, err
		}
		name, input = next, output
	}
}

// state runs one state and returns its output and which state follows, "" for none.
func (r *run) state(ctx context.Context, t *thread, s *State, input any) (any, string, error) {
	if err := r.record(t, string(s.Type)+"StateEntered", &Details{Name: s.Name, Input: text(input)}); err != nil {
		return nil, "", err
	}
	v := &visit{run: r, thread: t, state: s, input: input, entered: r.now(), states: map[string]any{"input": input}}
	output, next, err := v.work(ctx)
	if err == nil {
		err = fits(output, fmt.Sprintf("The output of state '%s'", s.Name))
	}
	if err != nil {
		return nil, "", err
	}
	if err := r.record(t, string(s.Type)+"StateExited", &Details{Name: s.Name, Output: text(output)}); err != nil {
		return nil, "", err
	}
	return output, next, nil
}

// fits holds a payload to [MaxPayload].
func fits(value any, what string) error {
	if n := len(text(value)); n > MaxPayload {
		return &Error{Name: DataLimitExceeded, Cause: fmt.Sprintf("%s has %d bytes, more than the limit of %d", what, n, MaxPayload)}
	}
	return nil
}

// ErrObjects is wrapped when a machine reads or writes objects and [Options].Objects is nil.
var ErrObjects = errors.New("there is nothing to read objects from")
