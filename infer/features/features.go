// Package features computes what a model sees in pictures: the vectors that go into its last linear layer.
package features

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// maxModel is the largest file that is read into memory to give it another output.
const maxModel = 1 << 30

// An Extractor turns pictures into vectors. Close it.
type Extractor struct {
	classifier *infer.Classifier
	session    *infer.Session
	width      int
}

// Open makes a session of a model whose answer is its features. Errors wrap [onnx.ErrNoFeatures] where it has none.
func Open(ctx context.Context, s *source.Source, o infer.SessionOptions, limits preprocess.Limits) (*Extractor, error) {
	name, width, err := s.File.Features()
	if err != nil {
		return nil, err
	}
	data := s.Data
	if data == nil {
		if len(s.File.SideFiles()) > 0 {
			return nil, fmt.Errorf("%w that can be shown: the weights lie in other files", onnx.ErrNoFeatures)
		}
		if data, err = read(s.Path); err != nil {
			return nil, err
		}
	}
	if data, err = onnx.WithOutput(data, name, width); err != nil {
		return nil, err
	}
	m := *s.Model
	m.Labels = slices.Repeat([]string{"feature"}, width)
	m.Output = model.Output{Name: name, Activation: model.NoActivation}
	session, err := infer.OpenSession(ctx, &m, infer.ModelFile{Data: data}, o)
	if err != nil {
		return nil, fmt.Errorf("opening the model at its features: %w", err)
	}
	classifier, err := infer.New(&m, session, limits)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return &Extractor{classifier, session, width}, nil
}

// Width of the vectors.
func (e *Extractor) Width() int { return e.width }

// Close frees the session.
func (e *Extractor) Close() error { return e.session.Close() }

// Vector is what the model sees in a picture. Errors about the picture are [*preprocess.ImageError].
func (e *Extractor) Vector(ctx context.Context, picture []byte) ([]float32, error) {
	return e.classifier.Classify(ctx, picture)
}

func read(name string) ([]byte, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxModel+1))
	if err == nil && len(data) > maxModel {
		err = fmt.Errorf("%q is larger than %d MiB: its features are not computed", name, maxModel>>20)
	}
	return data, err
}
