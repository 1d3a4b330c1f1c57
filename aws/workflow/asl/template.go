package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A template is a payload template: JSON in which a name that ends in .$ has a path or a function call as its value; in JSONata, JSON in
// which texts in {% %} are expressions.
type template struct {
	object   map[string]*template
	array    []*template
	computed *expression
	constant any
}

func parseTemplate(value any, in language) (*template, error) {
	switch v := value.(type) {
	case string:
		if in == jsonataLanguage {
			e, err := parseQuery(v)
			if e != nil || err != nil {
				return &template{computed: e}, err
			}
		}
	case map[string]any:
		t := &template{object: make(map[string]*template, len(v))}
		for _, key := range slices.Sorted(maps.Keys(v)) { // so that the same fault is told each time
			inner := v[key]
			name, dynamic := strings.CutSuffix(key, ".$")
			if !dynamic || in == jsonataLanguage {
				child, err := parseTemplate(inner, in)
				if err != nil {
					return nil, err
				}
				t.object[key] = child
				continue
			}
			source, ok := inner.(string)
			if !ok {
				return nil, fmt.Errorf("%s is %s, want a path or a function call", key, kind(inner))
			}
			if _, twice := v[name]; twice {
				return nil, fmt.Errorf("%s and %s exclude each other", name, key)
			}
			e, err := parseExpression(source)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			t.object[name] = &template{computed: e}
		}
		return t, nil
	case []any:
		t := &template{array: make([]*template, len(v))}
		for i, inner := range v {
			child, err := parseTemplate(inner, in)
			if err != nil {
				return nil, err
			}
			t.array[i] = child
		}
		return t, nil
	}
	return &template{constant: value}, nil
}

// fill computes the template's value.
func (t *template) fill(input, context any) (any, error) {
	switch {
	case t.computed != nil:
		return t.computed.value(input, context)
	case t.object != nil:
		object := make(map[string]any, len(t.object))
		for key, child := range t.object {
			value, err := child.fill(input, context)
			if err != nil {
				return nil, err
			}
			object[key] = value
		}
		return object, nil
	case t.array != nil:
		array := make([]any, len(t.array))
		for i, child := range t.array {
			value, err := child.fill(input, context)
			if err != nil {
				return nil, err
			}
			array[i] = value
		}
		return array, nil
	}
	return t.constant, nil
}

// constantOf returns what the definition itself says of a template's field; a computed field is not known before the run.
func (t *template) constantOf(name string) (any, bool) {
	if t == nil || t.object[name] == nil || t.object[name].computed != nil {
		return nil, false
	}
	return t.object[name].constant, true
}
