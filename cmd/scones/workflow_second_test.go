package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// nodeProgram runs a program of testdata/aslnode on an input, and decodes its output. .ci/run installs what it needs, with Node; the test
// is skipped where it is not.
func nodeProgram(t *testing.T, name string, in, out any) {
	t.Helper()
	modules := os.Getenv("SCONES_TEST_ASL_MODULES")
	if modules == "" {
		orttest.Missing(t, "aws-local-stepfunctions", "SCONES_TEST_ASL_MODULES names no folder of node_modules")
	}
	modules, err := filepath.Abs(modules)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), filepath.Join(modules, "node", "bin", "node"), filepath.Join("testdata", "aslnode", name))
	run.Env, run.Stdin = append(os.Environ(), "NODE_PATH="+modules), bytes.NewReader(data)
	var stderr bytes.Buffer
	run.Stderr = &stderr
	answer, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(answer, out); err != nil {
		t.Fatal(err)
	}
}

// TestReferenceEvaluates has the reference implementation of JSONata evaluate the expressions of aws/workflow/jsonata/testdata, whose
// outcomes the package's own test compares with.
func TestReferenceEvaluates(t *testing.T) {
	testdata := filepath.Join("..", "..", "aws", "workflow", "jsonata", "testdata")
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	expressions := strings.Split(strings.TrimSuffix(string(read("expressions.txt")), "\n"), "\n")
	var got, want []map[string]any
	nodeProgram(t, "evaluate.cjs", map[string]any{"expressions": expressions, "variables": json.RawMessage(read("variables.json"))}, &got)
	if err := json.Unmarshal(read("outcomes.json"), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the reference's outcomes differ (-testdata +reference):\n%s", diff)
	}
}

// TestSecondInterpreterAgrees runs the interpreter's cases in aws-local-stepfunctions. Exceptions are listed, and fail when they are none
// any more. It knows neither variables nor JSONata.
func TestSecondInterpreterAgrees(t *testing.T) {
	cases := machineCases(t, "cases.json")
	var outcomes []struct {
		Output       any
		Error, Cause string
	}
	nodeProgram(t, "run.cjs", cases, &outcomes)
	if len(outcomes) != len(cases) {
		t.Fatalf("%d outcomes of %d cases", len(outcomes), len(cases))
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
