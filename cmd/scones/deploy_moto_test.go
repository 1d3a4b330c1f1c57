package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// An awsShell runs the command against a stand-in.
type awsShell struct {
	library string
	env     []string
	dir     string
}

func newMotoShell(t *testing.T) *awsShell {
	t.Helper()
	s := &awsShell{library: orttest.Library(t), dir: t.TempDir()}
	for name, value := range mototest.Environment(t, mototest.Start(t)) {
		s.env = append(s.env, name+"="+value)
	}
	s.env = append(s.env, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME="+startEndpoint(t).URL)
	return s
}

// run returns standard output, standard error and the exit code.
func (s *awsShell) run(t *testing.T, line string, more ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := command(t, s.library, append(strings.Fields(line), more...)...)
	c.Env, c.Dir = append(c.Env, s.env...), s.dir
	var out, said strings.Builder
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		if _, ok := err.(*exec.ExitError); !ok {
			t.Fatal(err)
		}
	}
	return out.String(), said.String(), c.ProcessState.ExitCode()
}

// good runs a line that must end with 0, and returns its output.
func (s *awsShell) good(t *testing.T, line string, more ...string) string {
	t.Helper()
	out, said, code := s.run(t, line, more...)
	if code != exitGood {
		t.Fatalf("%s ends with %d: %s\n%s", line, code, said, out)
	}
	return out
}

func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Fatalf("%q is not in\n%s", part, text)
		}
	}
}

// look asks boto3 what exists, by kind.
func (s *awsShell) look(t *testing.T, python string, args ...string) map[string][]string {
	t.Helper()
	c := exec.Command(python, append([]string{"testdata/boto_look.py"}, args...)...)
	c.Env = append(slices.DeleteFunc(append(os.Environ(), s.env...), func(e string) bool { return strings.HasPrefix(e, "AWS_PROFILE=") }), // boto3 takes an empty one for a name
		"AWS_DEFAULT_REGION=us-east-1")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	found := map[string][]string{}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

const deployLine = "deploy --name bikes --model builtin --image 123456789012.dkr.ecr.us-east-1.amazonaws.com/scones:1"

// TestDeployAtMoto goes once around: plan, apply, nothing to do, ask, look, destroy, proof. Each way to serve ends in an empty plan.
func TestDeployAtMoto(t *testing.T) {
	s := newMotoShell(t)
	for name, flags := range map[string]string{
		"instance":   " --capture 100 --autoscale 1:4@200 --canary 10%/5m",
		"serverless": " --serverless 2048",
	} {
		t.Run(name, func(t *testing.T) {
			line := deployLine + flags
			want(t, s.good(t, line+" --dry-run"), "+ create  sagemaker-endpoint ", "allow s3:GetObject", "to create")
			if out := s.good(t, "status"); !strings.Contains(out, "nothing exists") {
				t.Fatalf("a dry run made something:\n%s", out)
			}
			want(t, s.good(t, line+" --yes"), "endpoint bikes in us-east-1 is in service", "a drawn picture: ", "scones parity --local builtin --endpoint bikes")
			want(t, s.good(t, line+" --dry-run"), ": no change")
			want(t, s.good(t, "status --name bikes"), "InService")
			picture, err := filepath.Abs("../../testdata/images/motorcycle-png-rgb.png")
			if err != nil {
				t.Fatal(err)
			}
			want(t, s.good(t, "invoke bikes --labels bicycle,motorcycle --format jsonl", picture), `"label":"motorcycle","index":1,"score":0.99`)
			want(t, s.good(t, "destroy --name bikes --dry-run"), "- delete  sagemaker-endpoint ")
			want(t, s.good(t, "destroy --name bikes --yes"), "nothing of bikes is left")
			want(t, s.good(t, "status"), "nothing exists")
		})
	}
	t.Run("artifact", func(t *testing.T) {
		artifact, err := filepath.Abs("../../model/builtin/model.tar.gz")
		if err != nil {
			t.Fatal(err)
		}
		out := s.good(t, "deploy --name mx --yes --labels bicycle,motorcycle --artifact", artifact)
		want(t, out, "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1", "scones parity --local "+artifact+" --endpoint mx --data photos/ --labels bicycle,motorcycle")
		want(t, s.good(t, "destroy --name mx --yes --data"), "nothing of mx is left")
	})
	t.Run("asynchronous", func(t *testing.T) {
		line := deployLine + " --async s3://answers/bikes --autoscale 0:2@5"
		want(t, s.good(t, line+" --yes"), "it answers into s3://answers/bikes")
		want(t, s.good(t, line+" --dry-run"), ": no change")
		want(t, s.good(t, "destroy --name bikes --yes"), "nothing of bikes is left")
	})
}

// TestPlanFileIsWhatWasAgreedTo applies a plan that was written before, and no other.
func TestPlanFileIsWhatWasAgreedTo(t *testing.T) {
	s := newMotoShell(t)
	s.good(t, deployLine+" --dry-run --plan agreed.json")
	if _, said, code := s.run(t, deployLine+" --serverless 1024 --plan agreed.json"); code != exitError || !strings.Contains(said, "has changed since") {
		t.Fatalf("another plan was applied: %d %s", code, said)
	}
	if _, said, code := s.run(t, deployLine+" --budget 0.1 --yes"); code != exitError || !strings.Contains(said, "the plan costs up to $0.115 an hour, the budget is $0.1") {
		t.Fatalf("beyond the budget: %d %s", code, said)
	}
	if _, said, code := s.run(t, deployLine+" --instance ml.x9.large --budget 9 --yes"); code != exitError || !strings.Contains(said, "no price of hosting ml.x9.large in us-east-1 in the table") {
		t.Fatalf("a price that nobody knows: %d %s", code, said)
	}
	s.good(t, deployLine+" --plan agreed.json --no-sample")
	var written struct {
		Fingerprint string
		Changes     []struct{ Action, Kind string }
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "agreed.json"))
	if err == nil {
		err = json.Unmarshal(data, &written)
	}
	if err != nil || written.Fingerprint == "" || len(written.Changes) != 7 {
		t.Errorf("%v in %s", err, data)
	}
}

