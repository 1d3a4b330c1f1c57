package stack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// monitorOptions are of a monitor of its own deployment, with a baseline that is uploaded.
func monitorOptions(t *testing.T) stack.MonitorOptions {
	t.Helper()
	name := filepath.Join(t.TempDir(), "baseline.json")
	if err := os.WriteFile(name, []byte(`{"version":1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := stack.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return stack.MonitorOptions{
		Name: "scones-prod", Baseline: &file, Every: time.Hour, Delay: 20 * time.Minute, Zip: &lambdazip.Zip{Data: []byte("PK")}, Namespaces: []string{"aws/sagemaker/Endpoints/data-metrics"},
		Metrics: stack.MonitorMetrics{Namespace: "aws/sagemaker/Endpoints/data-metrics", Drift: "scones_drift", Rows: "scones_rows"}, Count: 40, Emails: []string{"b@example.com", "a@example.com"},
	}
}

func monitorPlan(t *testing.T, a *stack.Account, o stack.MonitorOptions) *plan.Plan {
	t.Helper()
	resources, err := a.MonitorStack(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Make(t.Context(), plan.Options{Name: o.Name, Place: a.Place(), Want: resources, Stacks: stack.MonitorStacks, Finders: a.Finders()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// did lists what a plan does, an object a line.
func did(p *plan.Plan) string {
	var lines []string
	for _, c := range p.Changes {
		if c.Action == plan.Keep {
			continue
		}
		line := string(c.Action) + " " + string(c.Kind) + " " + c.Name
		for _, d := range c.Differences {
			line += ", " + d.Field
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func apply(t *testing.T, p *plan.Plan) {
	t.Helper()
	if err := p.Apply(t.Context(), plan.ApplyOptions{Report: func(e plan.Event) { t.Log(e) }}); err != nil {
		t.Fatal(err)
	}
}

func TestMonitorAtMoto(t *testing.T) {
	a := open(t)
	o := monitorOptions(t)
	p := monitorPlan(t, a, o)
	var table strings.Builder
	if err := p.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
	apply(t, p)
	if p := monitorPlan(t, a, o); !p.Empty() {
		t.Fatalf("a plan after apply is not empty:\n%s", did(p))
	}
	changed := o
	changed.Every, changed.Emails, changed.MemoryMB = 6*time.Hour, append(changed.Emails, "c@example.com"), 1024
	p = monitorPlan(t, a, changed)
	want := "update sns-topic scones-prod-monitor, e-mail\n" +
		"update cloudwatch-alarm scones-prod-monitor-drift, when\nupdate cloudwatch-alarm scones-prod-monitor-silent, when\n" +
		"update lambda-function scones-prod-monitor, memory, environment\nupdate schedule scones-prod-monitor, when"
	if diff := cmp.Diff(want, did(p)); diff != "" {
		t.Error(diff)
	}
	apply(t, p)
	if p := monitorPlan(t, a, changed); !p.Empty() {
		t.Fatalf("a plan after a change is not empty:\n%s", did(p))
	}
	p, err := plan.MakeDestroy(t.Context(), plan.DestroyOptions{Name: o.Name, Finders: a.Finders(), Data: true})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, p)
	if checks, err := p.Prove(t.Context()); err != nil {
		t.Fatal(checks, err)
	}
	if all, err := plan.Survey(t.Context(), a.Finders(), ""); err != nil || len(all) > 0 {
		t.Fatalf("%v, left %v", err, all)
	}
}
