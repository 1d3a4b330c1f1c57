package stack_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// open is an account at moto, which is started for the test.
func open(t *testing.T) *stack.Account {
	t.Helper()
	for name, value := range mototest.Environment(t, mototest.Start(t)) {
		t.Setenv(name, value)
	}
	return here(t)
}

func options() stack.EndpointOptions {
	return stack.EndpointOptions{
		Name: "scones-prod", Image: "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
		Repository: "arn:aws:ecr:us-east-1:811284229777:repository/image-classification", Artifact: "s3://pictures/model.tar.gz",
		Compute: stack.Compute{Instance: "ml.m5.large", Count: 1}, CapturePercent: 100,
		Shift: stack.Shift{Percent: 10, Wait: time.Minute}, Scale: &stack.Scale{Min: 1, Max: 4, Target: 200},
	}
}

func TestEndpointAtMoto(t *testing.T) {
	a := open(t)
	p := planOf(t, a, options())
	var table strings.Builder
	if err := p.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
	if err := p.Apply(t.Context(), plan.ApplyOptions{Report: func(e plan.Event) { t.Log(e) }}); err != nil {
		t.Fatal(err)
	}
	if p := planOf(t, a, options()); !p.Empty() {
		table.Reset()
		_ = p.WriteTable(&table)
		t.Fatal("a plan after apply is not empty\n" + table.String())
	}
	p, err := plan.MakeDestroy(t.Context(), plan.DestroyOptions{Name: "scones-prod", Finders: a.Finders()})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), plan.ApplyOptions{Report: func(e plan.Event) { t.Log(e) }}); err != nil {
		t.Fatal(err)
	}
	checks, err := p.Prove(t.Context(), plan.ApplyOptions{})
	t.Log(checks)
	if err != nil {
		t.Fatal(err)
	}
	all, err := plan.Survey(t.Context(), a.Finders(), "")
	if err != nil || len(all) > 0 {
		t.Fatalf("%v, left %v", err, all)
	}
}
