package jsonata

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// A scope holds the variables of a block and knows those around it.
type scope struct {
	values map[string]any
	around *scope
}

func (s *scope) get(name string) any {
	for ; s != nil; s = s.around {
		if value, ok := s.values[name]; ok {
			return value
		}
	}
	return nothing
}

// An evaluator counts what an evaluation does.
type evaluator struct{ left *int }

func (e *evaluator) spend() error {
	if *e.left--; *e.left < 0 {
		return fmt.Errorf("the expression takes too long")
	}
	return nil
}

// evaluate computes a node in a context, which $ names. Sequences come out plain.
func (e *evaluator) evaluate(n *node, context any, s *scope) (any, error) {
	if err := e.spend(); err != nil {
		return nil, err
	}
	value, err := e.bare(n, context, s)
	if err != nil {
		return nil, err
	}
	if n.kind != pathNode {
		for _, stage := range n.stages {
			if value, err = e.filter(stage, value, s); err != nil {
				return nil, err
			}
		}
	}
	if q, ok := value.(*sequence); ok && n.keep {
		q.keep = true
	}
	return plain(value), nil
}

// bare computes a node without the filters behind it.
func (e *evaluator) bare(n *node, context any, s *scope) (any, error) {
	switch n.kind {
	case valueNode:
		return n.value, nil
	case nameNode:
		return lookup(context, n.name), nil
	case variableNode:
		switch n.name {
		case "":
			return context, nil
		case "$":
			return nothing, nil // there is no input but the variables
		}
		return s.get(n.name), nil
	case pathNode:
		return e.path(n, context, s)
	case binaryNode:
		return e.binary(n, context, s)
	case negateNode:
		value, err := e.evaluate(n.right, context, s)
		if err != nil || value == nothing {
			return value, err
		}
		f, ok := numberOf(value)
		if !ok {
			return nil, fmt.Errorf("at %d: %s cannot be negated", n.at+1, kind(value))
		}
		return number(-f), nil
	case arrayNode:
		return e.array(n, context, s)
	case objectNode:
		return e.object(n, context, s)
	case conditionNode:
		test, err := e.evaluate(n.left, context, s)
		switch {
		case err != nil:
			return nil, err
		case boolean(test):
			return e.evaluate(n.right, context, s)
		case n.other == nil:
			return nothing, nil
		}
		return e.evaluate(n.other, context, s)
	case blockNode:
		return e.block(n, context, s)
	case bindNode:
		value, err := e.evaluate(n.right, context, s)
		s.values[n.name] = value
		return value, err
	}
	return e.call(n, context, s)
}

