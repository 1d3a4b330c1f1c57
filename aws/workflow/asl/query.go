package asl

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/scones-unlimited/scones/aws/workflow/jsonata"
)

// Surroundings are what expressions know besides a state's input: the context object, the variables, and what JSONata calls $states.
type surroundings struct {
	context   any
	variables *variables
	states    map[string]any // input, and result or errorOutput where there are such
}

// contextOf is the context object.
func contextOf(context any) any {
	if s, ok := context.(*surroundings); ok {
		return s.context
	}
	return context
}

// variablesOf are the variables, nil for none.
func variablesOf(context any) *variables {
	if s, ok := context.(*surroundings); ok {
		return s.variables
	}
	return nil
}

// Variables are those that a line of states has set, and those around it, which it can read and not set.
type variables struct {
	values map[string]any
	around *variables
}

func newVariables(around *variables) *variables {
	return &variables{map[string]any{}, around}
}

func (v *variables) get(name string) (any, bool) {
	for ; v != nil; v = v.around {
		if value, ok := v.values[name]; ok {
			return value, true
		}
	}
	return nil, false
}

// all are the variables that can be seen.
func (v *variables) all() map[string]any {
	if v == nil {
		return map[string]any{}
	}
	seen := v.around.all()
	maps.Copy(seen, v.values)
	return seen
}

// set gives variables values; one that belongs to what lies around cannot be set.
func (v *variables) set(values map[string]any) error {
	for name := range values {
		if _, outer := v.around.get(name); outer {
			return runtimeError("The variable '%s' belongs to an outer scope and cannot be assigned to", name)
		}
	}
	maps.Copy(v.values, values)
	return nil
}

// parseQuery reads an expression in JSONata; nil for what is none: only text from {% to %} is one.
func parseQuery(value any) (*expression, error) {
	source, ok := value.(string)
	if !ok || !strings.HasPrefix(source, "{%") {
		return nil, nil
	}
	inner, ok := strings.CutSuffix(source[2:], "%}")
	if !ok {
		return nil, fmt.Errorf("the expression %q does not end in %%}", source)
	}
	query, err := jsonata.Parse(inner)
	if err != nil {
		return nil, fmt.Errorf("the expression %q: %w", strings.TrimSpace(inner), err)
	}
	return &expression{query: query}, nil
}

// evaluate computes an expression in JSONata.
func evaluate(query *jsonata.Expression, context any) (any, error) {
	known := variablesOf(context).all()
	states := map[string]any{"context": contextOf(context)}
	if s, ok := context.(*surroundings); ok {
		maps.Copy(states, s.states)
	}
	known["states"] = states
	value, err := query.Evaluate(known)
	if errors.Is(err, jsonata.ErrNothing) {
		err = fmt.Errorf("the JSONata expression '%s' returned nothing (undefined)", strings.TrimSpace(query.String()))
	}
	if err != nil {
		return nil, &Error{Name: QueryEvaluationError, Cause: err.Error()}
	}
	return value, nil
}
