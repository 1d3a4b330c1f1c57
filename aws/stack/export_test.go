package stack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// variants are the ways to serve.
func variants() map[string]stack.EndpointOptions {
	real, serverless, later := options(), options(), options()
	serverless.Compute, serverless.Shift, serverless.Scale, serverless.CapturePercent = stack.Compute{MemoryMB: 2048, Concurrency: 5}, stack.Shift{}, nil, 0
	later.AsyncURI, later.Scale = "s3://answers/bikes", &stack.Scale{Min: 0, Max: 2, Target: 5}
	later.Shift = stack.Shift{Percent: 20, Wait: 0, Linear: true}
	return map[string]stack.EndpointOptions{"instance": real, "serverless": serverless, "async": later}
}

// exported is a plan of a variant, as if nothing existed.
func exported(t *testing.T, o stack.EndpointOptions) *plan.Plan {
	t.Helper()
	a := &stack.Account{ID: "123456789012", Partition: "aws", Region: "us-east-1"}
	resources, err := a.EndpointStack(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.FromNothing(plan.Options{Name: o.Name, Place: a.Place(), Want: resources})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// golden compares with a file of testdata; UPDATE=1 rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

// TestCloudFormation holds the templates to what they were, and to cfn-lint, which knows AWS's own schemas of every type.
func TestCloudFormation(t *testing.T) {
	lint := os.Getenv("SCONES_TEST_CFN_LINT")
	for name, o := range variants() {
		var b bytes.Buffer
		if err := exported(t, o).WriteCloudFormation(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".cloudformation.json", b.Bytes())
	}
	if lint != "" {
		if out, err := exec.Command(lint, "--region", "us-east-1", "--template", "testdata/*.cloudformation.json").CombinedOutput(); err != nil {
			t.Errorf("cfn-lint: %v\n%s", err, out)
		}
	} else if slices.Contains(strings.Split(os.Getenv("SCONES_TEST_REQUIRE"), ","), "cfn-lint") {
		t.Error("cfn-lint is required: SCONES_TEST_CFN_LINT names no program")
	}
	upload := options()
	upload.Artifact, upload.Upload = "", &stack.File{Path: "model.tar.gz", SHA256: strings.Repeat("0", 64)}
	var refused *plan.ExportError
	if err := exported(t, upload).WriteCloudFormation(new(bytes.Buffer)); !errors.As(err, &refused) || refused.Kind != plan.Object {
		t.Errorf("a template uploads a file: %v", err)
	}
}

// TestTerraform holds the configurations to what they were, and to their shape: every resource has a type of the AWS provider, and waits
// only for what is there.
func TestTerraform(t *testing.T) {
	for name, o := range variants() {
		var b bytes.Buffer
		if err := exported(t, o).WriteTerraform(&b, "us-east-1"); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".tf.json", b.Bytes())
		var c struct {
			Terraform, Provider map[string]any
			Resource            map[string]map[string]map[string]any
		}
		if err := json.Unmarshal(b.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		for kind, labels := range c.Resource {
			if !strings.HasPrefix(kind, "aws_") {
				t.Errorf("%s is no type of the provider", kind)
			}
			for label, arguments := range labels {
				needs, _ := arguments["depends_on"].([]any)
				for _, need := range needs {
					of, which, _ := strings.Cut(need.(string), ".")
					if c.Resource[of][which] == nil || of == kind && which == label {
						t.Errorf("%s.%s waits for %v", kind, label, need)
					}
				}
			}
		}
		if kinds := slices.Sorted(maps.Keys(c.Resource)); len(kinds) < 9 {
			t.Errorf("only %v", kinds)
		}
	}
}
