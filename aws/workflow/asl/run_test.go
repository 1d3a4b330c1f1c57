package asl

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// A testCase is one entry of testdata/cases.json, which the comparison with other interpreters runs too.
type testCase struct {
	Name       string
	Definition any
	Input      any
	Tasks      map[string][]any // by function name, what each call gives: a value, or {"error": name, "cause": text}
	Status     Status
	Output     any
	Error      string
}

// cases reads testdata/cases*.json.
func cases(t *testing.T) []testCase {
	t.Helper()
	var entries []any
	for _, name := range []string{"cases.json", "cases_jsonata.json", "cases_variables.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		value, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, value.([]any)...)
	}
	var list []testCase
	for _, entry := range entries {
		c := entry.(map[string]any)
		one := testCase{Name: c["name"].(string), Definition: c["definition"], Input: c["input"], Output: c["output"], Tasks: map[string][]any{}}
		one.Status, one.Error = Succeeded, ""
		if name, failed := c["error"].(string); failed {
			one.Status, one.Error = Failed, name
		}
		for name, calls := range c["tasks"].(map[string]any) {
			one.Tasks[name] = calls.([]any)
		}
		list = append(list, one)
	}
	return list
}

// scripted answers Tasks from a case; the last answer repeats. The function echo gives back what it gets.
func scripted(c testCase) func(context.Context, Call) (any, error) {
	calls := map[string]int{}
	return func(_ context.Context, call Call) (any, error) {
		name, payload := call.Resource, call.Parameters
		integration := strings.HasSuffix(name, ":lambda:invoke")
		if integration {
			name, _ = field(call.Parameters, "FunctionName").(string)
			payload = field(call.Parameters, "Payload")
		}
		name = name[strings.LastIndexByte(name, ':')+1:]
		if answers := c.Tasks[name]; len(answers) > 0 {
			payload = answers[min(calls[name], len(answers)-1)]
			calls[name]++
			if e, failed := field(payload, "error").(string); failed {
				cause, _ := field(payload, "cause").(string)
				return nil, &Error{Name: e, Cause: cause}
			}
		}
		if integration {
			return map[string]any{"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": asNumber(200)}, nil
		}
		return payload, nil
	}
}

// TestCases runs every case with a clock that jumps over waits.
func TestCases(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, err := Parse([]byte(text(c.Definition)))
				if err != nil {
					t.Fatal(err)
				}
				e, err := m.Run(t.Context(), []byte(text(c.Input)), Options{Task: scripted(c), MaxConcurrency: 1})
				if err != nil {
					t.Fatal(err)
				}
				name := ""
				if e.Error != nil {
					name = e.Error.Name
				}
				if e.Status != c.Status || name != c.Error {
					t.Fatalf("ended %s %v, want %s %s", e.Status, e.Error, c.Status, c.Error)
				}
				if c.Status == Succeeded && !equal(e.Output, c.Output) {
					t.Errorf("output differs (-want +got):\n%s", cmp.Diff(text(c.Output), text(e.Output)))
				}
			})
		})
	}
}
