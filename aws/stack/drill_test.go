package stack_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// in reaches the account anew, and then does something in it.
func in(t *testing.T, do func(*testing.T, *stack.Account) error) func() error {
	return func() error {
		a, err := reached(t)
		if err != nil {
			return err
		}
		return do(t, a)
	}
}

// A drilled stack is what is interrupted: as it is first, and as it is next.
type drilled struct {
	name        string
	bucket      string // that is there before; may be empty
	first, next drilledState
}

type drilledState struct {
	apply func(*testing.T, *stack.Account) error
	plan  func(*testing.T, *stack.Account) *plan.Plan
}

func (s drilledState) check(t *testing.T, _ *awstest.Server) error {
	if p := s.plan(t, here(t)); !p.Empty() {
		return errors.New("a plan afterwards is not empty: " + changed(p))
	}
	return nil
}

// begin makes what is there before, and the states in the order given.
func (d drilled) begin(t *testing.T, before ...drilledState) {
	t.Helper()
	if d.bucket != "" {
		c, err := config.LoadDefaultConfig(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s3.NewFromConfig(c).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &d.bucket}); err != nil {
			t.Fatal(err)
		}
	}
	a := here(t)
	for _, s := range before {
		if err := s.apply(t, a); err != nil {
			t.Fatal(err)
		}
	}
}

// drill interrupts deploy, an update, and destroy at every call, reads among them, three ways.
func (d drilled) drill(t *testing.T) {
	// Time is free in a drill's bubble; what never comes would be looked for a hundred million times.
	defer func(saved plan.ApplyOptions) { quick = saved }(quick)
	quick = plan.ApplyOptions{}
	options := awstest.Options{Tick: 2 * time.Minute}
	for name, one := range map[string]*awstest.Drill{
		"deploy": {Options: options, Check: d.first.check, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			d.begin(t)
			return in(t, d.first.apply)
		}},
		"update": {Options: options, Check: d.next.check, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			d.begin(t, d.first)
			return in(t, d.next.apply)
		}},
		"destroy": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			d.begin(t, d.first, d.next)
			return in(t, func(t *testing.T, a *stack.Account) error { return destroy(t, a, d.name, true) })
		}},
	} {
		t.Run(name, func(t *testing.T) { t.Logf("%d positions", one.Run(t)) })
	}
}

func TestDrillEndpoint(t *testing.T) {
	o := bikes(t)
	state := func(o stack.EndpointOptions) drilledState {
		return drilledState{
			func(t *testing.T, a *stack.Account) error { return apply(t, a, o) },
			func(t *testing.T, a *stack.Account) *plan.Plan { return planOf(t, a, o) },
		}
	}
	drilled{name: o.Name, first: state(o), next: state(other(t, o))}.drill(t)
}

func TestDrillWorkflow(t *testing.T) {
	o := workflowOptions(t)
	state := func(o stack.WorkflowOptions) drilledState {
		return drilledState{
			func(t *testing.T, a *stack.Account) error { return applyWorkflow(t, a, o) },
			func(t *testing.T, a *stack.Account) *plan.Plan { return workflowPlan(t, a, o) },
		}
	}
	next := o
	next.Zip, next.Threshold = code(t, "two"), 0.9
	drilled{name: o.Name, bucket: o.Bucket, first: state(o), next: state(next)}.drill(t)
}

func TestDrillMonitor(t *testing.T) {
	o := monitorOptions(t)
	state := func(o stack.MonitorOptions) drilledState {
		return drilledState{
			func(t *testing.T, a *stack.Account) error { return monitorApply(t, a, o) },
			func(t *testing.T, a *stack.Account) *plan.Plan { return monitorPlan(t, a, o) },
		}
	}
	drilled{name: o.Name, first: state(o), next: state(monitorChanged(t, o))}.drill(t)
}
