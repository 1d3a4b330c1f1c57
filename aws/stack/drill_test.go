package stack_test

import (
	"errors"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/stack"
)

// here opens the account that the environment leads to.
func here(t *testing.T) *stack.Account {
	t.Helper()
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := stack.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// drilled is a deployment with a local artifact, and the next one with all that an endpoint can have.
func drilled(t *testing.T) (first, next stack.EndpointOptions) {
	t.Helper()
	file, err := stack.Pack(t.TempDir()+"/model.tar.gz", []stack.Packed{{Name: "model.onnx", Data: []byte("old")}})
	if err != nil {
		t.Fatal(err)
	}
	first = stack.EndpointOptions{
		Name: "bikes", Image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/scones:1", Repository: "arn:aws:ecr:us-east-1:123456789012:repository/scones",
		Upload: &file, Compute: stack.Compute{Instance: "ml.m5.large", Count: 2}, CapturePercent: 100,
	}
	return first, other(t, first)
}

// TestDrill interrupts deploy, an update by a canary, and destroy at every call, reads among them, three ways.
func TestDrill(t *testing.T) {
	options := awstest.Options{Tick: 2 * time.Minute}
	planIsEmpty := func(o func() stack.EndpointOptions) func(*testing.T, *awstest.Server) error {
		return func(t *testing.T, _ *awstest.Server) error {
			if p := planOf(t, here(t), o()); !p.Empty() {
				return errors.New("a plan afterwards is not empty")
			}
			return nil
		}
	}
	first, next := drilled(t)
	for name, d := range map[string]*awstest.Drill{
		"deploy": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			a := here(t)
			return func() error { return apply(t, a, first) }
		}, Check: planIsEmpty(func() stack.EndpointOptions { return first })},
		"update": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			a := here(t)
			if err := apply(t, a, first); err != nil {
				t.Fatal(err)
			}
			return func() error { return apply(t, a, next) }
		}, Check: planIsEmpty(func() stack.EndpointOptions { return next })},
		"destroy": {Options: options, Begin: func(t *testing.T, _ *awstest.Server) func() error {
			a := here(t)
			if err := apply(t, a, next); err != nil {
				t.Fatal(err)
			}
			return func() error { return destroy(t, a, next.Name, true) }
		}},
	} {
		t.Run(name, func(t *testing.T) { t.Logf("%d positions", d.Run(t)) })
	}
}
