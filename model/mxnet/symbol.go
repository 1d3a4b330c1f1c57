package mxnet

import (
	"fmt"
	"strings"
)

// Symbol is a network: nodes that refer to each other, and the nodes whose outputs it gives.
type Symbol struct {
	Nodes   []Node
	Heads   []Ref
	Version int // of MXNet, 10000·major + 100·minor + patch; 0 when the file does not say
}

// Node is an operator, or a variable (an input or a weight) when Operator is "null".
type Node struct {
	Operator   string
	Name       string
	Inputs     []Ref
	attributes map[string]string
}

// Ref is one output of a node.
type Ref struct {
	Node   int // index into Symbol.Nodes
	Output int
}

// Variable tells whether the node is an input or a weight.
func (n *Node) Variable() bool { return n.Operator == "null" }

// Framework names the version that wrote the symbol, such as "mxnet 1.4.1"; just "mxnet" when the file does not say.
func (s *Symbol) Framework() string {
	if s.Version <= 0 {
		return "mxnet"
	}
	return fmt.Sprintf("mxnet %d.%d.%d", s.Version/10000, s.Version/100%100, s.Version%100)
}

// Reached lists the indices of the nodes that head needs, inputs before what uses them. A network that runs in a circle is an
// error that wraps [ErrArtifact].
func (s *Symbol) Reached(head Ref) ([]int, error) {
	const (
		unseen = iota
		onPath
		done
	)
	state := make([]byte, len(s.Nodes))
	next := make([]int, len(s.Nodes)) // the input of each node to look at next
	path := []int{head.Node}
	state[head.Node] = onPath
	var order []int
	for len(path) > 0 {
		at := path[len(path)-1]
		if next[at] == len(s.Nodes[at].Inputs) {
			state[at] = done
			order = append(order, at)
			path = path[:len(path)-1]
			continue
		}
		in := s.Nodes[at].Inputs[next[at]].Node
		next[at]++
		switch state[in] {
		case onPath:
			return nil, fmt.Errorf("%w: node %.100q depends on itself", ErrArtifact, s.Nodes[in].Name)
		case unseen:
			state[in] = onPath
			path = append(path, in)
		}
	}
	return order, nil
}

// check verifies that every reference leads to a node, and gives batch normalisations of files from before MXNet 0.9 the two
// variables that those files leave out.
func (s *Symbol) check() error {
	for i := range s.Nodes {
		n := &s.Nodes[i]
		for _, in := range n.Inputs {
			if in.Node < 0 || in.Node >= len(s.Nodes) || in.Output < 0 {
				return fmt.Errorf("%w: node %.100q takes output %d of node %d, which does not exist", ErrArtifact, n.Name, in.Output, in.Node)
			}
		}
		if n.Variable() && len(n.Inputs) > 0 {
			return fmt.Errorf("%w: variable %.100q has inputs", ErrArtifact, n.Name)
		}
	}
	if len(s.Heads) == 0 {
		return fmt.Errorf("%w: the symbol has no heads", ErrArtifact)
	}
	for _, h := range s.Heads {
		if h.Node < 0 || h.Node >= len(s.Nodes) || h.Output < 0 {
			return fmt.Errorf("%w: head %d:%d is no node", ErrArtifact, h.Node, h.Output)
		}
	}
	for i := range len(s.Nodes) {
		n := &s.Nodes[i]
		if !strings.HasPrefix(n.Operator, "BatchNorm") || len(n.Inputs) != 3 {
			continue
		}
		for _, aux := range []string{"_moving_mean", "_moving_var"} {
			s.Nodes[i].Inputs = append(s.Nodes[i].Inputs, Ref{Node: len(s.Nodes)})
			s.Nodes = append(s.Nodes, Node{Operator: "null", Name: s.Nodes[i].Name + aux})
		}
	}
	return nil
}
