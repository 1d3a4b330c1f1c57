package jsonata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type nodeKind int

const (
	valueNode    nodeKind = iota // a literal
	nameNode                     // a step of a path
	variableNode                 // $name, $ and $$
	pathNode                     // parts are its steps
	binaryNode                   // name is the operator
	negateNode
	arrayNode
	objectNode // parts are keys and values in turn
	conditionNode
	blockNode
	bindNode // $name := right
	callNode // name is the function's
)

// A node is a part of an expression. Stages are the filters behind it, in a path's step and elsewhere; keep is [] behind it.
type node struct {
	kind               nodeKind
	name               string
	value              any
	left, right, other *node
	parts              []*node
	stages             []*node
	keep               bool
	at                 int
}

// refused are the operators that are understood and not interpreted, with what they do.
var refused = map[string]string{
	"**": "descendants", "%": "the parent", "@": "a joined variable", "#": "a position's variable", "^": "sorting", "|": "a transform", "~>": "a chain of functions",
	"??": "a default for nothing", "?:": "a default for what is false", "*": "a wildcard", "/": "a regular expression", "?": "partial application", "{": "grouping",
}

func notInterpreted(t token, what string) error {
	return fmt.Errorf("at %d: %s (%s) is not interpreted here", t.at+1, what, t.text)
}

type parser struct {
	source string
	token  token
	next   int
	depth  int
}

func (p *parser) parse() (*node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == endToken {
		return nil, fmt.Errorf("the expression is empty")
	}
	n, err := p.expression(0)
	if err == nil && p.token.kind != endToken {
		err = fmt.Errorf("at %d: %q is not expected here", p.token.at+1, p.token.text)
	}
	return n, err
}

func (p *parser) advance() (err error) {
	p.token, p.next, err = lex(p.source, p.next)
	return err
}

func (p *parser) is(operator string) bool {
	return p.token.kind == operatorToken && p.token.text == operator
}

func (p *parser) expect(operator string) error {
	if !p.is(operator) {
		if p.token.kind == endToken {
			return fmt.Errorf("at %d: the expression ends where %q is expected", p.token.at+1, operator)
		}
		return fmt.Errorf("at %d: %q is not expected here, %q is", p.token.at+1, p.token.text, operator)
	}
	return p.advance()
}

// power is how strongly an operator binds to what stands before it.
var power = map[string]int{
	".": 75, "[": 80, "(": 80, "{": 70, "@": 80, "#": 80, "^": 40, "*": 60, "/": 60, "%": 60, "+": 50, "-": 50, "&": 50, "=": 40, "!=": 40, "<": 40, ">": 40, "<=": 40, ">=": 40,
	"in": 40, "~>": 40, "and": 30, "or": 25, "?": 20, ":=": 10, "??": 40, "?:": 40,
}

func (p *parser) expression(least int) (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("at %d: the expression is too deep", p.token.at+1)
	}
	defer func() { p.depth-- }()
	left, err := p.prefix()
	for err == nil && p.token.kind == operatorToken && power[p.token.text] > least {
		left, err = p.infix(left)
	}
	return left, err
}

func (p *parser) prefix() (*node, error) {
	t := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	n := &node{at: t.at}
	switch t.kind {
	case endToken:
		return nil, fmt.Errorf("at %d: the expression ends too early", t.at+1)
	case stringToken:
		n.value = t.text
		return n, nil
	case numberToken:
		f, _ := strconv.ParseFloat(t.text, 64) // lex has read it so
		n.value = number(f)
		return n, nil
	case variableToken:
		n.kind, n.name = variableNode, t.text
		return n, nil
	case nameToken:
		return p.name(t, n)
	}
	switch t.text {
	case "and", "or", "in": // names, too
		return &node{kind: pathNode, parts: []*node{{kind: nameNode, name: t.text, at: t.at}}, at: t.at}, nil
	case "-":
		operand, err := p.expression(70)
		if err == nil && operand.kind == valueNode && len(operand.stages) == 0 {
			if f, ok := numberOf(operand.value); ok {
				operand.value = number(-f)
				return operand, nil
			}
		}
		n.kind, n.right = negateNode, operand
		return n, err
	case "(":
		n.kind = blockNode
		return n, p.items(n, ")", ";")
	case "[":
		n.kind = arrayNode
		return n, p.items(n, "]", ",")
	case "{":
		n.kind = objectNode
		return n, p.object(n)
	}
	if what, known := refused[t.text]; known && t.text != "?" && t.text != "{" {
		return nil, notInterpreted(t, what)
	}
	return nil, fmt.Errorf("at %d: %q is not expected here", t.at+1, t.text)
}

// name is a literal of letters, or the first step of a path.
func (p *parser) name(t token, n *node) (*node, error) {
	quoted := p.source[t.at] == '`'
	switch {
	case quoted:
	case t.text == "true" || t.text == "false":
		n.value = t.text == "true"
		return n, nil
	case t.text == "null":
		return n, nil
	case (t.text == "function" || t.text == "λ") && p.is("("):
		return nil, notInterpreted(t, "the definition of a function")
	}
	return &node{kind: pathNode, parts: []*node{{kind: nameNode, name: t.text, at: t.at}}, at: t.at}, nil
}

