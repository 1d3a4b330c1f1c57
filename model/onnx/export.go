package onnx

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
)

// ConverterRevision counts the changes to what Export writes. It stands in the file in the place of a build's version, so that
// the same artifact and options give the same bytes whoever built the converter.
const ConverterRevision = "1"

// ExportOptions says what the ONNX file shall be like. The zero value works.
type ExportOptions struct {
	// Labels in class order. Empty gives class_0, class_1 and so on, and a warning: an artifact holds no labels.
	Labels []string
	// Input is the element type of the input: [model.Uint8] (also when empty) takes pixels [N, H, W, C] and converts them inside
	// the graph, [model.Float32] takes MXNet's own [N, C, H, W], 0 to 255.
	Input model.Element
	// Filter of the resize to the model's size; empty means [model.Bilinear]. It goes into the contract, not into the graph.
	Filter model.Filter
	// Name of the model in its manifest; may be empty.
	Name string
	// ApplyEXIF asks for pictures to be turned upright, which SageMaker's own container does not do.
	ApplyEXIF bool
}

// Exported tells what was written.
type Exported struct {
	Model    *model.Model // the contract that went into the file
	Warnings []string     // what the user should know, a sentence each
	Folded   int          // batch normalisations that became part of a convolution or matrix product
}

// An OperatorError is a node that cannot be converted. It wraps [mxnet.ErrArtifact].
type OperatorError struct {
	Operator, Node string
	Problem        string
}

// Error names operator and node.
func (e *OperatorError) Error() string {
	return fmt.Sprintf("operator %.100q of node %.100q: %s", e.Operator, e.Node, e.Problem)
}

// Unwrap returns [mxnet.ErrArtifact].
func (e *OperatorError) Unwrap() error { return mxnet.ErrArtifact }

// Export writes the artifact to w as an ONNX model that carries its contract. The graph computes what MXNet computes, in float32
// whatever the artifact's element type; weights are streamed, so memory does not grow with them. Nodes keep MXNet's names. What
// cannot be converted is an [*OperatorError]; after an error w holds part of a file.
func Export(w io.Writer, a *mxnet.Artifact, o ExportOptions) (*Exported, error) {
	in, err := pictureInput(a)
	if err != nil {
		return nil, err
	}
	c := newConverter(a)
	if err := c.convert(in, o.Input); err != nil {
		return nil, err
	}
	done := &Exported{Folded: c.folded, Warnings: c.warnings}
	if done.Model, err = c.contract(in, o, done); err != nil {
		return nil, err
	}
	if err := c.graph.write(w, model.MetadataKey, string(done.Model.JSON())); err != nil {
		return nil, err
	}
	done.warnStored(c)
	return done, nil
}

// warnStored reports arrays that nothing uses and values that are not finite.
func (e *Exported) warnStored(c *converter) {
	var unused, broken []string
	for _, name := range slices.Sorted(maps.Keys(c.artifact.Arrays)) {
		if !c.used[name] {
			unused = append(unused, name)
		}
	}
	for _, s := range c.graph.weights {
		if s.nan {
			broken = append(broken, s.name)
		}
	}
	if len(unused) > 0 {
		e.warn("the symbol does not use %s", few("array", unused))
	}
	if len(broken) > 0 {
		e.warn("NaN or infinite values in %s: the training diverged", few("array", broken))
	}
}

func (e *Exported) warn(format string, args ...any) {
	e.Warnings = append(e.Warnings, fmt.Sprintf(format, args...))
}

// few names up to three things and counts them all.
func few(noun string, names []string) string {
	if len(names) == 1 {
		return fmt.Sprintf("%s %.100q", noun, names[0])
	}
	shown := make([]string, 0, 3)
	for _, name := range names[:min(3, len(names))] {
		shown = append(shown, fmt.Sprintf("%.100q", name))
	}
	list := strings.Join(shown, ", ")
	if len(names) > 3 {
		list += ", …"
	}
	return fmt.Sprintf("%d %ss (%s)", len(names), noun, list)
}
