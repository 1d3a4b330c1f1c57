package stack_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/stack"
)

// TestDrillWorkflow interrupts a workflow's deployment, its update and its end at every call, three ways.
func TestDrillWorkflow(t *testing.T) {
	first := workflowOptions(t)
	next := first
	next.Zip, next.Threshold = code(t, "two"), 0.9
	bucket := func(t *testing.T) {
		t.Helper()
		c, err := config.LoadDefaultConfig(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s3.NewFromConfig(c).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &first.Bucket}); err != nil {
			t.Fatal(err)
		}
	}
	planIsEmpty := func(o stack.WorkflowOptions) func(*testing.T, *awstest.Server) error {
		return func(t *testing.T, _ *awstest.Server) error {
			if p := workflowPlan(t, here(t), o); !p.Empty() {
				return errors.New("a plan afterwards is not empty: " + changed(p))
			}
			return nil
		}
	}
	options := awstest.Options{Tick: time.Minute}
	for name, d := range map[string]*awstest.Drill{
		"deploy": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			bucket(t)
			a := here(t)
			return func() error { return applyWorkflow(t, a, first) }
		}, Check: planIsEmpty(first)},
		"update": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			bucket(t)
			a := here(t)
			if err := applyWorkflow(t, a, first); err != nil {
				t.Fatal(err)
			}
			return func() error { return applyWorkflow(t, a, next) }
		}, Check: planIsEmpty(next)},
		"destroy": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			bucket(t)
			a := here(t)
			if err := applyWorkflow(t, a, next); err != nil {
				t.Fatal(err)
			}
			return func() error { return destroy(t, a, next.Name, true) }
		}},
	} {
		t.Run(name, func(t *testing.T) { t.Logf("%d positions", d.Run(t)) })
	}
}