// TestBotoFindsWhatWasDeployed asks another client what exists, with which tags, before and after destroy.
func TestBotoFindsWhatWasDeployed(t *testing.T) {
	python := os.Getenv("SCONES_TEST_CLIENTS")
	if python == "" {
		orttest.Missing(t, "clients", "SCONES_TEST_CLIENTS names no Python with boto3")
	}
	s := newMotoShell(t)
	look := func() map[string][]string { return s.look(t, python) }
	s.good(t, deployLine+" --capture 20 --canary 10%/5m --autoscale 1:2@100 --yes --no-sample")
	found := look()
	for kind, n := range map[string]int{"role": 1, "bucket": 1, "object": 1, "log group": 1, "model": 1, "endpoint config": 1, "endpoint": 1, "alarm": 2, "target": 1, "policy": 1} {
		if len(found[kind]) != n {
			t.Errorf("%d of %s, want %d: %v", len(found[kind]), kind, n, found[kind])
		}
	}
	if !slices.Contains(found["endpoint"], "bikes InService bikes endpoint/endpoint") {
		t.Errorf("endpoint %v", found["endpoint"])
	}
	s.good(t, "destroy --name bikes --yes")
	if found := look(); len(found) != 0 {
		t.Errorf("after destroy there is %v", found)
	}
}

// TestTemplateMakesTheStack gives the template to CloudFormation, and looks at what it made. Moto's knows neither alarms nor scaling.
func TestTemplateMakesTheStack(t *testing.T) {
	python := os.Getenv("SCONES_TEST_CLIENTS")
	if python == "" {
		orttest.Missing(t, "clients", "SCONES_TEST_CLIENTS names no Python with boto3")
	}
	s := newMotoShell(t)
	const line = "deploy --name bikes --artifact s3://models/model.tar.gz --capture 20 --canary 10%/5m --autoscale 1:2@100 --format cloudformation"
	template := filepath.Join(s.dir, "bikes.json")
	if err := os.WriteFile(template, []byte(s.good(t, line)), 0o644); err != nil {
		t.Fatal(err)
	}
	found := s.look(t, python, template)
	for _, kind := range []string{"role", "bucket", "log group", "model", "endpoint config", "endpoint"} {
		if len(found[kind]) != 1 || kind != "log group" && !strings.Contains(found[kind][0], " bikes ") {
			t.Errorf("%s: %v", kind, found[kind])
		}
	}
}
