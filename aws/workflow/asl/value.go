package asl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Decode reads one JSON value. Numbers stay as they are written ([json.Number]), so that a score passes through a machine unchanged.
func Decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return value, nil
}

// Encode writes a JSON value without spaces, keys in order, and with <, > and & as they are.
func Encode(value any) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// text is Encode for values that came out of Decode, which cannot fail.
func text(value any) string {
	data, err := Encode(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

// kind is what JSON calls a value's type.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// number returns a value's number.
func number(value any) (float64, bool) {
	switch n := value.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

// integer returns a value's whole number.
func integer(value any) (int, bool) {
	f, ok := number(value)
	n := int(f)
	return n, ok && float64(n) == f
}

// equal compares two JSON values; numbers by what they are, not by how they are written.
func equal(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	}
	if _, isArray := b.([]any); isArray {
		return false
	}
	if _, isObject := b.(map[string]any); isObject {
		return false
	}
	return a == b
}
