package jsonata

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

var numberFunctions = map[string]function{
	"number": {1, 1, false, toNumber},
	"abs":    {1, 1, false, onNumber(math.Abs)},
	"floor":  {1, 1, false, onNumber(math.Floor)},
	"ceil":   {1, 1, false, onNumber(math.Ceil)},
	"sqrt": {1, 1, false, func(args []any) (any, error) {
		if f, ok := numberOf(args[0]); ok && f < 0 {
			return nil, errors.New("the number is negative")
		}
		return onNumber(math.Sqrt)(args)
	}},
	"power": {2, 2, false, func(args []any) (any, error) {
		base, err := numberArgument(args, 0)
		if err != nil {
			return nil, err
		}
		exponent, err := numberArgument(args, 1)
		if err != nil {
			return nil, err
		}
		f := math.Pow(base, exponent)
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, errors.New("the result is out of range")
		}
		return number(f), nil
	}},
	"round": {1, 2, false, round},
	"sum":   {1, 1, false, onNumbers(func(all []float64) any { return number(total(all)) })},
	"max": {1, 1, false, onNumbers(func(all []float64) any {
		return fold(all, math.Max)
	})},
	"min":     {1, 1, false, onNumbers(func(all []float64) any { return fold(all, math.Min) })},
	"average": {1, 1, false, onNumbers(func(all []float64) any { return average(all) })},
}

func total(all []float64) (sum float64) {
	for _, f := range all {
		sum += f
	}
	return sum
}

func average(all []float64) any {
	if len(all) == 0 {
		return nothing
	}
	return number(total(all) / float64(len(all)))
}

func fold(all []float64, with func(a, b float64) float64) any {
	if len(all) == 0 {
		return nothing
	}
	result := all[0]
	for _, f := range all[1:] {
		result = with(result, f)
	}
	return number(result)
}

func onNumber(f func(float64) float64) func([]any) (any, error) {
	return func(args []any) (any, error) {
		n, err := numberArgument(args, 0)
		if err != nil {
			return nil, err
		}
		return number(f(n)), nil
	}
}

func onNumbers(f func([]float64) any) func([]any) (any, error) {
	return func(args []any) (any, error) {
		items := listArgument(args, 0)
		all := make([]float64, len(items))
		for i := range items {
			n, ok := numberOf(items[i])
			if !ok {
				return nil, fmt.Errorf("item %d is %s, it must be a number", i+1, kind(items[i]))
			}
			all[i] = n
		}
		return f(all), nil
	}
}

var (
	decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$`)
	based   = regexp.MustCompile(`^0([xX][0-9A-Fa-f]+|[oO][0-7]+|[bB][01]+)$`)
)

func toNumber(args []any) (any, error) {
	switch v := args[0].(type) {
	case bool:
		return number(map[bool]float64{true: 1}[v]), nil
	case string:
		if based.MatchString(v) {
			n, err := strconv.ParseUint(v, 0, 64)
			return number(float64(n)), err
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || !decimal.MatchString(v) {
			return nil, fmt.Errorf("%q is no number", v)
		}
		return number(f), nil
	}
	f, err := numberArgument(args, 0)
	return number(f), err
}

// round rounds to an even digit where it is halfway, as the reference does.
func round(args []any) (any, error) {
	f, err := numberArgument(args, 0)
	if err != nil {
		return nil, err
	}
	if !given(args, 1) {
		return number(math.RoundToEven(f)), nil
	}
	places, err := numberArgument(args, 1)
	if err != nil || math.Abs(places) > 300 {
		return nil, errors.Join(err, errors.New("argument 2 must be a number of places"))
	}
	shifted, err := strconv.ParseFloat(fmt.Sprintf("%se%d", strconv.FormatFloat(f, 'f', -1, 64), int(places)), 64)
	if err != nil {
		return nil, err
	}
	back, err := strconv.ParseFloat(fmt.Sprintf("%se%d", strconv.FormatFloat(math.RoundToEven(shifted), 'f', -1, 64), -int(places)), 64)
	return number(back), err
}