// items reads expressions up to a bracket.
func (p *parser) items(n *node, end, separator string) error {
	for !p.is(end) {
		item, err := p.expression(0)
		if err != nil {
			return err
		}
		if n.kind == arrayNode && p.is("..") {
			to := &node{kind: binaryNode, name: "..", left: item, at: p.token.at}
			if err := p.advance(); err != nil {
				return err
			}
			if to.right, err = p.expression(0); err != nil {
				return err
			}
			item = to
		}
		n.parts = append(n.parts, item)
		if !p.is(separator) {
			break
		}
		if err := p.advance(); err != nil {
			return err
		}
		if n.kind == arrayNode && p.is(end) {
			return fmt.Errorf("at %d: an item is missing", p.token.at+1)
		}
	}
	return p.expect(end)
}

func (p *parser) object(n *node) error {
	for !p.is("}") {
		key, err := p.expression(0)
		if err != nil {
			return err
		}
		if err := p.expect(":"); err != nil {
			return err
		}
		value, err := p.expression(0)
		if err != nil {
			return err
		}
		n.parts = append(n.parts, key, value)
		if !p.is(",") {
			break
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
	return p.expect("}")
}

func (p *parser) infix(left *node) (*node, error) {
	t := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	n := &node{kind: binaryNode, name: t.text, left: left, at: t.at}
	var err error
	switch t.text {
	case ".":
		return p.step(left)
	case "[":
		return p.filter(left)
	case "(":
		return p.call(left, t)
	case "?":
		n.kind = conditionNode
		if n.right, err = p.expression(0); err == nil && p.is(":") {
			if err = p.advance(); err == nil {
				n.other, err = p.expression(0)
			}
		}
		return n, err
	case ":=":
		if left.kind != variableNode || left.name == "" || left.name == "$" || len(left.stages) > 0 {
			return nil, fmt.Errorf("at %d: only a variable can be bound", t.at+1)
		}
		n.kind, n.name = bindNode, left.name
		n.right, err = p.expression(power[":="] - 1)
		return n, err
	case "*", "/", "%", "+", "-", "&", "=", "!=", "<", ">", "<=", ">=", "in", "and", "or":
		n.right, err = p.expression(power[t.text])
		return n, err
	}
	return nil, notInterpreted(t, refused[t.text])
}

// step adds a step to a path.
func (p *parser) step(left *node) (*node, error) {
	at := p.token
	right, err := p.expression(power["."])
	if err != nil {
		return nil, err
	}
	path := left
	if left.kind != pathNode {
		path = &node{kind: pathNode, parts: []*node{left}, keep: left.keep, at: left.at}
	}
	steps := []*node{right}
	switch {
	case right.kind == pathNode:
		steps = right.parts
		path.keep = path.keep || right.keep
	case right.kind == valueNode:
		text, ok := right.value.(string)
		if !ok {
			return nil, fmt.Errorf("at %d: %s is no step of a path", at.at+1, kind(right.value))
		}
		steps = []*node{{kind: nameNode, name: text, stages: right.stages, at: right.at}}
	case right.kind == arrayNode:
		return nil, notInterpreted(at, "an array as a step of a path")
	}
	if left.kind == arrayNode { // its lists stay lists in the reference
		return nil, notInterpreted(at, "a path that starts with an array")
	}
	path.parts = append(path.parts, steps...)
	return path, nil
}

// filter reads what stands in brackets behind an expression; nothing in them keeps a list a list.
func (p *parser) filter(left *node) (*node, error) {
	target := left
	if left.kind == pathNode {
		target = left.parts[len(left.parts)-1]
	}
	if p.is("]") {
		left.keep = true
		return left, p.advance()
	}
	stage, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	target.stages = append(target.stages, stage)
	return left, p.expect("]")
}

// call reads the arguments of a function.
func (p *parser) call(left *node, t token) (*node, error) {
	if left.kind != variableNode {
		return nil, notInterpreted(t, "a call of anything but a function by its name")
	}
	f, ok := functions[left.name]
	if !ok {
		if slices.Contains(higher, left.name) {
			return nil, fmt.Errorf("at %d: the function $%s is not interpreted here", left.at+1, left.name)
		}
		return nil, fmt.Errorf("at %d: there is no function $%s here; there are $%s", left.at+1, left.name, strings.Join(Functions(), ", $"))
	}
	n := &node{kind: callNode, name: left.name, at: left.at}
	if p.is("?") {
		return nil, notInterpreted(p.token, refused["?"])
	}
	if err := p.items(n, ")", ","); err != nil {
		return nil, err
	}
	if len(n.parts) < f.least || len(n.parts) > f.most {
		return nil, fmt.Errorf("at %d: $%s takes %d to %d arguments, %d are given", n.at+1, n.name, f.least, f.most, len(n.parts))
	}
	return n, nil
}
