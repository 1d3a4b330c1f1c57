//go:build !cgo

package infer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer"
)

// TestWithoutCgo gets one named error from every way to a runtime, with a hint how to get a build that can.
func TestWithoutCgo(t *testing.T) {
	_, open := infer.OpenSession(t.Context(), nil, infer.ModelFile{}, infer.SessionOptions{})
	_, _, probe := infer.Probe(infer.SessionOptions{})
	score := new(infer.Session).Scores(t.Context(), nil, nil, 0)
	for name, err := range map[string]error{"open": open, "probe": probe, "score": score} {
		hinted, ok := err.(interface{ Hint() string })
		if !errors.Is(err, infer.ErrNoRuntime) || !strings.Contains(err.Error(), "without cgo") || !ok || hinted.Hint() == "" {
			t.Errorf("%s: error %v, want %v with a hint", name, err, infer.ErrNoRuntime)
		}
	}
}
