package asl

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A condition is what a Choice's rule tests.
type condition func(input, context any) (bool, error)

// parseQueryCondition reads a rule's Condition in JSONata, and gives its source for a description.
func parseQueryCondition(f *fields) (condition, string) {
	value, ok := f.take("Condition")
	e, err := parseQuery(value)
	holds, constant := value.(bool)
	switch {
	case !ok:
		f.problem("Condition is missing")
	case err != nil:
		f.problem("Condition: %v", err)
	case e == nil && !constant:
		f.problem("Condition is %s, want an expression in {%% %%}", text(value))
	}
	if e == nil {
		return func(any, any) (bool, error) { return holds, nil }, text(value)
	}
	return func(input, context any) (bool, error) {
		value, err := e.value(input, context)
		if err != nil {
			return false, err
		}
		holds, ok := value.(bool)
		if !ok {
			return false, &Error{Name: QueryEvaluationError, Cause: "the Condition '" + strings.TrimSpace(e.query.String()) + "' gives " + kind(value) + ", not true or false"}
		}
		return holds, nil
	}, strings.TrimSpace(e.query.String())
}

// parseCondition reads a rule, or one inside And, Or or Not, and describes it.
func parseCondition(f *fields) (condition, string) {
	for _, name := range []string{"And", "Or"} {
		if _, ok := f.raw[name]; !ok {
			continue
		}
		var tests []condition
		var words []string
		for i, inner := range f.list(name) {
			g := f.inner(fmt.Sprintf("%s, %s %d", f.at, name, i+1), inner)
			test, said := parseCondition(g)
			g.rest()
			tests, words = append(tests, test), append(words, said)
		}
		if len(tests) == 0 {
			f.problem("%s is empty", name)
		}
		return junction(tests, name == "And"), strings.Join(words, " "+strings.ToLower(name)+" ")
	}
	if inner, ok := f.take("Not"); ok {
		g := f.inner(f.at+", Not", inner)
		test, said := parseCondition(g)
		g.rest()
		return func(input, context any) (bool, error) {
			holds, err := test(input, context)
			return !holds && err == nil, err
		}, "not (" + said + ")"
	}
	return parseComparison(f)
}

// junction is And when all must hold, else Or. What decides ends it.
func junction(tests []condition, all bool) condition {
	return func(input, context any) (bool, error) {
		for _, test := range tests {
			if holds, err := test(input, context); err != nil || holds != all {
				return holds, err
			}
		}
		return all, nil
	}
}

// A comparison decides by the variable's value and the operand. Values of another type than the operator's compare as false.
type comparison func(value, operand any) bool

// signs are the comparisons that come in every type.
var signs = map[string]struct {
	sign  string
	holds func(order int) bool
}{
	"Equals":            {"=", func(o int) bool { return o == 0 }},
	"LessThan":          {"<", func(o int) bool { return o < 0 }},
	"GreaterThan":       {">", func(o int) bool { return o > 0 }},
	"LessThanEquals":    {"≤", func(o int) bool { return o <= 0 }},
	"GreaterThanEquals": {"≥", func(o int) bool { return o >= 0 }},
}

