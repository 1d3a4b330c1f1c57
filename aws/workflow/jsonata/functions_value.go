package jsonata

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

var valueFunctions = map[string]function{
	"boolean": {1, 1, false, func(args []any) (any, error) { return boolean(args[0]), nil }},
	"not":     {1, 1, false, func(args []any) (any, error) { return !boolean(args[0]), nil }},
	"exists":  {1, 1, true, func(args []any) (any, error) { return args[0] != nothing, nil }},
	"count":   {1, 1, true, func(args []any) (any, error) { return number(float64(len(listArgument(args, 0)))), nil }},
	"append":  {2, 2, true, func(args []any) (any, error) { return joined(args[0], args[1]), nil }},
	"type":    {1, 1, false, func(args []any) (any, error) { return typeName(args[0]), nil }},
	"keys":    {1, 1, false, keys},
	"lookup": {2, 2, false, func(args []any) (any, error) {
		name, err := stringArgument(args, 1)
		return lookup(args[0], name), err
	}},
	"merge": {1, 1, false, merge},
}

func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case map[string]any:
		return "object"
	}
	return "array"
}

// keys are those of an object, or of all objects in a list, each once, in the order of the alphabet: decoded JSON has no order.
func keys(args []any) (any, error) {
	names := map[string]bool{}
	for _, item := range listArgument(args, 0) {
		if object, ok := item.(map[string]any); ok {
			for name := range object {
				names[name] = true
			}
		}
	}
	found := &sequence{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found.items = append(found.items, name)
	}
	return found, nil
}

func merge(args []any) (any, error) {
	object := map[string]any{}
	for i, item := range listArgument(args, 0) {
		part, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("item %d is %s, it must be an object", i+1, kind(item))
		}
		maps.Copy(object, part)
	}
	return object, nil
}
