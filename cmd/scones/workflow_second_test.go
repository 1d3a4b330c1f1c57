package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A machineCase is an entry of aws/workflow/asl/testdata/cases.json.
type machineCase struct {
	Name       string                       `json:"name"`
	Definition json.RawMessage              `json:"definition"`
	Input      json.RawMessage              `json:"input"`
	Tasks      map[string][]json.RawMessage `json:"tasks"`
	Output     any                          `json:"output"`
	Error      string                       `json:"error"`
}

func machineCases(t *testing.T, files ...string) []machineCase {
	t.Helper()
	var all []machineCase
	for _, file := range files {
		data, err := os.ReadFile("../../aws/workflow/asl/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []machineCase
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		all = append(all, cases...)
	}
	return all
}

// secondDiffers are the cases in which the interpreter aws-local-stepfunctions does otherwise than Step Functions, with what it does.
var secondDiffers = map[string]string{
	"the context object":                         `error States.Runtime`,         // its context has no State
	"function StringSplit at several characters": `{"r":["This.is+a,test"]}`,     // it splits at the whole text
	"Choice of nothing":                          `error States.NoChoiceMatched`, // the name in the specification; Step Functions reports States.Runtime
}

// TestSecondInterpreterAgrees runs the interpreter's cases in aws-local-stepfunctions. Exceptions are listed, and fail when they are none
// any more. .ci/run installs it, with the Node that it needs; the test is skipped where it is not.
func TestSecondInterpreterAgrees(t *testing.T) {
	modules := os.Getenv("SCONES_TEST_ASL_MODULES")
	if modules == "" {
		orttest.Missing(t, "aws-local-stepfunctions", "SCONES_TEST_ASL_MODULES names no folder of node_modules")
	}
	modules, err := filepath.Abs(modules)
	if err != nil {
		t.Fatal(err)
	}
	cases := machineCases(t, "cases.json")
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), filepath.Join(modules, "node", "bin", "node"), "testdata/aslnode/run.cjs")
	run.Env, run.Stdin = append(os.Environ(), "NODE_PATH="+modules), bytes.NewReader(in)
	var stderr bytes.Buffer
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	var outcomes []struct {
		Output       any
		Error, Cause string
	}
	if err := json.Unmarshal(out, &outcomes); err != nil || len(outcomes) != len(cases) {
		t.Fatalf("%d outcomes of %d cases: %v", len(outcomes), len(cases), err)
	}
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			want, got := outcomeText(c.Output, c.Error), outcomeText(outcomes[i].Output, outcomes[i].Error)
			if differs, listed := secondDiffers[c.Name]; listed {
				want = differs
			}
			if got != want {
				t.Errorf("it gives %s (%s), want %s", got, outcomes[i].Cause, want)
			}
		})
	}
}
