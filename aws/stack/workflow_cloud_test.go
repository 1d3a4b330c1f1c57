package stack_test

import (
	"strings"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// otherWorkflow is a workflow with another threshold, other code, no trigger and a canary.
func otherWorkflow(t *testing.T, o stack.WorkflowOptions) stack.WorkflowOptions {
	o.Threshold, o.Zip, o.Trigger = 0.9, code(t, "two"), false
	o.Canary = stack.Canary{Percent: 10, Bake: time.Millisecond}
	return o
}

// TestWorkflowCanary lets a new version try a tenth of the calls: an alarm that goes off gives the old one all of them again, and without
// one the new version has all in the end.
func TestWorkflowCanary(t *testing.T) {
	_, a, _ := inCloud(t, awstest.Options{})
	o := workflowOptions(t)
	if err := applyWorkflow(t, a, o); err != nil {
		t.Fatal(err)
	}
	o = otherWorkflow(t, o)
	o.Canary.Bake = time.Second
	p := workflowPlan(t, a, o)
	var tried []string
	trying := func(then func()) func(plan.Event) {
		return func(e plan.Event) {
			if strings.Contains(e.Detail, "gets 10 % of the calls") {
				tried = append(tried, e.Name)
				then()
			}
		}
	}
	err := p.Apply(t.Context(), plan.ApplyOptions{Pause: time.Millisecond, Report: trying(func() { alarm(t, "scones-prod-classify-errors", "ALARM") })})
	if err == nil || !strings.Contains(err.Error(), `the alarm "scones-prod-classify-errors" went off while version 2 got 10 % of the calls: version 1 has all of them again`) {
		t.Fatalf("%v, tried %v", err, tried)
	}
	if got, want := changed(workflowPlan(t, a, o)), "update scones-prod-classify:live"; !strings.Contains(got, want) {
		t.Errorf("after a roll-back the plan is to %s, want %s", got, want)
	}
	alarm(t, "scones-prod-classify-errors", "OK")
	tried = nil
	p = workflowPlan(t, a, o)
	if err := p.Apply(t.Context(), plan.ApplyOptions{Pause: time.Millisecond, Report: trying(func() {})}); err != nil || len(tried) < 3 {
		t.Fatalf("%v, tried %v", err, tried)
	}
	if now := workflowPlan(t, a, o); !now.Empty() {
		t.Errorf("afterwards the plan is to %s", changed(now))
	}
}

// alarm puts an alarm into a state, as its metric would.
func alarm(t *testing.T, name, state string) {
	t.Helper()
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = cloudwatch.NewFromConfig(c.SDK()).SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: &name, StateValue: types.StateValue(state), StateReason: awssdk.String("a test")})
	if err != nil {
		t.Fatal(err)
	}
}
