package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer/load"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestMotoLoad loads the state machine in moto and the one here with the same draw, and compares what became of the executions.
func TestMotoLoad(t *testing.T) {
	library := orttest.Library(t)
	moto := startMoto(t)
	startFunctions(t, moto, startEndpoint(t))
	moto.put(t, "/pictures", nil)
	folder := t.TempDir()
	for _, name := range []string{"images/bicycle-gif.gif", "images/motorcycle-png-rgb.png", "images/bicycle-png-palette.png", "broken/png-truncated.png"} {
		data, err := os.ReadFile("../../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		key := name[strings.IndexByte(name, '/'):]
		moto.put(t, "/pictures/test"+key, data)
		if err := os.WriteFile(folder+key, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	definition, err := workflow.Definition(workflow.Seed, workflow.DefinitionOptions{Values: functionARNs})
	if err != nil {
		t.Fatal(err)
	}
	arn := moto.create(t, "loaded", string(definition))
	run := func(args ...string) (r loadReport, said string) {
		c := command(t, library, append([]string{"workflow", "load", "--rate", "8/s", "--for", "3s", "--json"}, args...)...)
		c.Env = append(c.Env, moto.env()...)
		var stderr strings.Builder
		c.Stderr = &stderr
		out, _ := c.Output() // a failed execution has an exit code
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatalf("%v in %s %s", err, out, stderr.String())
		}
		return r, stderr.String()
	}
	cloud := []string{"--arn", arn, "--yes", "--budget", "1"}
	here, _ := run("--local", "--data", folder)
	if here.Started != 24 || here.Errors[workflow.ImageUnreadable] == 0 || here.Succeeded == 0 || here.BelowThreshold == 0 {
		t.Errorf("here: %+v", here.Report)
	}
	for _, data := range [][]string{{"--data", "s3://pictures/test"}, {"--data", folder, "--objects", "s3://pictures/test/"}} {
		there, said := run(append(cloud, data...)...)
		counts := func(r *load.Report) []any {
			return []any{r.Planned, r.Started, r.Succeeded, r.BelowThreshold, r.Failed, r.Errors, r.Refused, r.Unsent, r.NotDue}
		}
		if diff := cmp.Diff(counts(here.Report), counts(there.Report)); diff != "" {
			t.Errorf("%v: what became of the executions differs (-here +moto): %s\n%s", data, diff, said)
		}
		if there.Cost == nil || there.Cost.Transitions < 3000 || there.Cost.Transitions > 5000 || there.Cost.Requests < 2000 || there.Cost.Requests > 3000 || there.Spent <= 0 || there.Took.P50 <= 0 {
			t.Errorf("%v: cost %+v, spent %v, took %v", data, there.Cost, there.Spent, there.Took)
		}
	}
}
