package jsonata

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
)

// maxRange bounds a range's items: a tenth of the reference's, so that the items fit into a state many times over.
const maxRange = 1_000_000

func (e *evaluator) binary(n *node, context any, s *scope) (any, error) {
	left, err := e.evaluate(n.left, context, s)
	if err != nil {
		return nil, err
	}
	switch n.name { // the right side counts only where the left leaves it open
	case "and":
		if !boolean(left) {
			return false, nil
		}
	case "or":
		if boolean(left) {
			return true, nil
		}
	}
	right, err := e.evaluate(n.right, context, s)
	if err != nil {
		return nil, err
	}
	switch n.name {
	case "and", "or":
		return boolean(right), nil
	case "&":
		a, err := text(left)
		if err != nil {
			return nil, err
		}
		b, err := text(right)
		return a + b, err
	case "=", "!=":
		if left == nothing || right == nothing {
			return false, nil
		}
		return equal(left, right) == (n.name == "="), nil
	case "in":
		return contains(right, left), nil
	case "<", ">", "<=", ">=":
		return compare(n, left, right)
	case "..":
		return span(n, left, right)
	}
	return arithmetic(n, left, right)
}

func arithmetic(n *node, left, right any) (any, error) {
	a, okA := numberOf(left)
	b, okB := numberOf(right)
	if left != nothing && !okA {
		return nil, fmt.Errorf("at %d: left of %s is %s, it must be a number", n.at+1, n.name, kind(left))
	}
	if right != nothing && !okB {
		return nil, fmt.Errorf("at %d: right of %s is %s, it must be a number", n.at+1, n.name, kind(right))
	}
	if left == nothing || right == nothing {
		return nothing, nil
	}
	var f float64
	switch n.name {
	case "+":
		f = a + b
	case "-":
		f = a - b
	case "*":
		f = a * b
	case "/":
		f = a / b
	case "%":
		f = math.Mod(a, b)
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, fmt.Errorf("at %d: the result of %s is out of range", n.at+1, n.name)
	}
	return number(f), nil
}

func compare(n *node, left, right any) (any, error) {
	for _, value := range []any{left, right} {
		_, isNumber := numberOf(value)
		if _, isString := value.(string); value != nothing && !isNumber && !isString {
			return nil, fmt.Errorf("at %d: %s compares numbers or strings, not %s", n.at+1, n.name, kind(value))
		}
	}
	if left == nothing || right == nothing {
		return nothing, nil
	}
	var order int
	a, aIsNumber := numberOf(left)
	b, bIsNumber := numberOf(right)
	switch {
	case aIsNumber != bIsNumber:
		return nil, fmt.Errorf("at %d: %s compares two numbers or two strings, not %s with %s", n.at+1, n.name, kind(left), kind(right))
	case aIsNumber:
		order = cmp.Compare(a, b)
	default:
		order = cmp.Compare(left.(string), right.(string))
	}
	switch n.name {
	case "<":
		return order < 0, nil
	case ">":
		return order > 0, nil
	case "<=":
		return order <= 0, nil
	}
	return order >= 0, nil
}

func span(n *node, left, right any) (any, error) {
	a, okA := numberOf(left)
	b, okB := numberOf(right)
	for _, side := range []struct {
		value any
		ok    bool
		f     float64
	}{{left, okA, a}, {right, okB, b}} {
		if side.value != nothing && (!side.ok || side.f != math.Trunc(side.f)) {
			return nil, fmt.Errorf("at %d: a range goes from one whole number to another", n.at+1)
		}
	}
	if left == nothing || right == nothing || a > b {
		return nothing, nil
	}
	if b-a+1 > maxRange {
		return nil, fmt.Errorf("at %d: the range has %v items, at most %d are allowed", n.at+1, b-a+1, maxRange)
	}
	items := &sequence{}
	for f := a; f <= b; f++ {
		items.items = append(items.items, number(f))
	}
	return items, nil
}

// equal compares values; numbers by what they are, not by how they are written.
func equal(a, b any) bool {
	if x, ok := numberOf(a); ok {
		y, ok := numberOf(b)
		return ok && x == y
	}
	if x, isList := list(a); isList {
		y, isList := list(b)
		if !isList || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	if x, isObject := a.(map[string]any); isObject {
		y, isObject := b.(map[string]any)
		if !isObject || len(x) != len(y) {
			return false
		}
		for name, value := range x {
			if other, ok := y[name]; !ok || !equal(value, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// contains looks for a value in a list; objects and lists in it are equal to nothing else, as in the reference.
func contains(where, what any) bool {
	if where == nothing || what == nothing {
		return false
	}
	items, isList := list(where)
	if !isList {
		items = []any{where}
	}
	for _, item := range items {
		switch item.(type) {
		case map[string]any, []any:
			continue
		}
		if equal(item, what) {
			return true
		}
	}
	return false
}
