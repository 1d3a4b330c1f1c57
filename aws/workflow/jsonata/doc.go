// Package jsonata evaluates expressions of the query language JSONata, as far as state machines use it.
//
// What it takes it takes as the reference implementation does, version 2, sequences and all: paths with filters and indices, variables,
// constructors of arrays and objects, arithmetic, comparison, conditions, ranges, blocks, and the functions that [Functions] names,
// those that Step Functions adds among them. What it does not take is refused by [Parse], before anything runs, by its name: definitions
// of functions and those functions that want one, sorting, grouping, regular expressions, wildcards, parents, transforms, chains.
//
// No library in Go is both at the language's version 2 and to be had from the module proxy; the one that is there stands at 1.5 and fails a
// fifth of the reference's tests. A state machine that quietly does otherwise than in the cloud would be worse than one that is refused.
//
// Values are as encoding/json decodes them with UseNumber. Source: docs.jsonata.org, and the reference's behaviour, with which a test
// compares.
package jsonata

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// ErrNothing is returned for an expression that gives no value, such as a path that leads nowhere.
var ErrNothing = errors.New("the expression gives no value")

// An Expression is one that was parsed. It is safe for concurrent use.
type Expression struct {
	source string
	root   *node
}

// maxSource bounds an expression, in bytes; maxDepth how deep it may lie in itself.
const (
	maxSource = 64 << 10
	maxDepth  = 200
)

// Parse reads an expression. An error says what is wrong or not interpreted, and where.
func Parse(source string) (*Expression, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("the expression has %d bytes, at most %d are read", len(source), maxSource)
	}
	p := &parser{source: source}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	return &Expression{source, root}, nil
}

// String is the source.
func (e *Expression) String() string { return e.source }

// Variables are the names of the variables that the expression uses and does not bind itself, each once.
func (e *Expression) Variables() []string {
	var names []string
	seen := map[string]bool{"": true, "$": true}
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil {
			return
		}
		if n.kind == bindNode {
			walk(n.right)
			seen[n.name] = true
			return
		}
		if n.kind == variableNode && !seen[n.name] {
			seen[n.name] = true
			names = append(names, n.name)
		}
		walk(n.left)
		walk(n.right)
		walk(n.other)
		for _, part := range n.parts {
			walk(part)
		}
		for _, stage := range n.stages {
			walk(stage)
		}
	}
	walk(e.root)
	return names
}

// Evaluate computes the expression with variables, by their names without the dollar. An expression that gives nothing is [ErrNothing].
func (e *Expression) Evaluate(variables map[string]any) (any, error) {
	s := &scope{values: map[string]any{}}
	maps.Copy(s.values, variables)
	budget := maxSteps
	value, err := (&evaluator{&budget}).evaluate(e.root, nothing, s)
	if err != nil {
		return nil, err
	}
	value = plain(value)
	if value == nothing {
		return nil, ErrNothing
	}
	return value, nil
}

// maxSteps bounds the work of one evaluation, in nodes.
const maxSteps = 10_000_000

// nothing is the absence of a value, which null is not.
type absent struct{}

var nothing any = absent{}

// A sequence is a list of results, which is the same as its only element and as nothing when it is empty.
type sequence struct {
	items []any
	keep  bool // it stays a list
}

// plain turns a sequence into what it is outside.
func plain(value any) any {
	s, ok := value.(*sequence)
	if !ok {
		return value
	}
	switch {
	case len(s.items) == 0:
		return nothing
	case len(s.items) == 1 && !s.keep:
		return s.items[0]
	}
	return s.items
}

// list is a value's elements, and whether it is a list.
func list(value any) ([]any, bool) {
	switch v := value.(type) {
	case []any:
		return v, true
	case *sequence:
		return v.items, true
	}
	return nil, false
}

func numberOf(value any) (float64, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// number writes a number as JSON has it.
func number(f float64) any {
	data, err := json.Marshal(f)
	if err != nil {
		return nothing
	}
	return json.Number(data)
}

// kind describes a value for errors.
func kind(value any) string {
	switch value.(type) {
	case absent:
		return "nothing"
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case map[string]any:
		return "an object"
	}
	return "an array"
}