func (e *evaluator) block(n *node, context any, s *scope) (value any, err error) {
	inner := &scope{map[string]any{}, s}
	value = nothing
	for _, part := range n.parts {
		if value, err = e.evaluate(part, context, inner); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// path takes each result of a step through the next one.
func (e *evaluator) path(n *node, context any, s *scope) (any, error) {
	var input []any
	if items, isList := list(context); isList && n.parts[0].kind != variableNode {
		input = items
	} else {
		input = []any{context}
	}
	var results any = nothing
	for i, step := range n.parts {
		found, err := e.step(step, input, s, i == len(n.parts)-1)
		if err != nil {
			return nil, err
		}
		results = found
		if input, _ = list(found); len(input) == 0 {
			break
		}
	}
	if n.keep {
		if q, ok := results.(*sequence); ok {
			q.keep = true
		} else if items, ok := list(results); ok {
			results = &sequence{items, true}
		}
	}
	return results, nil
}

// step takes each item of the input through a step. Lists among the results are joined, but for a list that is the last step's only one.
func (e *evaluator) step(n *node, input []any, s *scope, last bool) (any, error) {
	var results []any
	for _, item := range input {
		value, err := e.evaluateStep(n, item, s)
		if err != nil {
			return nil, err
		}
		if value != nothing {
			results = append(results, value)
		}
	}
	if last && len(results) == 1 {
		if items, ok := results[0].([]any); ok {
			return items, nil
		}
	}
	joined := &sequence{}
	for _, value := range results {
		if items, isList := list(value); isList {
			joined.items = append(joined.items, items...)
		} else {
			joined.items = append(joined.items, value)
		}
		if err := e.spend(); err != nil {
			return nil, err
		}
	}
	return joined, nil
}

// evaluateStep computes a step for one item; what its filters leave is a sequence still.
func (e *evaluator) evaluateStep(n *node, item any, s *scope) (any, error) {
	if err := e.spend(); err != nil {
		return nil, err
	}
	value, err := e.bare(n, item, s)
	if err != nil {
		return nil, err
	}
	value = plain(value)
	for _, stage := range n.stages {
		if value, err = e.filter(stage, value, s); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// filter keeps what a predicate holds for, or the item at an index, from the end where it is negative.
func (e *evaluator) filter(predicate *node, value any, s *scope) (any, error) {
	items, isList := list(value)
	if !isList {
		items = []any{value}
	}
	kept := &sequence{}
	if f, ok := numberOf(predicate.value); ok && predicate.kind == valueNode {
		if i := index(f, len(items)); i >= 0 && i < len(items) && items[i] != nothing {
			if inner, isList := items[i].([]any); isList {
				return inner, nil
			}
			kept.items = append(kept.items, items[i])
		}
		return kept, nil
	}
	for i, item := range items {
		result, err := e.evaluate(predicate, item, s)
		if err != nil {
			return nil, err
		}
		holds := boolean(result)
		if indices, are := numbers(result); are {
			holds = false
			for _, f := range indices {
				holds = holds || index(f, len(items)) == i
			}
		}
		if holds {
			kept.items = append(kept.items, item)
		}
	}
	return kept, nil
}

func index(f float64, n int) int {
	f = math.Floor(f)
	if f < 0 {
		f += float64(n)
	}
	return int(max(min(f, 1e9), -1))
}

// numbers are those of a number or of a list of nothing else.
func numbers(value any) ([]float64, bool) {
	if f, ok := numberOf(value); ok {
		return []float64{f}, true
	}
	items, isList := list(value)
	if !isList || len(items) == 0 {
		return nil, false
	}
	var all []float64
	for _, item := range items {
		f, ok := numberOf(item)
		if !ok {
			return nil, false
		}
		all = append(all, f)
	}
	return all, true
}

// lookup is the field of an object, and the fields of those in a list.
func lookup(value any, name string) any {
	switch v := value.(type) {
	case map[string]any:
		if field, ok := v[name]; ok {
			return field
		}
		return nothing
	}
	items, isList := list(value)
	if !isList {
		return nothing
	}
	found := &sequence{}
	for _, item := range items {
		field := lookup(item, name)
		if inner, isList := list(field); isList {
			found.items = append(found.items, inner...)
		} else if field != nothing {
			found.items = append(found.items, field)
		}
	}
	return found
}

func (e *evaluator) array(n *node, context any, s *scope) (any, error) {
	result := []any{}
	for _, part := range n.parts {
		value, err := e.evaluate(part, context, s)
		if err != nil {
			return nil, err
		}
		items, isList := list(value)
		switch {
		case value == nothing:
		case isList && (part.kind != arrayNode || len(part.stages) > 0):
			result = append(result, items...)
		default:
			result = append(result, value)
		}
	}
	return result, nil
}

// object makes one of keys and values; of a list, one in which equal keys have the values of all items.
func (e *evaluator) object(n *node, context any, s *scope) (any, error) {
	type group struct {
		data any
		pair int
	}
	items, isList := list(context)
	if !isList {
		items = []any{context}
	}
	if len(items) == 0 {
		items = []any{nothing}
	}
	groups := map[string]*group{}
	for _, item := range items {
		for pair := 0; pair < len(n.parts); pair += 2 {
			key, err := e.evaluate(n.parts[pair], item, s)
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if key == nothing {
				continue
			}
			if !ok {
				return nil, fmt.Errorf("at %d: a key is %s, it must be a string", n.parts[pair].at+1, kind(key))
			}
			g := groups[name]
			if g == nil {
				groups[name] = &group{item, pair}
				continue
			}
			if g.pair != pair {
				return nil, fmt.Errorf("at %d: the key %q is there twice", n.parts[pair].at+1, name)
			}
			g.data = joined(g.data, item)
		}
	}
	object := map[string]any{}
	for name, g := range groups {
		value, err := e.evaluate(n.parts[g.pair+1], g.data, s)
		if err != nil {
			return nil, err
		}
		if value != nothing {
			object[name] = value
		}
	}
	return object, nil
}

// joined appends a value, or the items of one, to another.
func joined(a, b any) any {
	switch {
	case a == nothing:
		return b
	case b == nothing:
		return a
	}
	all := []any{}
	for _, value := range []any{a, b} {
		if items, isList := list(value); isList {
			all = append(all, items...)
		} else {
			all = append(all, value)
		}
	}
	return all
}

// boolean is what a condition takes a value for.
func boolean(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return v != ""
	case json.Number:
		f, ok := numberOf(v)
		return ok && f != 0
	case map[string]any:
		return len(v) > 0
	}
	items, _ := list(value)
	return slices.ContainsFunc(items, boolean)
}
