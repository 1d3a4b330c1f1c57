package stack_test

import (
	"testing"

	"github.com/scones-unlimited/scones/aws/iamtest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// everything is every resource that a stack of this package may have, in three partitions. Whoever adds a stack adds it here.
func everything(t *testing.T) []plan.Resource {
	t.Helper()
	var all []plan.Resource
	for _, a := range []*stack.Account{
		{ID: "123456789012", Partition: "aws", Region: "us-east-1"},
		{ID: "123456789012", Partition: "aws-cn", Region: "cn-north-1"},
		{ID: "123456789012", Partition: "aws-us-gov", Region: "us-gov-west-1"},
	} {
		o := options()
		o.AsyncURI = "s3://answers/bikes"
		resources, err := a.EndpointStack(o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, resources...)
		watch := monitorOptions(t)
		watch.KMSKey = a.ARN("kms", "key/k")
		if resources, err = a.MonitorStack(watch); err != nil {
			t.Fatal(err)
		}
		all = append(all, resources...)
		batch, err := a.BatchModel(stack.ModelSpec{Deployment: o.Name, Image: a.ID + ".dkr.ecr." + a.Region + ".amazonaws.com/scones:1", Artifact: "s3://models/model.tar.gz"}, "s3://pictures/in/", "s3://answers/out")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, batch)
		for _, mode := range []workflow.Mode{workflow.Seed, workflow.Robust, workflow.MapMode, workflow.JSONata} {
			o := workflowOptions(t)
			o.Mode, o.Trigger = mode, true
			if mode == workflow.MapMode {
				o.Trigger, o.Schedule = false, "rate(1 day)"
			}
			resources, err := a.WorkflowStack(o)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, resources...)
		}
	}
	return all
}

// withNeeds are resources and all that they need, each once.
func withNeeds(resources []plan.Resource, seen map[plan.Resource]bool) (all []plan.Resource) {
	for _, r := range resources {
		if !seen[r] {
			seen[r] = true
			all = append(append(all, r), withNeeds(r.Needs(), seen)...)
		}
	}
	return all
}

// TestPoliciesGiveNoMoreThanNeeded holds every policy to least privilege and to IAM's reference.
func TestPoliciesGiveNoMoreThanNeeded(t *testing.T) {
	n := 0
	for _, r := range withNeeds(everything(t), map[plan.Resource]bool{}) {
		if p, ok := r.(plan.Permitting); ok {
			iamtest.Check(t, p.Policies()...)
			n += len(p.Policies())
		}
	}
	if n < 9 { // a trust, permissions and a bucket's policy in each of three partitions
		t.Errorf("only %d policies were checked", n)
	}
}
