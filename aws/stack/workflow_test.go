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

// TestWorkflowModesAtMoto makes the modes that need more than three functions, and takes them away.
func TestWorkflowModesAtMoto(t *testing.T) {
	a := open(t)
	for name, test := range map[string]struct {
		change func(*stack.WorkflowOptions)
		want   map[plan.Kind]int
	}{
		"queues":  {func(o *stack.WorkflowOptions) { o.Mode = workflow.Robust }, map[plan.Kind]int{plan.Queue: 2, plan.Alarm: 10}},
		"a topic": {func(o *stack.WorkflowOptions) { o.Mode, o.Review = workflow.Robust, "sns" }, map[plan.Kind]int{plan.Queue: 1, plan.Topic: 1}},
		"given": {func(o *stack.WorkflowOptions) {
			o.Mode, o.Values = workflow.Robust, map[string]string{"ReviewQueueUrl": "https://sqs.us-east-1.amazonaws.com/210987654321/people", "DeadLetterQueueUrl": "https://sqs.us-east-1.amazonaws.com/210987654321/dead"}
		}, map[plan.Kind]int{plan.Queue: 0}},
		"schedule":       {func(o *stack.WorkflowOptions) { o.Mode, o.Trigger, o.Schedule = workflow.MapMode, false, "rate(1 day)" }, map[plan.Kind]int{plan.Queue: 1, plan.Schedule: 1, plan.Rule: 0}},
		"its own bucket": {func(o *stack.WorkflowOptions) { o.Bucket, o.Prefix = "", "" }, map[plan.Kind]int{plan.Bucket: 1, plan.Rule: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			o := workflowOptions(t)
			test.change(&o)
			p := workflowPlan(t, a, o)
			if err := p.Apply(t.Context(), plan.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			n := kinds(t, a)
			for kind, want := range test.want {
				if n[kind] != want {
					t.Errorf("%d of %s, want %d", n[kind], kind, want)
				}
			}
			if p := workflowPlan(t, a, o); !p.Empty() {
				t.Errorf("a plan after apply is to %s", changed(p))
			}
			for _, c := range p.Changes {
				for _, policy := range c.Policies {
					if name == "given" && c.Name == "scones-prod-states" && policy.Name == "scones" && !strings.Contains(policy.Document(), "arn:aws:sqs:us-east-1:210987654321:people") {
						t.Errorf("the state machine may not send to the queue that was given: %s", policy.Document())
					}
				}
			}
			if err := destroy(t, a, o.Name, true); err != nil {
				t.Fatal(err)
			}
			if n := kinds(t, a); len(n) > 0 {
				t.Errorf("left %v", n)
			}
		})
	}
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
