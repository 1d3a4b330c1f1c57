//go:build !cgo

package infer

import (
	"context"
	"fmt"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// errNoCgo is what every way to a runtime returns in a build without cgo.
var errNoCgo = &noCgoError{}

// A noCgoError says that this program was built without the means to load ONNX Runtime. It wraps [ErrNoRuntime].
type noCgoError struct{}

func (*noCgoError) Error() string {
	return fmt.Sprintf("%v: this program was built without cgo (CGO_ENABLED=0)", ErrNoRuntime)
}

func (*noCgoError) Unwrap() error { return ErrNoRuntime }

// Hint says how to get a program that can infer.
func (*noCgoError) Hint() string {
	return "build it with CGO_ENABLED=1 and a C compiler: CGO_ENABLED=1 go install github.com/scones-unlimited/scones/cmd/scones@latest"
}

// A Session runs a model in ONNX Runtime, which this build cannot.
type Session struct{}

// OpenSession returns an error that wraps [ErrNoRuntime], because this program was built without cgo.
func OpenSession(context.Context, *model.Model, ModelFile, SessionOptions) (*Session, error) {
	return nil, errNoCgo
}

// Probe returns an error that wraps [ErrNoRuntime], because this program was built without cgo.
func Probe(SessionOptions) (Info, map[Device]error, error) { return Info{}, nil, errNoCgo }

// Info is empty in this build.
func (*Session) Info() Info { return Info{} }

// Scores returns an error that wraps [ErrNoRuntime].
func (*Session) Scores(context.Context, []float32, *preprocess.Tensor, int) error { return errNoCgo }

// Close does nothing.
func (*Session) Close() error { return nil }
