package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

// A jsonPath is a JSONPath of a definition: of the input when it begins with $, of the context object when it begins with $$.
type jsonPath struct {
	source   string
	context  bool
	variable string // it begins at
	query    *jsonpath.Path
	singular bool // it selects one value at most
}

// parsePath reads a path. Names after a dot may hold what JSONPath's standard wants in brackets, such as a hyphen, because Step
// Functions accepts them.
func parsePath(source string) (*jsonPath, error) {
	p := &jsonPath{source: source}
	rest := source
	if strings.HasPrefix(source, "$$") {
		p.context, rest = true, source[1:]
	}
	if !strings.HasPrefix(rest, "$") {
		return nil, fmt.Errorf("path %q does not begin with $", source)
	}
	if end := strings.IndexAny(rest, ".["); !p.context && len(rest) > 1 && end != 1 {
		if end < 0 {
			end = len(rest)
		}
		p.variable, rest = rest[1:end], "$"+rest[end:]
	}
	if len(rest) > 1 && rest[1] != '.' && rest[1] != '[' {
		return nil, fmt.Errorf("path %q is not understood", source)
	}
	query, err := jsonpath.Parse(quoteNames(rest))
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", source, err)
	}
	p.query, p.singular = query, query.Query().Singular() != nil
	return p, nil
}

// quoteNames puts names after a dot that the standard's shorthand does not allow into brackets: $.my-key becomes $['my-key'].
func quoteNames(source string) string {
	var out strings.Builder
	for i := 0; i < len(source); {
		switch c := source[i]; {
		case c == '[': // up to its end as it is, with what is quoted in it
			end := bracketEnd(source, i)
			out.WriteString(source[i:end])
			i = end
		case c == '.':
			start := i + 1
			dots := "."
			if start < len(source) && source[start] == '.' {
				start, dots = start+1, ".."
			}
			end := start
			for end < len(source) && source[end] != '.' && source[end] != '[' {
				end++
			}
			name := source[start:end]
			switch {
			case name == "" || name == "*" || plainName(name) || strings.ContainsAny(name, "()' \t"):
				out.WriteString(dots + name)
			default:
				out.WriteString(strings.Repeat(".", 2*(len(dots)-1)) + "['" + name + "']")
			}
			i = end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}

// bracketEnd returns the index behind the bracket that opens at start.
func bracketEnd(source string, start int) int {
	depth, quote := 0, byte(0)
	for i := start; i < len(source); i++ {
		switch c := source[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(source)
}

// plainName tells whether the standard's shorthand allows a name.
func plainName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// get returns what the path selects: the value of a path that names one, a list of a path that may select several. A named value
// that is not there is an error.
func (p *jsonPath) get(input, context any) (any, error) {
	value, ok := p.find(input, context)
	if _, known := variablesOf(context).get(p.variable); p.variable != "" && !known {
		return nil, runtimeError("The variable '%s' has no value", p.variable)
	}
	if !ok {
		return nil, runtimeError("The JSONPath '%s' could not be found in the input '%s'", p.source, shortened(text(p.root(input, context))))
	}
	return value, nil
}

func (p *jsonPath) find(input, context any) (any, bool) {
	if _, known := variablesOf(context).get(p.variable); p.variable != "" && !known {
		return nil, false
	}
	nodes := p.query.Select(p.root(input, context))
	if !p.singular {
		return slices.Clone([]any(nodes)), true
	}
	if len(nodes) == 0 {
		return nil, false
	}
	return nodes[0], true
}

func (p *jsonPath) root(input, context any) any {
	switch {
	case p.context:
		return contextOf(context)
	case p.variable != "":
		value, _ := variablesOf(context).get(p.variable)
		return value
	}
	return input
}

// shortened keeps a state's input from filling an error: a picture may be in it.
func shortened(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + fmt.Sprintf("… (%d bytes)", len(s))
}

// put returns input with value at the path, a Reference Path; objects on the way that are missing are made. Input is not changed.
func (p *jsonPath) put(input, value any) (any, error) {
	return place(input, value, p.query.Query().Segments(), p.source)
}

func place(at, value any, segments []*spec.Segment, source string) (any, error) {
	if len(segments) == 0 {
		return value, nil
	}
	fail := func() (any, error) {
		return nil, &Error{Name: ResultPathMatchFailure, Cause: fmt.Sprintf("ResultPath %s does not fit %s", source, kind(at))}
	}
	switch selector := segments[0].Selectors()[0].(type) {
	case spec.Name:
		object, ok := at.(map[string]any)
		if !ok && at != nil {
			return fail()
		}
		inner, err := place(object[string(selector)], value, segments[1:], source)
		if err != nil {
			return nil, err
		}
		object = maps.Clone(object)
		if object == nil {
			object = map[string]any{}
		}
		object[string(selector)] = inner
		return object, nil
	case spec.Index:
		array, ok := at.([]any)
		if !ok || int(selector) < 0 || int(selector) >= len(array) {
			return fail()
		}
		inner, err := place(array[selector], value, segments[1:], source)
		if err != nil {
			return nil, err
		}
		array = slices.Clone(array)
		array[selector] = inner
		return array, nil
	}
	return fail()
}
