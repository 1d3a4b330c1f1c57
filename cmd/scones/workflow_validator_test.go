package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestDefinitionsAreValid has every definition judged by asl-validator, which knows the language's schema and checks paths, targets and
// function calls. .ci/run installs it; the test is skipped where it is not.
func TestDefinitionsAreValid(t *testing.T) {
	validator, err := exec.LookPath("asl-validator")
	if err != nil {
		orttest.Missing(t, "asl-validator", err.Error())
	}
	variants := map[string]workflow.DefinitionOptions{"seed": {}, "robust": {}, "map": {}, "jsonata": {}}
	for _, items := range []string{"inventory", "csv", "jsonl"} {
		variants["map "+items] = workflow.DefinitionOptions{Items: items}
	}
	variants["robust sns"] = workflow.DefinitionOptions{Review: "sns"}
	var args []string
	dir := t.TempDir()
	for name, o := range variants {
		mode := workflow.Mode(name)
		if o.Items != "" {
			mode = workflow.MapMode
		} else if o.Review != "" {
			mode = workflow.Robust
		}
		definition, err := workflow.Definition(mode, o)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".json")
		if err := os.WriteFile(file, definition, 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--json-path", file)
	}
	if said, err := exec.CommandContext(t.Context(), validator, args...).CombinedOutput(); err != nil {
		t.Errorf("asl-validator: %v\n%s", err, said)
	}
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if exec.CommandContext(t.Context(), validator, "--json-path", broken).Run() == nil {
		t.Error("asl-validator accepts a definition that leads nowhere: it cannot be trusted")
	}
}
