package mxnet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Text returns an attribute, or absent when the node has none or it is "None".
func (n *Node) Text(name, absent string) string {
	if v, ok := n.attributes[name]; ok && v != "None" {
		return v
	}
	return absent
}

// Has tells whether the node has the attribute and it is not "None".
func (n *Node) Has(name string) bool {
	v, ok := n.attributes[name]
	return ok && v != "None"
}

// Bool reads "True", "true", "1" and their opposites. Errors wrap [ErrArtifact] and name node, operator and attribute, as those
// of the other readers here do.
func (n *Node) Bool(name string, absent bool) (bool, error) {
	switch text := n.Text(name, ""); text {
	case "":
		return absent, nil
	case "True", "true", "1":
		return true, nil
	case "False", "false", "0":
		return false, nil
	default:
		return false, n.bad(name, text, "a truth value")
	}
}

// Int reads a whole number.
func (n *Node) Int(name string, absent int64) (int64, error) {
	text := n.Text(name, "")
	if text == "" {
		return absent, nil
	}
	v, err := strconv.ParseInt(strings.TrimSuffix(text, "L"), 10, 64)
	if err != nil {
		return 0, n.bad(name, text, "a whole number")
	}
	return v, nil
}

// Float reads a finite number.
func (n *Node) Float(name string, absent float64) (float64, error) {
	text := n.Text(name, "")
	if text == "" {
		return absent, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, n.bad(name, text, "a finite number")
	}
	return v, nil
}

// Tuple reads "(3,3)", "[3, 3]", "(3L, 3L)", "(3,)" and "3"; "()" and an absent attribute give nil.
func (n *Node) Tuple(name string) ([]int64, error) {
	text := n.Text(name, "")
	inner := strings.TrimSpace(text)
	if len(inner) > 1 && (inner[0] == '(' && inner[len(inner)-1] == ')' || inner[0] == '[' && inner[len(inner)-1] == ']') {
		inner = inner[1 : len(inner)-1]
	}
	inner = strings.TrimSuffix(strings.TrimSpace(inner), ",")
	if inner == "" {
		return nil, nil
	}
	if strings.Count(inner, ",") >= maxRank*2 { // a pad_width has two numbers a dimension
		return nil, n.bad(name, text, "a short list of whole numbers")
	}
	var values []int64
	for part := range strings.SplitSeq(inner, ",") {
		v, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(part), "L"), 10, 64)
		if err != nil || v < -maxDim || v > maxDim {
			return nil, n.bad(name, text, "a list of whole numbers")
		}
		values = append(values, v)
	}
	return values, nil
}

func (n *Node) bad(name, text, want string) error {
	return fmt.Errorf("%w: operator %.100q of node %.100q: attribute %q is %.100q, want %s", ErrArtifact, n.Operator, n.Name, name, text, want)
}
