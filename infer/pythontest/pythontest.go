// Package pythontest asks scikit-learn and scipy for the figures that tests compare with.
package pythontest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// Run hands cases as a JSON list to a script on standard input and reads a list of as many results, with the interpreter that
// SCONES_TEST_PYTHON names. Without one the test is skipped, or fails where SCONES_TEST_REQUIRE names sklearn.
func Run[C any](t *testing.T, script string, cases []C) []json.RawMessage {
	t.Helper()
	interpreter := os.Getenv("SCONES_TEST_PYTHON")
	if interpreter == "" {
		orttest.Missing(t, "sklearn", "SCONES_TEST_PYTHON does not name a Python that has scikit-learn")
	}
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), interpreter, script)
	command.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var results []json.RawMessage
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatal(err)
	}
	if len(results) != len(cases) {
		t.Fatalf("%d results for %d cases", len(results), len(cases))
	}
	return results
}
