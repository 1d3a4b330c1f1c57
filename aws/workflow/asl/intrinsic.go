package asl

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws/workflow/jsonata"
)

// maxNesting is how deep function calls may lie in each other; Step Functions allows ten.
const maxNesting = 10

// An expression is a path, or a call of an intrinsic function, or in a call's arguments a constant; or an expression in JSONata.
type expression struct {
	path     *jsonPath
	query    *jsonata.Expression
	function string
	args     []*expression
	constant any
}

// parseExpression reads a path or a function call.
func parseExpression(source string) (*expression, error) {
	if strings.HasPrefix(source, "$") {
		p, err := parsePath(source)
		return &expression{path: p}, err
	}
	parser := &callParser{source: source}
	e, err := parser.call(0)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", source, err)
	}
	if parser.space(); parser.at < len(source) {
		return nil, fmt.Errorf("%q: unexpected %q behind the call", source, source[parser.at:])
	}
	return e, nil
}

// value computes the expression.
func (e *expression) value(input, context any) (any, error) {
	switch {
	case e.path != nil:
		return e.path.get(input, context)
	case e.query != nil:
		return evaluate(e.query, context)
	case e.function == "":
		return e.constant, nil
	}
	args := make([]any, len(e.args))
	for i, arg := range e.args {
		var err error
		if args[i], err = arg.value(input, context); err != nil {
			return nil, err
		}
	}
	value, err := functions[e.function].call(args)
	if err != nil {
		return nil, runtimeError("The function '%s' had the following error: %v", e.function, err)
	}
	return value, nil
}

// A callParser reads function calls: States.Name(argument, ...), where an argument is a path, a call, a number, true, false, null or
// text in single quotes with \', \\, \{ and \}.
type callParser struct {
	source string
	at     int
}

func (p *callParser) space() {
	for p.at < len(p.source) && (p.source[p.at] == ' ' || p.source[p.at] == '\t' || p.source[p.at] == '\n') {
		p.at++
	}
}

func (p *callParser) call(depth int) (*expression, error) {
	if depth >= maxNesting {
		return nil, fmt.Errorf("functions lie more than %d deep in each other", maxNesting)
	}
	open := strings.IndexByte(p.source[p.at:], '(')
	if open < 0 {
		return nil, fmt.Errorf("neither a path, which begins with $, nor a function call")
	}
	name := strings.TrimSpace(p.source[p.at : p.at+open])
	f, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("there is no function %s", name)
	}
	p.at += open + 1
	e := &expression{function: name}
	for {
		p.space()
		if p.at < len(p.source) && p.source[p.at] == ')' && len(e.args) == 0 {
			break
		}
		arg, err := p.argument(depth)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		p.space()
		if p.at >= len(p.source) {
			return nil, fmt.Errorf("%s( has no end", name)
		}
		if p.source[p.at] == ')' {
			break
		}
		if p.source[p.at] != ',' {
			return nil, fmt.Errorf("want , or ) before %q", p.source[p.at:])
		}
		p.at++
	}
	p.at++
	if len(e.args) < f.least || f.most >= 0 && len(e.args) > f.most {
		return nil, fmt.Errorf("%s has %d arguments, it takes %s", name, len(e.args), f.takes())
	}
	return e, nil
}

func (p *callParser) argument(depth int) (*expression, error) {
	rest := p.source[p.at:]
	switch {
	case strings.HasPrefix(rest, "'"):
		return p.quoted()
	case strings.HasPrefix(rest, "$"):
		end := pathEnd(rest)
		inner, err := parsePath(rest[:end])
		p.at += end
		return &expression{path: inner}, err
	case strings.HasPrefix(rest, "States."):
		return p.call(depth + 1)
	}
	end := strings.IndexAny(rest, ",) ")
	if end < 0 {
		end = len(rest)
	}
	value, err := Decode([]byte(rest[:end]))
	if _, isNumber := value.(json.Number); err != nil || !isNumber && !slices.Contains([]any{nil, true, false}, value) {
		return nil, fmt.Errorf("%q is no argument: a path, a call, a number or 'text'", rest[:end])
	}
	p.at += end
	return &expression{constant: value}, nil
}

// quoted reads text in single quotes. \{ and \} stay as they are: they mean something to States.Format alone.
func (p *callParser) quoted() (*expression, error) {
	var out strings.Builder
	for i := p.at + 1; i < len(p.source); i++ {
		switch c := p.source[i]; {
		case c == '\\' && i+1 < len(p.source):
			i++
			if next := p.source[i]; next != '\'' && next != '\\' {
				out.WriteByte('\\')
			}
			out.WriteByte(p.source[i])
		case c == '\'':
			p.at = i + 1
			return &expression{constant: out.String()}, nil
		default:
			out.WriteByte(c)
		}
	}
	return nil, fmt.Errorf("text has no closing quote")
}

// pathEnd returns where a path in an argument ends: at a comma, a space or a bracket that no bracket of its own holds.
func pathEnd(source string) int {
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '[':
			i = bracketEnd(source, i) - 1
		case ',', ')', ' ':
			return i
		}
	}
	return len(source)
}
