package onnx

// HideSoftmax puts a multiplication by 1 behind an output, so that the operator that made it is not seen.
func HideSoftmax(data []byte, output string) ([]byte, error) {
	taken := &editable{taken: map[string]bool{output: true}}
	e := edit{before: 1 << 30, rename: map[string]string{output: taken.free(output)}}
	one := e.constant(taken, "one", nil, 1)
	e.nodes = append(e.nodes, newNode("Mul", "", []string{e.rename[output], one}, output))
	return e.apply(data)
}
