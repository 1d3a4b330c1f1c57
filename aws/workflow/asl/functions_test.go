package asl

import (
	"strings"
	"testing"
)

// call computes an expression of no input.
func call(source string) (any, error) {
	e, err := parseExpression(source)
	if err != nil {
		return nil, err
	}
	return e.value(map[string]any{"s": strings.Repeat("x", maxText+1)}, nil)
}

// TestRandom: numbers from the start up to the end, which is left out; a seed gives the same one again.
func TestRandom(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		value, err := call("States.MathRandom(5,8)")
		if err != nil {
			t.Fatal(err)
		}
		seen[text(value)] = true
	}
	if len(seen) != 3 || !seen["5"] || !seen["6"] || !seen["7"] {
		t.Errorf("MathRandom(5,8) gave %v", seen)
	}
	a, _ := call("States.MathRandom(0,1000000,7)")
	b, err := call("States.MathRandom(0,1000000,7)")
	if err != nil || text(a) != text(b) {
		t.Errorf("the same seed gave %v and %v: %v", a, b, err)
	}
	first, _ := call("States.UUID()")
	if second, _ := call("States.UUID()"); first == second || len(first.(string)) != 36 {
		t.Errorf("UUIDs %v and %v", first, second)
	}
}

// TestFunctionErrors: wrong arguments are States.Runtime at run time, with the function's name.
func TestFunctionErrors(t *testing.T) {
	for source, want := range map[string]string{
		"States.ArrayRange(0,2000,1)":             "the range has more than 1000 items",
		"States.ArrayRange(0,1,0)":                "the step is 0",
		"States.ArrayGetItem(States.Array(1),1)":  "index 1 is outside of 1 items",
		"States.ArrayPartition(States.Array(),0)": "a part's size must be 1 or more",
		"States.Base64Encode($.s)":                "the text has 10001 characters, at most 10000 are taken",
		"States.Base64Decode('*')":                "illegal base64 data at input byte 0",
		"States.Hash('x','CRC')":                  `algorithm "CRC": one of MD5, SHA-1, SHA-256, SHA-384, SHA-512`,
		"States.Format('{} {}',1)":                `"{} {}" has more {} than arguments`,
		"States.Format('{}',1,2)":                 `"{}" has 1 {} for 2 arguments`,
		"States.JsonMerge($,$,true)":              "the deep mode is not supported",
		"States.MathAdd(1.5,1)":                   "argument 1 is 1.5, want a whole number",
		"States.MathRandom(5,5)":                  "the end 5 is not behind the start 5",
		"States.StringSplit(1,',')":               "argument 1 is a number, want a string",
		"States.StringToJson('{')":                "unexpected EOF",
	} {
		_, err := call(source)
		e := asError(err)
		if err == nil || e.Name != Runtime || !strings.HasSuffix(e.Cause, want) {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
}
