package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
)

// A function is an intrinsic function: how many arguments it takes (most is -1 for any number) and what it gives.
type function struct {
	least, most int
	call        func([]any) (any, error)
}

func (f function) takes() string {
	switch {
	case f.most < 0:
		return fmt.Sprintf("%d or more", f.least)
	case f.least == f.most:
		return strconv.Itoa(f.least)
	}
	return fmt.Sprintf("%d to %d", f.least, f.most)
}

// functions are all intrinsic functions of the language.
var functions = map[string]function{
	"States.Array":          {0, -1, func(a []any) (any, error) { return slices.Clone(a), nil }},
	"States.ArrayPartition": {2, 2, arrayPartition},
	"States.ArrayContains":  {2, 2, arrayContains},
	"States.ArrayRange":     {3, 3, arrayRange},
	"States.ArrayGetItem":   {2, 2, arrayGetItem},
	"States.ArrayLength":    {1, 1, arrayLength},
	"States.ArrayUnique":    {1, 1, arrayUnique},
	"States.Base64Encode":   {1, 1, base64Encode},
	"States.Base64Decode":   {1, 1, base64Decode},
	"States.Format":         {1, -1, format},
	"States.Hash":           {2, 2, hashOf},
	"States.JsonMerge":      {3, 3, jsonMerge},
	"States.JsonToString":   {1, 1, func(a []any) (any, error) { return text(a[0]), nil }},
	"States.MathAdd":        {2, 2, mathAdd},
	"States.MathRandom":     {2, 3, mathRandom},
	"States.StringSplit":    {2, 2, stringSplit},
	"States.StringToJson":   {1, 1, stringToJSON},
	"States.UUID":           {0, 0, func([]any) (any, error) { return newUUID(), nil }},
}

// The limits of the functions, all from the developer guide.
const (
	maxRange = 1000   // items of an ArrayRange
	maxText  = 10_000 // characters for Base64Encode, Base64Decode and Hash
)

// argument returns an argument of a type, or an error that names it.
func argument[T any](args []any, i int, want string) (T, error) {
	value, ok := args[i].(T)
	if !ok {
		return value, fmt.Errorf("argument %d is %s, want %s", i+1, kind(args[i]), want)
	}
	return value, nil
}

// whole returns an argument that is a whole number.
func whole(args []any, i int) (int, error) {
	n, ok := integer(args[i])
	if !ok {
		return 0, fmt.Errorf("argument %d is %s, want a whole number", i+1, text(args[i]))
	}
	return n, nil
}

func wholes(args []any) ([]int, error) {
	numbers := make([]int, len(args))
	for i := range args {
		var err error
		if numbers[i], err = whole(args, i); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func asNumber(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// jsonMerge merges two objects, the second one's fields last. Step Functions knows the shallow mode alone.
func jsonMerge(args []any) (any, error) {
	a, err := argument[map[string]any](args, 0, "an object")
	if err != nil {
		return nil, err
	}
	b, err := argument[map[string]any](args, 1, "an object")
	if err != nil {
		return nil, err
	}
	if deep, err := argument[bool](args, 2, "false"); err != nil || deep {
		return nil, errors.Join(err, fmt.Errorf("the deep mode is not supported"))
	}
	merged := make(map[string]any, len(a)+len(b))
	maps.Copy(merged, a)
	maps.Copy(merged, b)
	return merged, nil
}

func mathAdd(args []any) (any, error) {
	n, err := wholes(args)
	if err != nil {
		return nil, err
	}
	return asNumber(n[0] + n[1]), nil
}

// mathRandom gives a number from the first argument up to, not including, the second; a third one is the seed.
func mathRandom(args []any) (any, error) {
	n, err := wholes(args)
	if err != nil {
		return nil, err
	}
	if n[1] <= n[0] {
		return nil, fmt.Errorf("the end %d is not behind the start %d", n[1], n[0])
	}
	if len(n) == 3 {
		random := mathrand.New(mathrand.NewPCG(uint64(n[2]), 0))
		return asNumber(n[0] + random.IntN(n[1]-n[0])), nil
	}
	return asNumber(n[0] + mathrand.IntN(n[1]-n[0])), nil
}
