package onnx

import (
	"errors"
	"fmt"

	"github.com/scones-unlimited/scones/model"
)

// ErrNoManifest says that a file carries no manifest: it was not written by scones, or its metadata was lost on the way.
var ErrNoManifest = errors.New("the ONNX file carries no manifest")

// Manifest returns the contract that the file carries under [model.MetadataKey]. Without one the error is [ErrNoManifest];
// one that cannot be used gives an error that wraps [model.ErrManifest].
func (f *File) Manifest() (*model.Model, error) {
	text, ok := f.Metadata[model.MetadataKey]
	if !ok {
		return nil, ErrNoManifest
	}
	m, err := model.Parse([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("reading metadata %q: %w", model.MetadataKey, err)
	}
	return m, nil
}
