package stack_test

import (
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// code is a zip that nothing runs.
func code(t *testing.T, content string) *lambdazip.Zip {
	t.Helper()
	data, err := lambdazip.Pack([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return &lambdazip.Zip{Data: data, From: "a test"}
}

func workflowOptions(t *testing.T) stack.WorkflowOptions {
	return stack.WorkflowOptions{
		Name: "scones-prod", Zip: code(t, "one"), Endpoint: "scones-prod", Labels: "bicycle,motorcycle", Threshold: 0.93, Bucket: "pictures", Prefix: "test/", Mode: workflow.Seed,
		Trigger: true, MaxBelow: stack.DefaultMaxBelow,
	}
}

func workflowPlan(t *testing.T, a *stack.Account, o stack.WorkflowOptions) *plan.Plan {
	t.Helper()
	resources, err := a.WorkflowStack(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Make(t.Context(), plan.Options{Name: o.Name, Place: a.Place(), Want: resources, Stacks: stack.WorkflowStacks, Finders: a.Finders()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// changed are the names of what a plan changes.
func changed(p *plan.Plan) string {
	var names []string
	for _, c := range p.Changes {
		if c.Action != plan.Keep {
			names = append(names, string(c.Action)+" "+c.Name)
		}
	}
	return strings.Join(names, ", ")
}

// TestWorkflowAtMoto makes a workflow, changes its threshold and its code, and takes it away.
func TestWorkflowAtMoto(t *testing.T) {
	a := open(t)
	o := workflowOptions(t)
	p := workflowPlan(t, a, o)
	var table strings.Builder
	if err := p.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
	if err := p.Apply(t.Context(), plan.ApplyOptions{Report: func(e plan.Event) { t.Log(e) }}); err != nil {
		t.Fatal(err)
	}
	if p := workflowPlan(t, a, o); !p.Empty() {
		table.Reset()
		_ = p.WriteTable(&table)
		t.Fatal("a plan after apply is not empty\n" + table.String())
	}
	o.Threshold = 0.9
	p = workflowPlan(t, a, o)
	if got, want := changed(p), "update scones-prod-filter, update scones-prod-filter:live"; got != want {
		t.Errorf("another threshold changes %s, want %s", got, want)
	}
	if err := p.Apply(t.Context(), plan.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	o.Zip = code(t, "two")
	p = workflowPlan(t, a, o)
	if got := p.Count(plan.Update); got != 6 {
		t.Errorf("other code changes %s", changed(p))
	}
	if err := p.Apply(t.Context(), plan.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if p := workflowPlan(t, a, o); !p.Empty() {
		t.Errorf("a plan after apply changes %s", changed(p))
	}
	o.Trigger = false
	if got, want := changed(workflowPlan(t, a, o)), "delete scones-prod-pictures, delete scones-prod-trigger-us-east-1"; got != want {
		t.Errorf("without a trigger the plan is to %s, want %s", got, want)
	}
	p, err := plan.MakeDestroy(t.Context(), plan.DestroyOptions{Name: "scones-prod", Finders: a.Finders()})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), plan.ApplyOptions{Report: func(e plan.Event) { t.Log(e) }}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Prove(t.Context(), plan.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
}