// types order two values of a type; ok is false when one of them is of another type.
var types = map[string]func(a, b any) (order int, ok bool){
	"String": func(a, b any) (int, bool) {
		x, ok := a.(string)
		y, also := b.(string)
		return strings.Compare(x, y), ok && also
	},
	"Numeric": func(a, b any) (int, bool) {
		x, ok := number(a)
		y, also := number(b)
		return compareFloats(x, y), ok && also
	},
	"Timestamp": func(a, b any) (int, bool) {
		x, ok := timestamp(a)
		y, also := timestamp(b)
		return x.Compare(y), ok && also
	},
	"Boolean": func(a, b any) (int, bool) {
		x, ok := a.(bool)
		y, also := b.(bool)
		if x != y {
			return 1, ok && also
		}
		return 0, ok && also
	},
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// timestamp reads a time as the language writes it: RFC 3339, with T and a zone.
func timestamp(value any) (time.Time, bool) {
	s, _ := value.(string)
	at, err := time.Parse(time.RFC3339, s)
	return at, err == nil
}

// operators returns all comparisons that take an operand of a type, by name.
func operators() map[string]comparison {
	all := map[string]comparison{
		"StringMatches": func(value, operand any) bool {
			s, ok := value.(string)
			pattern, also := operand.(string)
			return ok && also && wildcard(pattern).MatchString(s)
		},
	}
	for typeName, order := range types {
		for signName, s := range signs {
			if typeName == "Boolean" && signName != "Equals" {
				continue
			}
			all[typeName+signName] = func(value, operand any) bool {
				o, ok := order(value, operand)
				return ok && s.holds(o)
			}
		}
	}
	return all
}

// tests are the comparisons whose operand is true or false: is the value of that type.
var tests = map[string]func(value any) bool{
	"IsNull":      func(v any) bool { return v == nil },
	"IsString":    func(v any) bool { _, ok := v.(string); return ok },
	"IsNumeric":   func(v any) bool { _, ok := number(v); return ok },
	"IsBoolean":   func(v any) bool { _, ok := v.(bool); return ok },
	"IsTimestamp": func(v any) bool { _, ok := timestamp(v); return ok },
}

// wildcard turns a pattern, in which * stands for any characters and \* for a star, into a regular expression.
func wildcard(pattern string) *regexp.Regexp {
	var out strings.Builder
	out.WriteString(`(?s)^`)
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			out.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case pattern[i] == '*':
			out.WriteString(`.*`)
		default:
			out.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	out.WriteString(`$`)
	return regexp.MustCompile(out.String())
}

func parseComparison(f *fields) (condition, string) {
	never := func(any, any) (bool, error) { return false, nil }
	variable := f.need("Variable")
	p, err := parsePath(variable)
	if err != nil {
		f.problem("Variable: %v", err)
		return never, variable
	}
	known := operators()
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		operator, dynamic := strings.CutSuffix(name, "Path")
		compare, isOperator := known[operator]
		test, isTest := tests[operator]
		switch {
		case isOperator && operator != "StringMatches" || isOperator && !dynamic:
			operand, _ := f.take(name)
			return compareWith(f, p, compare, operand, dynamic), variable + " " + sign(operator) + " " + strings.Trim(text(operand), `"`)
		case isTest && !dynamic, name == "IsPresent":
			wanted := f.flag(name)
			said := variable + " is " + map[bool]string{false: "not "}[wanted] + strings.ToLower(strings.TrimPrefix(name, "Is"))
			if name == "IsPresent" {
				return func(input, context any) (bool, error) {
					_, there := p.find(input, context)
					return there == wanted, nil
				}, said
			}
			return func(input, context any) (bool, error) {
				value, err := p.get(input, context)
				return test(value) == wanted, err
			}, said
		}
	}
	f.problem("compares nothing: no operator such as StringEquals is there")
	return never, variable
}

func compareWith(f *fields, p *jsonPath, compare comparison, operand any, dynamic bool) condition {
	if !dynamic {
		return func(input, context any) (bool, error) {
			value, err := p.get(input, context)
			return err == nil && compare(value, operand), err
		}
	}
	source, _ := operand.(string)
	other, err := parsePath(source)
	if err != nil {
		f.problem("%v", err)
	}
	return func(input, context any) (bool, error) {
		value, err := p.get(input, context)
		if err != nil {
			return false, err
		}
		operand, err := other.get(input, context)
		return err == nil && compare(value, operand), err
	}
}

// sign is an operator as people write it.
func sign(operator string) string {
	if operator == "StringMatches" {
		return "matches"
	}
	for typeName := range types {
		if s, ok := signs[strings.TrimPrefix(operator, typeName)]; ok {
			return s.sign
		}
	}
	return operator
}
