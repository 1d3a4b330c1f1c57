package evaluate_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/scones-unlimited/scones/infer/pythontest"
)

// tolerance of every figure against scikit-learn's and scipy's.
const tolerance = 1e-12

// A refCase is a function of testdata/reference.py with its arguments.
type refCase map[string]any

// python runs cases in scikit-learn.
func python(t *testing.T, cases []refCase) []json.RawMessage {
	t.Helper()
	return pythontest.Run(t, "testdata/reference.py", cases)
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
