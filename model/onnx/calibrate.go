package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model"
)

// ErrCalibrate is wrapped when the scores of a model cannot be calibrated in its graph; the message says why.
var ErrCalibrate = errors.New("cannot be calibrated")

// minCalibratedOpset is the first of ONNX's operator sets whose Div, Mul and Add broadcast by themselves.
const minCalibratedOpset = 7

// A Scaling is what calibration does to the logits of each picture before the softmax.
type Scaling struct {
	// Temperature divides every logit (Platt 1999, Guo et al. 2017). It is finite and above 0; 0 when Weights are given.
	Temperature float32 `json:"temperature,omitempty"`
	// Weights multiply the logits and Biases are added then, one a class (vector scaling, Guo et al. 2017). Nil with a Temperature.
	Weights []float32 `json:"weights,omitempty"`
	Biases  []float32 `json:"biases,omitempty"`
}

// check refuses what would make NaN of every score.
func (s *Scaling) check(classes int) error {
	numbers := slices.Concat(s.Weights, s.Biases)
	switch {
	case len(numbers) == 0 && !(s.Temperature > 0 && s.Temperature <= math.MaxFloat32):
		return fmt.Errorf("%w: temperature %v, want a number above 0", ErrCalibrate, s.Temperature)
	case len(numbers) > 0 && (len(s.Weights) != classes || len(s.Biases) != classes || s.Temperature != 0):
		return fmt.Errorf("%w: %d weights, %d biases and temperature %v for %d classes", ErrCalibrate, len(s.Weights), len(s.Biases), s.Temperature, classes)
	case slices.ContainsFunc(numbers, func(v float32) bool { return v-v != 0 }):
		return fmt.Errorf("%w: a weight or bias is not finite", ErrCalibrate)
	}
	return nil
}

// A Calibrator writes a scaling of the logits into a model. [Calibrator.Logits] gives a model that tells the logits, so that a scaling
// can be fitted; [Calibrator.Build] gives the calibrated model. All bytes of the file but the nodes at its end stay as they are.
type Calibrator struct {
	data    []byte
	file    *File
	output  Value
	classes int
	taken   map[string]bool
	place   place
	softmax int    // index of the node, with beforeSoftmax
	logits  string // tensor that is scaled
	rank    int    // of that tensor
}

// A place says where the logits are.
type place int

const (
	// beforeSoftmax: the graph ends in a softmax, and its input holds the logits.
	beforeSoftmax place = iota
	// atOutput: the graph's output holds the logits; the softmax is the caller's.
	atOutput
	// fromProbabilities: the graph's output holds probabilities and their softmax is not seen. Their logarithms differ from the logits by
	// a constant, which a softmax does not see.
	fromProbabilities
)

// NewCalibrator looks for the logits of a model whose contract is m. The weights must lie in the same bytes. Errors wrap [ErrFormat] or
// [ErrCalibrate].
func NewCalibrator(data []byte, m *model.Model) (*Calibrator, error) {
	if len(data) > MaxQuantizedBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are held", ErrCalibrate, len(data), MaxQuantizedBytes)
	}
	f, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	c := &Calibrator{data: data, file: f, classes: len(m.Labels), taken: names(f), rank: 2}
	if side := f.SideFiles(); len(side) > 0 {
		return nil, fmt.Errorf("%w: weights lie in %s beside the model: save the model as one file first", ErrCalibrate, few("file", side))
	}
	switch {
	case m.Output.MultiLabel, m.Output.Activation == model.Sigmoid:
		return nil, fmt.Errorf("%w: every class has a score of its own (sigmoid), and a folder tells one class a picture", ErrCalibrate)
	case c.classes < 2:
		return nil, fmt.Errorf("%w: it has one class, whose score is always 1", ErrCalibrate)
	case c.opset() < minCalibratedOpset:
		return nil, fmt.Errorf("%w: its operator set is %d, %d or later is needed", ErrCalibrate, c.opset(), minCalibratedOpset)
	}
	at := slices.IndexFunc(f.Outputs, func(v Value) bool { return v.Name == m.Output.Name })
	if at < 0 {
		return nil, fmt.Errorf("%w: it has no output %.100q", ErrCalibrate, m.Output.Name)
	}
	c.output = f.Outputs[at]
	if c.output.Shape != nil {
		c.rank = len(c.output.Shape)
	}
	return c, c.locate(m.Output.Activation)
}

func (c *Calibrator) opset() int64 {
	for _, o := range c.file.Opsets {
		if o.Domain == "" || o.Domain == "ai.onnx" {
			return o.Version
		}
	}
	return 0
}

// locate finds the place of the scaling.
func (c *Calibrator) locate(activation model.Activation) error {
	maker := c.maker(c.output.Name)
	switch {
	case maker < 0:
		return fmt.Errorf("%w: no node makes its output %.100q", ErrCalibrate, c.output.Name)
	case activation == model.Softmax:
		c.place, c.logits = atOutput, c.output.Name
	case c.endsInSoftmax(maker):
		c.place = beforeSoftmax
		return nil
	default:
		c.place, c.logits = fromProbabilities, c.output.Name
	}
	for i := range c.file.Nodes {
		if slices.ContainsFunc(c.file.Nodes[i].Attributes, func(a Attribute) bool { return a.Graph }) {
			return fmt.Errorf("%w: node %.100q holds a graph, which may read the output that would be renamed", ErrCalibrate, c.file.Nodes[i].Name)
		}
	}
	return nil
}

// maker is the index of the node that makes a tensor, -1 for none.
func (c *Calibrator) maker(name string) int {
	return slices.IndexFunc(c.file.Nodes, func(n Node) bool { return slices.Contains(n.Outputs, name) })
}

// endsInSoftmax follows the output back to a softmax over the classes, through nodes that change no number.
func (c *Calibrator) endsInSoftmax(at int) bool {
	reshaped := false
	for range len(c.file.Nodes) {
		if at < 0 || len(c.file.Nodes[at].Inputs) == 0 {
			return false
		}
		n := &c.file.Nodes[at]
		switch n.kind() {
		case "Identity":
		case "Flatten", "Reshape", "Squeeze", "Unsqueeze":
			reshaped = true
		case "Softmax":
			if reshaped {
				t := c.file.infer(nil).known[n.Inputs[0]]
				if !t.ranked {
					return false
				}
				c.rank = len(t.dims)
			}
			c.softmax, c.logits = at, n.Inputs[0]
			return c.overClasses(n)
		default:
			return false
		}
		at = c.maker(n.Inputs[0])
	}
	return false
}

// overClasses tells whether a softmax runs over the classes of one picture: axis 1 of [N, C] or [N, C, 1, 1]. Before operator set 13 it
// runs over all axes from the given one on, 1 when none is given; since then the default is the last.
func (c *Calibrator) overClasses(n *Node) bool {
	absent := int64(-1)
	if c.opset() < 13 {
		absent = 1
	}
	axis := n.integer("axis", absent)
	return (c.rank == 2 || c.rank == 4) && (axis == 1 || axis+int64(c.rank) == 1)
}

// FromProbabilities tells that no softmax was found: the logits are logarithms of what the model answers, which must be probabilities.
func (c *Calibrator) FromProbabilities() bool { return c.place == fromProbabilities }
