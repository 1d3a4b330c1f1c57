package jsonata

import (
	"fmt"
	"maps"
	"slices"
)

// A function takes from least to most arguments. Where the first is nothing, so is the result, unless it is open to that.
type function struct {
	least, most int
	open        bool
	call        func(args []any) (any, error)
}

// higher are the functions of the language that want a function or more than expressions here have.
var higher = []string{
	"map", "filter", "reduce", "single", "sift", "each", "sort", "match", "eval", "formatNumber", "formatBase", "formatInteger", "parseInteger", "now", "millis", "fromMillis", "toMillis",
	"shuffle", "zip", "spread", "distinct", "reverse", "pad", "error", "assert", "encodeUrl", "encodeUrlComponent", "decodeUrl", "decodeUrlComponent", "clone",
}

var functions map[string]function

func init() { // they call each other by way of text
	functions = map[string]function{}
	for _, set := range []map[string]function{textFunctions, numberFunctions, valueFunctions, stateFunctions} {
		maps.Copy(functions, set)
	}
}

// Functions are the names of the functions that expressions can call, in the order of the alphabet.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

func (e *evaluator) call(n *node, context any, s *scope) (any, error) {
	f := functions[n.name]
	args := make([]any, len(n.parts))
	for i, part := range n.parts {
		value, err := e.evaluate(part, context, s)
		if err != nil {
			return nil, err
		}
		args[i] = value
	}
	if !f.open && len(args) > 0 && args[0] == nothing {
		return nothing, nil
	}
	value, err := f.call(args)
	if err != nil {
		return nil, fmt.Errorf("at %d: $%s: %w", n.at+1, n.name, err)
	}
	return value, nil
}

// argument is one of a type.
func argument[T any](args []any, i int, what string) (T, error) {
	value, ok := args[i].(T)
	if !ok {
		return value, fmt.Errorf("argument %d is %s, it must be %s", i+1, kind(args[i]), what)
	}
	return value, nil
}

func stringArgument(args []any, i int) (string, error) { return argument[string](args, i, "a string") }

func numberArgument(args []any, i int) (float64, error) {
	f, ok := numberOf(args[i])
	if !ok {
		return 0, fmt.Errorf("argument %d is %s, it must be a number", i+1, kind(args[i]))
	}
	return f, nil
}

// listArgument takes a single value for a list of it.
func listArgument(args []any, i int) []any {
	if items, isList := list(args[i]); isList {
		return items
	}
	if args[i] == nothing {
		return nil
	}
	return []any{args[i]}
}

// given tells that an argument is there and no nothing.
func given(args []any, i int) bool { return i < len(args) && args[i] != nothing }
