// Package infer classifies pictures with a model: one at a time with [Classifier.Classify], folders and streams of any length
// with [Classifier.Batch].
//
// The runtime is hidden behind [Scorer]. [Session] is the only implementation that needs C; it lives in one file with a twin for
// builds without cgo, so that everything else builds and tests with CGO_ENABLED=0.
package infer

import (
	"context"
	"errors"

	"github.com/scones-unlimited/scones/preprocess"
)

// A Scorer runs a model on a batch of ready tensors. It must be safe for concurrent use.
type Scorer interface {
	// Scores writes the raw outputs of the first n pictures of batch into dst, n × classes values, class index fastest.
	// Cancelling ctx makes it return soon with an error that wraps ctx.Err(); batch and dst are not touched after it returned.
	Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error
}

// ErrNoRuntime is wrapped when there is no ONNX Runtime to infer with: the build has no cgo, or no library was found.
var ErrNoRuntime = errors.New("no ONNX Runtime")

// ErrDevice is wrapped when the device that was asked for cannot be had.
var ErrDevice = errors.New("device not available")
