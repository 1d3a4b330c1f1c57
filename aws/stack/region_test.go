package stack_test

import (
	"testing"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// TestRegionsLeaveEachOtherAlone deploys the same name in two regions of an account, and destroys one: IAM's roles are of no region.
func TestRegionsLeaveEachOtherAlone(t *testing.T) {
	_, east, o := inCloud(t, awstest.Options{})
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	west, err := stack.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	there := o
	there.Image, there.Repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/scones:1", "arn:aws:ecr:eu-west-1:123456789012:repository/scones"
	if err := apply(t, east, o); err != nil {
		t.Fatal(err)
	}
	if err := apply(t, west, there); err != nil {
		t.Fatal(err)
	}
	if p := planOf(t, east, o); !p.Empty() {
		t.Fatalf("the other region's deployment changed the plan: %+v", p.Document())
	}
	if err := destroy(t, east, o.Name, true); err != nil {
		t.Fatal(err)
	}
	if n := kinds(t, west); n[plan.Role] != 1 || n[plan.Endpoint] != 1 {
		t.Errorf("destroying one left of the other %v", n)
	}
}
