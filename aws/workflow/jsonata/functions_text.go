package jsonata

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

var textFunctions = map[string]function{
	"string":          {1, 1, false, func(args []any) (any, error) { return textValue(args[0]) }},
	"length":          {1, 1, false, onString(func(s string) any { return number(float64(len([]rune(s)))) })},
	"uppercase":       {1, 1, false, onString(func(s string) any { return strings.ToUpper(s) })},
	"lowercase":       {1, 1, false, onString(func(s string) any { return strings.ToLower(s) })},
	"trim":            {1, 1, false, onString(func(s string) any { return strings.Join(strings.FieldsFunc(s, isSpace), " ") })},
	"substring":       {2, 3, false, substring},
	"substringBefore": {2, 2, false, onPair(func(s, part string) any { before, _, _ := strings.Cut(s, part); return before })},
	"substringAfter": {2, 2, false, onPair(func(s, part string) any {
		if _, after, found := strings.Cut(s, part); found {
			return after
		}
		return s
	})},
	"contains":     {2, 2, false, onPair(func(s, part string) any { return strings.Contains(s, part) })},
	"split":        {2, 3, false, split},
	"join":         {1, 2, false, join},
	"replace":      {3, 4, false, replace},
	"base64encode": {1, 1, false, onString(func(s string) any { return base64.StdEncoding.EncodeToString([]byte(s)) })},
	"base64decode": {1, 1, false, func(args []any) (any, error) {
		s, err := stringArgument(args, 0)
		if err != nil {
			return nil, err
		}
		data, err := base64.StdEncoding.DecodeString(s)
		return string(data), err
	}},
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\r", r) }

func onString(f func(string) any) func([]any) (any, error) {
	return func(args []any) (any, error) {
		s, err := stringArgument(args, 0)
		if err != nil {
			return nil, err
		}
		return f(s), nil
	}
}

func onPair(f func(s, part string) any) func([]any) (any, error) {
	return func(args []any) (any, error) {
		s, err := stringArgument(args, 0)
		if err != nil {
			return nil, err
		}
		part, err := stringArgument(args, 1)
		if err != nil {
			return nil, err
		}
		return f(s, part), nil
	}
}

// text is what & makes of a value: nothing is the empty string.
func text(value any) (string, error) {
	if value == nothing {
		return "", nil
	}
	s, err := textValue(value)
	if err != nil {
		return "", err
	}
	return s.(string), nil
}

// textValue writes a value as JSON; a string is itself, and numbers have at most 15 digits.
func textValue(value any) (any, error) {
	if s, ok := value.(string); ok {
		return s, nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(rounded(value)); err != nil {
		return nil, err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

func rounded(value any) any {
	switch v := value.(type) {
	case json.Number:
		f, ok := numberOf(v)
		if !ok {
			return v
		}
		short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
		if err != nil || f == math.Trunc(f) {
			return number(f)
		}
		return number(short)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, field := range v {
			object[name] = rounded(field)
		}
		return object
	}
	items, isList := list(value)
	if !isList {
		return value
	}
	all := make([]any, len(items))
	for i, item := range items {
		all[i] = rounded(item)
	}
	return all
}

func substring(args []any) (any, error) {
	s, err := stringArgument(args, 0)
	if err != nil {
		return nil, err
	}
	start, err := numberArgument(args, 1)
	if err != nil {
		return nil, err
	}
	runes := []rune(s)
	from := int(max(min(start, float64(len(runes))), -float64(len(runes))))
	if from < 0 {
		from += len(runes)
	}
	to := len(runes)
	if given(args, 2) {
		length, err := numberArgument(args, 2)
		switch {
		case err != nil:
			return nil, err
		case length <= 0:
			return "", nil
		}
		to = int(min(float64(from)+length, float64(len(runes))))
	}
	return string(runes[from:to]), nil
}

func split(args []any) (any, error) {
	s, err := stringArgument(args, 0)
	if err != nil {
		return nil, err
	}
	separator, err := stringArgument(args, 1)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(s, separator)
	if given(args, 2) {
		limit, err := numberArgument(args, 2)
		if err != nil || limit < 0 {
			return nil, errors.Join(err, errors.New("argument 3 must be a number of 0 or more"))
		}
		parts = parts[:int(min(limit, float64(len(parts))))]
	}
	all := make([]any, len(parts))
	for i, part := range parts {
		all[i] = part
	}
	return all, nil
}

func join(args []any) (any, error) {
	separator := ""
	if given(args, 1) {
		var err error
		if separator, err = stringArgument(args, 1); err != nil {
			return nil, err
		}
	}
	items := listArgument(args, 0)
	parts := make([]string, len(items))
	for i := range items {
		var err error
		if parts[i], err = stringArgument(items, i); err != nil {
			return nil, err
		}
	}
	return strings.Join(parts, separator), nil
}

func replace(args []any) (any, error) {
	var texts [3]string
	for i := range texts {
		var err error
		if texts[i], err = stringArgument(args, i); err != nil {
			return nil, err
		}
	}
	if texts[1] == "" {
		return nil, errors.New("argument 2 is empty")
	}
	limit := -1
	if given(args, 3) {
		f, err := numberArgument(args, 3)
		if err != nil || f < 0 {
			return nil, errors.Join(err, errors.New("argument 4 must be a number of 0 or more"))
		}
		limit = int(min(f, 1e9))
	}
	return strings.Replace(texts[0], texts[1], texts[2], limit), nil
}
