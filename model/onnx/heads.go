package onnx

import (
	"fmt"

	"github.com/scones-unlimited/scones/model/mxnet"
)

// head chooses the output that holds the scores. A network trained with a loss of its own is a group of that loss and of the
// scores behind a BlockGrad; the loss is left out.
func (c *converter) head() (mxnet.Ref, error) {
	heads := c.symbol.Heads
	if len(heads) == 1 {
		return heads[0], nil
	}
	var kept []mxnet.Ref
	var names []string
	for _, h := range heads {
		n := &c.symbol.Nodes[h.Node]
		if n.Operator == "MakeLoss" || n.Operator == "make_loss" {
			continue
		}
		kept = append(kept, h)
		names = append(names, n.Name)
	}
	if len(kept) != 1 {
		return mxnet.Ref{}, fmt.Errorf("%w: %d of the symbol's %d heads may hold the scores (%s), want one",
			mxnet.ErrArtifact, len(kept), len(heads), few("head", names))
	}
	return kept[0], nil
}
