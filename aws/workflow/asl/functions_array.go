package asl

import (
	"errors"
	"fmt"
	"slices"
)

func arrayPartition(args []any) (any, error) {
	array, err := argument[[]any](args, 0, "an array")
	if err != nil {
		return nil, err
	}
	size, err := whole(args, 1)
	if err != nil || size < 1 {
		return nil, errors.Join(err, fmt.Errorf("a part's size must be 1 or more"))
	}
	parts := []any{}
	for part := range slices.Chunk(array, size) {
		parts = append(parts, slices.Clone(part))
	}
	return parts, nil
}

func arrayContains(args []any) (any, error) {
	array, err := argument[[]any](args, 0, "an array")
	return slices.ContainsFunc(array, func(v any) bool { return equal(v, args[1]) }), err
}

func arrayRange(args []any) (any, error) {
	n, err := wholes(args)
	if err != nil {
		return nil, err
	}
	first, last, step := n[0], n[1], n[2]
	if step == 0 {
		return nil, fmt.Errorf("the step is 0")
	}
	items := []any{}
	for i := first; step > 0 && i <= last || step < 0 && i >= last; i += step {
		if len(items) == maxRange {
			return nil, fmt.Errorf("the range has more than %d items", maxRange)
		}
		items = append(items, asNumber(i))
	}
	return items, nil
}

func arrayGetItem(args []any) (any, error) {
	array, err := argument[[]any](args, 0, "an array")
	if err != nil {
		return nil, err
	}
	i, err := whole(args, 1)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(array) {
		return nil, fmt.Errorf("index %d is outside of %d items", i, len(array))
	}
	return array[i], nil
}

func arrayLength(args []any) (any, error) {
	array, err := argument[[]any](args, 0, "an array")
	return asNumber(len(array)), err
}

func arrayUnique(args []any) (any, error) {
	array, err := argument[[]any](args, 0, "an array")
	if err != nil {
		return nil, err
	}
	unique := []any{}
	for _, value := range array {
		if !slices.ContainsFunc(unique, func(v any) bool { return equal(v, value) }) {
			unique = append(unique, value)
		}
	}
	return unique, nil
}
