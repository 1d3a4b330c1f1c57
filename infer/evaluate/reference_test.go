package evaluate_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// tolerance of every figure against scikit-learn's and scipy's.
const tolerance = 1e-12

// A refCase is a function of testdata/reference.py with its arguments.
type refCase map[string]any

// python runs cases in scikit-learn, with the interpreter that SCONES_TEST_PYTHON names.
func python(t *testing.T, cases []refCase) []json.RawMessage {
	t.Helper()
	interpreter := os.Getenv("SCONES_TEST_PYTHON")
	if interpreter == "" {
		orttest.Missing(t, "sklearn", "SCONES_TEST_PYTHON does not name a Python that has scikit-learn")
	}
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), interpreter, "testdata/reference.py")
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

// decode reads a result.
func decode[T any](t *testing.T, data json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

// near compares a figure with a reference that is nil where there is no value.
func near(t *testing.T, what string, got float64, want *float64) {
	t.Helper()
	switch {
	case want == nil && !math.IsNaN(got):
		t.Errorf("%s is %v, the reference has no value", what, got)
	case want != nil && !(math.Abs(got-*want) <= tolerance):
		t.Errorf("%s is %v, the reference has %v", what, got, *want)
	}
}

func nearAll(t *testing.T, what string, got []float64, want []*float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, the reference has %d", what, len(got), len(want))
		return
	}
	for i := range got {
		near(t, what, got[i], want[i])
	}
}
