package capture_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/capture"
)

func TestParseScores(t *testing.T) {
	want := []float32{0.25, 4.0706844e-05}
	for name, body := range map[string]string{
		"list":            "[0.25, 4.07068437198177e-05]",
		"one row":         " [[0.25, 4.07068437198177e-05]]\n",
		"JSON lines":      `{"prediction": [0.25, 4.07068437198177e-05]}`,
		"predictions":     `{"predictions": [[0.25, 4.07068437198177e-05]]}`,
		"a string":        `"[0.25, 4.07068437198177e-05]"`,
		"CSV":             "0.25,4.07068437198177e-05\n",
		"CSV with spaces": "0.25, 4.07068437198177e-05",
	} {
		got, err := capture.ParseScores("application/json", []byte(body))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestParseScoresRefuses(t *testing.T) {
	for body, want := range map[string]capture.Code{
		"":                               capture.CodeNotScores,
		"[]":                             capture.CodeNotScores,
		"[[]]":                           capture.CodeNotScores,
		"[true]":                         capture.CodeNotScores,
		"[0.5,":                          capture.CodeNotScores,
		`[0.5,"a"]`:                      capture.CodeNotScores,
		"[NaN]":                          capture.CodeNotScores,
		"NaN,0.5":                        capture.CodeNotScores,
		"[1e999]":                        capture.CodeNotScores,
		"<html>no</html>":                capture.CodeNotScores,
		`{"message":"no"}`:               capture.CodeNotScores,
		"[[0.5],[0.5]]":                  capture.CodeManyAnswers,
		"[0.5] [0.5]":                    capture.CodeManyAnswers,
		"0.5\n0.5":                       capture.CodeManyAnswers,
		strings.Repeat("[", 50) + "1":    capture.CodeNotScores,
		strings.Repeat(`{"a":`, 9) + "1": capture.CodeNotScores,
	} {
		_, err := capture.ParseScores("", []byte(body))
		if bad, ok := errors.AsType[*capture.RecordError](err); !ok || bad.Code != want {
			t.Errorf("%q: %v, want code %s", body, err, want)
		}
	}
}
