package stack_test

import (
	"testing"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// here opens the account that the environment leads to.
func here(t *testing.T) *stack.Account {
	t.Helper()
	a, err := reached(t)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// reached is the account where that may be interrupted.
func reached(t *testing.T) (*stack.Account, error) {
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		return nil, err
	}
	return stack.Open(t.Context(), c)
}

// A wanted stack is what should exist, or why it cannot be said.
type wanted struct {
	name      string
	stacks    []string
	resources []plan.Resource
	err       error
}

func endpointOf(a *stack.Account, o stack.EndpointOptions) wanted {
	resources, err := a.EndpointStack(o)
	return wanted{o.Name, stack.EndpointStacks, resources, err}
}

func workflowOf(a *stack.Account, o stack.WorkflowOptions) wanted {
	resources, err := a.WorkflowStack(o)
	return wanted{o.Name, stack.WorkflowStacks, resources, err}
}

func monitorOf(a *stack.Account, o stack.MonitorOptions) wanted {
	resources, err := a.MonitorStack(o)
	return wanted{o.Name, stack.MonitorStacks, resources, err}
}

func (w wanted) make(t *testing.T, a *stack.Account) (*plan.Plan, error) {
	if w.err != nil {
		return nil, w.err
	}
	return plan.Make(t.Context(), plan.Options{Name: w.name, Place: a.Place(), Want: w.resources, Stacks: w.stacks, Finders: a.Finders()})
}

func (w wanted) plan(t *testing.T, a *stack.Account) *plan.Plan {
	t.Helper()
	p, err := w.make(t, a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w wanted) apply(t *testing.T, a *stack.Account) error {
	p, err := w.make(t, a)
	if err != nil {
		return err
	}
	return p.Apply(t.Context(), quick)
}

func planOf(t *testing.T, a *stack.Account, o stack.EndpointOptions) *plan.Plan {
	t.Helper()
	return endpointOf(a, o).plan(t, a)
}

func workflowPlan(t *testing.T, a *stack.Account, o stack.WorkflowOptions) *plan.Plan {
	t.Helper()
	return workflowOf(a, o).plan(t, a)
}

func monitorPlan(t *testing.T, a *stack.Account, o stack.MonitorOptions) *plan.Plan {
	t.Helper()
	return monitorOf(a, o).plan(t, a)
}

func apply(t *testing.T, a *stack.Account, o stack.EndpointOptions) error {
	return endpointOf(a, o).apply(t, a)
}

func applyWorkflow(t *testing.T, a *stack.Account, o stack.WorkflowOptions) error {
	return workflowOf(a, o).apply(t, a)
}

func monitorApply(t *testing.T, a *stack.Account, o stack.MonitorOptions) error {
	return monitorOf(a, o).apply(t, a)
}
