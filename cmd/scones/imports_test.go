package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/scones-unlimited/scones/"

// deps lists what a package of this module needs, itself included.
func deps(t *testing.T, pkg string, env ...string) []string {
	t.Helper()
	command := exec.Command("go", "list", "-deps", module+pkg)
	command.Env = append(command.Environ(), env...)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// TestImportsPointDown proves the design's sentence: cmd -> aws, infer -> preprocess -> model.
func TestImportsPointDown(t *testing.T) {
	// A package of the left side may need no package whose path starts as on the right.
	rules := map[string][]string{
		"model":         {module + "model/", module + "preprocess", module + "infer", module + "aws", "github.com", "golang.org"},
		"model/mxnet":   {module + "preprocess", module + "infer", module + "aws"},
		"model/onnx":    {module + "preprocess", module + "infer", module + "aws"},
		"model/source":  {module + "preprocess", module + "infer", module + "aws"},
		"model/builtin": {module + "preprocess", module + "infer", module + "aws", "github.com"},
		"preprocess":    {module + "infer", module + "aws", "github.com/yalue", "github.com/aws"},
		"infer/ort":     {module + "aws", "github.com/yalue", "github.com/aws"},
		"infer":         {module + "aws", module + "infer/result", "github.com/aws", "github.com/parquet-go"},
		"infer/result":  {module + "aws", "github.com/aws"},
		"infer/serve":   {module + "aws", module + "infer/bench", module + "infer/quantize", "github.com/aws"},
		"infer/capture": {module, "github.com/aws"},
		"infer/parity":  {module + "aws", "github.com/aws", "github.com/urfave"},
		// An image is made without knowing AWS, and its registries are a table.
		"infer/container": {module + "aws", module + "preprocess", module + "model", "github.com/aws", "github.com/yalue"},
		"aws/registry":    {module + "infer", "github.com"},
		"aws/train":       {module + "model", module + "preprocess", module + "infer/result", module + "infer/evaluate", "github.com/yalue", "gonum.org/v1/plot"},
		"aws":             {module + "model", module + "preprocess", module + "infer/result", module + "infer/parity", "github.com/yalue"},
		"infer/evaluate":  {module + "aws", module + "infer", "github.com/parquet-go", "github.com/yalue", "gonum.org/v1/plot"},
		"infer/stage":     {module + "aws", "github.com/aws", "github.com/yalue", "github.com/parquet-go"},
		// Drift is a matter of numbers.
		"infer/drift":             {module + "aws", module + "infer/monitor", module + "infer/result", "github.com/yalue", "github.com/aws", "gonum.org/v1/plot"},
		"infer/drift/twosample":   {module, "github.com"},
		"infer/monitor/job":       {module + "aws", "github.com/aws", "github.com/urfave", "gonum.org/v1/plot"},
		"infer/drift/changepoint": {module, "github.com", "gonum.org"},
		"infer/load":              {module + "aws", module + "model", module + "preprocess", "github.com/aws", "github.com/yalue"},
		"preprocess/npy":          {module},
		// The hash may be used by whatever sees pictures.
		"preprocess/phash": {module + "infer", module + "aws", "gonum.org"},

		// Readers of outside files, of the standard library alone.
		"infer/stage/cifar": {module, "github.com", "golang.org"},

		// The steps and their machine need no SDK, no model and no picture's decoder; nor does the Lambda program beyond package aws.
		"aws/workflow":       {module + "infer", module + "preprocess", module + "model", "github.com/aws", "runtime/cgo"},
		"aws/workflow/asl":   {module + "infer", module + "preprocess", module + "model", "github.com/aws", "gonum.org"},
		"aws/workflow/cost":  {module + "infer", module + "preprocess", module + "model", "github.com/aws"},
		"aws/stepfunctions":  {module + "model", module + "preprocess", module + "infer/result", "gonum.org"},
		"aws/workflow/graph": {module + "infer", module + "preprocess", module + "model", "github.com/aws"},
		"aws/plan":           {module, "github.com"},
		"cmd/scones-lambda": {module + "infer/ort", module + "infer/result", module + "preprocess", module + "model", module + "aws/workflow/asl",
			"github.com/yalue", "github.com/disintegration", "gonum.org"},
	}
	for pkg, forbidden := range rules {
		for _, dep := range deps(t, pkg) {
			for _, prefix := range forbidden {
				if strings.HasPrefix(dep, prefix) && dep != module+pkg {
					t.Errorf("%s needs %s", pkg, dep)
				}
			}
		}
	}
}

// TestOnlyAWSImportsTheSDK proves that no other package knows the SDK's types.
func TestOnlyAWSImportsTheSDK(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if strings.HasPrefix(fields[0], module+"aws") {
			continue
		}
		for _, dep := range fields[1:] {
			if strings.HasPrefix(dep, "github.com/aws/aws-sdk-go-v2") {
				t.Errorf("%s imports %s", fields[0], dep)
			}
		}
	}
}

// TestTheMonitorsFunctionIsSmall proves that what runs in Lambda has neither the runtime's binding nor what deploys it.
func TestTheMonitorsFunctionIsSmall(t *testing.T) {
	for _, dep := range deps(t, "cmd/scones-monitor-lambda", "CGO_ENABLED=0") {
		for _, prefix := range []string{"github.com/yalue", "github.com/urfave", "gonum.org/v1/plot", "runtime/cgo", module + "aws/stack", module + "aws/plan",
			"github.com/aws/aws-sdk-go-v2/service/sagemaker/", "github.com/aws/aws-sdk-go-v2/service/iam", "github.com/aws/aws-sdk-go-v2/service/lambda"} {
			if strings.HasPrefix(dep, prefix) {
				t.Errorf("the monitor's function needs %s", dep)
			}
		}
	}
}

// TestOnlyTheSessionNeedsC proves that everything but inference builds without cgo, and that the runtime's binding has one importer.
func TestOnlyTheSessionNeedsC(t *testing.T) {
	const binding = "github.com/yalue/onnxruntime_go"
	if slices.Contains(deps(t, "cmd/scones", "CGO_ENABLED=0"), binding) {
		t.Errorf("without cgo cmd/scones still needs %s", binding)
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if slices.Contains(fields[1:], binding) && fields[0] != module+"infer" {
			t.Errorf("%s imports %s, only infer may", fields[0], binding)
		}
	}
}
