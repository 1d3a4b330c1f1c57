package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// The four pictures that a workflow is shown with: two that pass, one that is unsure, one that is broken.
var workflowPictures = []string{"images/bicycle-gif.gif", "images/motorcycle-png-rgb.png", "images/bicycle-png-palette.png", "broken/png-truncated.png"}

// deployedFunctions has the real program do moto's invocations of a deployment, as each function with the environment that it was
// deployed with.
func deployedFunctions(t *testing.T, moto *motoServer, program, name, endpoint string) {
	t.Helper()
	functions := map[string]*runtimetest.Function{}
	for _, step := range workflow.Names {
		function := name + "-" + step
		deployed := moto.get(t, "/2015-03-31/functions/"+function, "lambda")
		configuration := deployed["Configuration"].(map[string]any)
		env := []string{"_HANDLER=" + configuration["Handler"].(string), "AWS_ENDPOINT_URL=" + moto.front.URL, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=" + endpoint}
		if environment, ok := configuration["Environment"].(map[string]any); ok {
			for key, value := range environment["Variables"].(map[string]any) {
				env = append(env, key+"="+value.(string))
			}
		}
		functions[step] = runtimetest.Start(t, program, function, env...)
	}
	moto.serve(functions)
}

// TestMotoDeploysTheWorkflow goes once around: plan, apply, nothing to do, start, look, destroy, proof. The four pictures give the labels,
// scores, error names and exit codes that they give here.
func TestMotoDeploysTheWorkflow(t *testing.T) {
	library := orttest.Library(t)
	moto, endpoint := startMoto(t), startEndpoint(t)
	s := &awsShell{library: library, env: moto.env(), dir: t.TempDir()}
	moto.put(t, "/pictures", nil)
	var files []string
	for _, picture := range workflowPictures {
		file, err := filepath.Abs("../../testdata/" + picture)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		moto.put(t, "/pictures/test/"+filepath.Base(file), data)
		files = append(files, file)
	}
	program := runtimetest.Build(t)
	architecture := map[string]string{"amd64": lambdazip.X86, "arm64": lambdazip.ARM64}[runtime.GOARCH]
	line := "workflow deploy --name bikes --endpoint builtin --pictures s3://pictures/test --labels bicycle,motorcycle --architecture " + architecture + " --code " + program
	want(t, s.good(t, line+" --dry-run"), "+ create  lambda-function ", "bikes-classify:live", "allow sagemaker:InvokeEndpoint", "on arn:aws:sagemaker:us-east-1:123456789012:endpoint/builtin", "24 to create")
	if out := s.good(t, "workflow status"); !strings.Contains(out, "nothing exists") {
		t.Fatalf("a dry run made something:\n%s", out)
	}
	arn := "arn:aws:states:us-east-1:123456789012:stateMachine:bikes"
	s.dir = "../.." // so that the functions' program can be built
	want(t, s.good(t, "deploy --name bikes --artifact s3://pictures/model.tar.gz --workflow s3://pictures/test --dry-run"),
		"+ create  sagemaker-endpoint ", "+ create  state-machine ", "on arn:aws:sagemaker:us-east-1:123456789012:endpoint/bikes")
	s.dir = t.TempDir()
	want(t, s.good(t, line+" --yes"), arn, "scones workflow start --name bikes --watch s3://pictures/test/")
	want(t, s.good(t, line+" --dry-run"), ": no change")
	want(t, s.good(t, "workflow status --name bikes"), "lambda-alias", arn)
	deployedFunctions(t, moto, program, "bikes", endpoint.URL)
	codes := []int{exitGood, exitGood, exitGate, exitError}
	for i, file := range files {
		out, _ := command(t, library, "workflow", "run", "--json", file).Output() // a failed execution has an exit code
		var here struct {
			Status, Error string
			Output        json.RawMessage
		}
		if err := json.Unmarshal(out, &here); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		for _, from := range []string{"s3://pictures/test/" + filepath.Base(file), file} {
			out, said, code := s.run(t, "workflow start --name bikes --watch --json", from)
			var there startedExecution
			if err := json.Unmarshal([]byte(out), &there); err != nil {
				t.Fatalf("%v in %s\n%s", err, out, said)
			}
			if there.Status != here.Status || there.Error != here.Error || code != codes[i] || !strings.Contains(said, here.Error) {
				t.Errorf("%s ends with %d, %s %s (%s), here with %s %s", from, code, there.Status, there.Error, there.Cause, here.Status, here.Error)
			}
			for answer, err := range workflow.Answers(here.Output) {
				if err != nil {
					break // it has none
				}
				if there.Label != answer.Label || there.Score != float32(answer.Scores[answer.Best()]) {
					t.Errorf("%s: %s %v, here %s %v", from, there.Label, there.Score, answer.Label, answer.Scores)
				}
			}
		}
	}
	out, _, code := s.run(t, "workflow start --name bikes --watch --trace trace.json s3://pictures/test/bicycle-png-palette.png")
	want(t, out, "Serialize         succeeded ", "Filter            caught ", "Below threshold   failed ", "FAILED: bicycle 0.7533")
	if code != exitGate {
		t.Errorf("an unsure picture ends with %d", code)
	}
	s.good(t, "workflow graph --execution trace.json -o run.svg")
	many := []string{"s3://pictures/test/bicycle-gif.gif", "s3://pictures/test/png-truncated.png"}
	if out, _, code := s.run(t, "workflow start --name bikes --watch", many...); code != exitPictures || strings.Count(out, "Serialize") != 2 {
		t.Errorf("a good and a broken picture end with %d:\n%s", code, out)
	}
	want(t, s.good(t, "workflow start --arn "+arn+" s3://pictures/test/none.png"), ":execution:bikes:")
	for range 100 { // until the last one has ended
		if out = s.good(t, "workflow executions --name bikes"); !strings.Contains(out, "RUNNING") {
			break
		}
	}
	want(t, out, workflow.ThresholdNotMet, workflow.ImageUnreadable, workflow.ObjectNotFound)
	if n := strings.Count(s.good(t, "workflow executions --name bikes --status succeeded --json"), "\n"); n != 5 {
		t.Errorf("%d executions succeeded, want 5", n)
	}
	want(t, s.good(t, "workflow destroy --name bikes --dry-run"), "- delete  state-machine ")
	want(t, s.good(t, "workflow destroy --name bikes --yes"), "nothing of workflow of bikes is left")
	if _, said, code := s.run(t, "workflow start --name bikes s3://pictures/test/a.png"); code != exitError || !strings.Contains(said, "scones workflow status shows what is deployed") {
		t.Errorf("after destroy, start ends with %d: %s", code, said)
	}
}
