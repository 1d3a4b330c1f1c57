package onnx

import "slices"

// A role says how a node is computed in integers.
type role int

const (
	// layerRole has weights: Conv and Gemm.
	layerRole role = iota + 1
	// rescaleRole gives values of another range than it takes: Add, Mul, Concat, average pools, Sigmoid.
	rescaleRole
	// keepRole moves bytes and leaves their meaning: MaxPool, Flatten, Reshape, Transpose and the like.
	keepRole
	// clampRole is Relu or Clip from 0: behind a layer or a sum the limits of the byte's range do its work.
	clampRole
	// pixelsRole casts bytes to float32: the bytes are what is wanted.
	pixelsRole
)

// plan gives every node its role and lists the tensors that need a range.
func (q *Quantizer) plan() {
	seen := map[string]bool{}
	need := func(name string) {
		if !seen[name] && q.net.tensors[name] == nil {
			seen[name] = true
			q.ranges = append(q.ranges, name)
		}
	}
	bytes := q.byteTensors()
	for _, n := range q.net.nodes {
		r := q.net.roleOf(n, bytes)
		if r == 0 {
			continue
		}
		q.roles[n] = r
		if r == layerRole {
			w := q.net.tensors[n.Inputs[1]]
			q.layers = append(q.layers, Layer{n.label(), n.Operator, int64(len(w.raw) / 4), n})
		}
		if r == layerRole || r == rescaleRole {
			for i, in := range n.Inputs {
				if in != "" && (r == rescaleRole || i == 0) {
					need(in)
				}
			}
		}
		if r != pixelsRole && r != keepRole {
			need(n.Outputs[0])
		}
	}
	q.ranges = slices.DeleteFunc(q.ranges, func(name string) bool { return bytes[name] })
}

// byteTensors are the uint8 input and what only moves it.
func (q *Quantizer) byteTensors() map[string]bool {
	bytes := map[string]bool{}
	for _, v := range q.net.file.Inputs {
		bytes[v.Name] = v.Element == "uint8"
	}
	for _, n := range q.net.nodes {
		switch n.kind() {
		case "Transpose", "Reshape", "Identity", "Flatten", "Squeeze", "Unsqueeze":
			if bytes[n.Inputs[0]] {
				bytes[n.Outputs[0]] = true
			}
		}
	}
	return bytes
}

// roleOf gives the role of a node, 0 when it stays in float32.
func (e *editable) roleOf(n *editNode, bytes map[string]bool) role {
	if len(n.Inputs) == 0 || len(n.Outputs) == 0 || len(n.Outputs) > 1 && n.kind() != "Dropout" {
		return 0
	}
	switch n.kind() {
	case "Conv":
		if e.layerWeights(n, 4) {
			return layerRole
		}
	case "Gemm":
		if n.real("alpha", 1) == 1 && n.real("beta", 1) == 1 && n.integer("transA", 0) == 0 && e.layerWeights(n, 2) {
			return layerRole
		}
	case "Add", "Mul", "Concat":
		return e.rescaleRole(n)
	case "GlobalAveragePool", "AveragePool", "Sigmoid":
		if n.integer("ceil_mode", 0) == 0 && e.known[n.Inputs[0]].ranked {
			return rescaleRole
		}
	case "MaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze":
		if !bytes[n.Inputs[0]] && e.tensors[n.Inputs[0]] == nil && e.isFloat(n.Inputs[0]) {
			return keepRole
		}
	case "Relu":
		return clampRole
	case "Clip":
		if _, ok := e.clipMax(n); ok {
			return clampRole
		}
	case "Cast":
		if bytes[n.Inputs[0]] && n.integer("to", 0) == elementFloat32 {
			return pixelsRole
		}
	}
	return 0
}

// isFloat tells whether a tensor is surely no list of sizes: pictures and features have two dimensions or more.
func (e *editable) isFloat(name string) bool {
	t := e.known[name]
	return t.ranked && len(t.dims) >= 2
}

// layerWeights tells whether a node reads its weights and its bias from stored tensors.
func (e *editable) layerWeights(n *editNode, rank int) bool {
	if len(n.Inputs) < 2 || e.tensors[n.Inputs[0]] != nil {
		return false
	}
	w, b := e.tensors[n.Inputs[1]], (*editTensor)(nil)
	if _, ok := w.floats(); !ok || len(w.dims) != rank || slices.Contains(w.dims, 0) {
		return false
	}
	if !hasInput(&n.Node, 2) {
		return true
	}
	b = e.tensors[n.Inputs[2]]
	_, ok := b.floats()
	return ok && len(b.dims) == 1 && b.dims[0] == w.dims[channelAxis(n)]
}

// channelAxis is the axis of the output channels in a layer's weights.
func channelAxis(n *editNode) int {
	if n.Operator == "Gemm" && n.integer("transB", 0) == 0 {
		return 1
	}
	return 0
}

// rescaleRole is for operators of several inputs: all of them must be values, two must have one shape or differ by broadcast
// of pictures (a gate of one number a channel).
func (e *editable) rescaleRole(n *editNode) role {
	if len(n.Inputs) < 2 {
		return 0
	}
	for _, in := range n.Inputs {
		if t := e.known[in]; e.tensors[in] != nil || !t.ranked || len(t.dims) != 4 {
			return 0
		}
	}
	return rescaleRole
}

// clipMax is the upper limit of a Clip whose lower one is 0.
func (e *editable) clipMax(n *editNode) (limit float32, ok bool) {
	if !hasInput(&n.Node, 1) || !hasInput(&n.Node, 2) {
		return 0, false
	}
	low, ok1 := e.tensors[n.Inputs[1]].floats()
	high, ok2 := e.tensors[n.Inputs[2]].floats()
	if !ok1 || !ok2 || len(low) != 1 || len(high) != 1 || low[0] != 0 || high[0] <= 0 {
		return 0, false
	}
	return high[0], true
}

func (n *Node) real(name string, absent float32) float32 {
	if a := n.attribute(name); a != nil {
		return a.Float
	}
	return absent
}
