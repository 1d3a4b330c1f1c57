package jsonata_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/workflow/jsonata"
)

// An outcome is what an expression gives: a value, nothing, or an error.
type outcome struct {
	Value   json.RawMessage `json:"value"`
	Nothing bool            `json:"nothing"`
	Error   string          `json:"error"`
}

func read(t *testing.T, name string, value any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// notInterpreted are expressions of the language that are refused here, by a part of the message.
var notInterpreted = map[string]string{
	"$d.objects{k: v}": "grouping ({) is not interpreted here",
	"1 / 0":            "the result of / is out of range", // the reference gives an infinity, which is no JSON
}

// TestReference compares every expression with what the reference implementation gave; a test of the command has it compute that anew.
func TestReference(t *testing.T) {
	data, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	variables, outcomes := map[string]any{}, []outcome{}
	read(t, "variables.json", &variables)
	read(t, "outcomes.json", &outcomes)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != len(outcomes) || len(lines) < 200 {
		t.Fatalf("%d expressions, %d outcomes", len(lines), len(outcomes))
	}
	for i, line := range lines {
		want := outcomes[i]
		got, err := evaluate(line, variables)
		text, _ := json.Marshal(normal(got))
		var value any
		if want.Value != nil {
			if err := json.Unmarshal(want.Value, &value); err != nil {
				t.Fatal(err)
			}
		}
		wanted, _ := json.Marshal(value)
		refusal, refused := notInterpreted[line]
		switch {
		case refused:
			if err == nil || !strings.Contains(err.Error(), refusal) {
				t.Errorf("%s: %s %v, want it refused: %s", line, text, err, refusal)
			}
		case want.Error != "":
			if err == nil || errors.Is(err, jsonata.ErrNothing) {
				t.Errorf("%s: %s %v, the reference says: %s", line, text, err, want.Error)
			}
		case want.Nothing:
			if !errors.Is(err, jsonata.ErrNothing) {
				t.Errorf("%s: %s %v, the reference gives nothing", line, text, err)
			}
		case err != nil || !bytes.Equal(text, wanted):
			t.Errorf("%s: %s %v, the reference gives %s", line, text, err, wanted)
		}
	}
}

func evaluate(source string, variables map[string]any) (any, error) {
	e, err := jsonata.Parse(source)
	if err != nil {
		return nil, err
	}
	return e.Evaluate(variables)
}

// TestRefused names what is of the language and not interpreted, before anything is evaluated.
func TestRefused(t *testing.T) {
	for source, want := range map[string]string{
		"$map($x, function($v) { $v })": "at 1: the function $map is not interpreted here",
		"function($v) { $v }":           "at 1: the definition of a function (function) is not interpreted here",
		"$x.*":                          "at 4: a wildcard (*) is not interpreted here",
		"$x.**":                         "at 4: descendants (**) is not interpreted here",
		"$x.%":                          "at 4: the parent (%) is not interpreted here",
		"$x^(a)":                        "at 3: sorting (^) is not interpreted here",
		"$x ~> $sum":                    "at 4: a chain of functions (~>) is not interpreted here",
		"$x ~> |a|{}|":                  "at 4: a chain of functions (~>) is not interpreted here",
		"$replace($x, /a/, 'b')":        "at 14: a regular expression (/) is not interpreted here",
		"$x@$y.z":                       "at 3: a joined variable (@) is not interpreted here",
		"$x#$i":                         "at 3: a position's variable (#) is not interpreted here",
		"$x.[a]":                        "at 4: an array as a step of a path ([) is not interpreted here",
		"[a].b":                         "at 5: a path that starts with an array (b) is not interpreted here",
		"$x ?? 1":                       "at 4: a default for nothing (??) is not interpreted here",
		"$sum(?)":                       "at 6: partial application (?) is not interpreted here",
		"($x)(1)":                       "at 5: a call of anything but a function by its name (() is not interpreted here",
		"$eval('1')":                    "at 1: the function $eval is not interpreted here",
		"$sum(1, 2)":                    "at 1: $sum takes 1 to 1 arguments, 2 are given",
		"$x := ":                        "at 7: the expression ends too early",
		"1 := 2":                        "at 3: only a variable can be bound",
		"":                              "the expression is empty",
		strings.Repeat("(", 300):        "the expression is too deep",
		strings.Repeat("1", 70<<10):     "the expression has 71680 bytes",
	} {
		if _, err := jsonata.Parse(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", source, err, want)
		}
	}
	e, err := jsonata.Parse("($a := $b + $a; $a.c[$d = e])")
	if got := e.Variables(); err != nil || strings.Join(got, " ") != "b a d" {
		t.Errorf("variables %v, %v", got, err)
	}
	if _, err := evaluate("$x.x.x.x", map[string]any{"x": 1}); !errors.Is(err, jsonata.ErrNothing) {
		t.Errorf("%v", err)
	}
	if _, err := evaluate("[1..1000000].([1..1000000])", nil); err == nil {
		t.Error("an expression without an end comes to one")
	}
}

// TestStateFunctions are those that the reference does not have.
func TestStateFunctions(t *testing.T) {
	for source, want := range map[string]string{
		"$partition([1,2,3,4,5], 2)":              "[[1,2],[3,4],[5]]",
		"$range(0, 10, 5)":                        "[0,5,10]",
		"$range(3, 1, -1)":                        "[3,2,1]",
		"$hash('x', 'SHA-256')":                   `"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"`,
		"$parse('{\"a\": [1, null]}').a[0]":       "1",
		"$length($uuid())":                        "36",
		"$random(7) = $random(7)":                 "true",
		"$random() >= 0 and $random() < 1":        "true",
		"$string($parse('12345678901234567890'))": `"12345678901234567000"`,
	} {
		got, err := evaluate(source, nil)
		if text, _ := json.Marshal(got); err != nil || string(text) != want {
			t.Errorf("%s: %s %v, want %s", source, text, err, want)
		}
	}
	for _, source := range []string{"$partition([1], 0)", "$range(0, 1, 0)", "$range(0, 1e9, 1)", "$hash('x', 'CRC')", "$parse('1 2')", "$parse('{')"} {
		if got, err := evaluate(source, nil); err == nil {
			t.Errorf("%s gives %v", source, got)
		}
	}
}

// FuzzParse: whatever is parsed ends, and never panics.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f.Add(strings.TrimSuffix(line, "\n"))
	}
	f.Fuzz(func(t *testing.T, source string) {
		_, _ = evaluate(source, map[string]any{"d": []any{map[string]any{"a": json.Number("1")}, "b", nil}})
	})
}

// normal is a value as encoding/json decodes it without UseNumber.
func normal(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return err.Error()
	}
	return plain
}
