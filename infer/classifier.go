package infer

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Classifier answers for pictures: a model's contract, the preprocessing that the contract asks for, and a runtime. For one
// picture in memory call [Classifier.Classify], for any number of files range over [Classifier.Batch]. It is safe for concurrent
// use.
type Classifier struct {
	Model    *model.Model
	Pipeline *preprocess.Pipeline
	Scorer   Scorer
}

// New joins a model's manifest with a scorer that runs its weights. Limits hold for every picture.
func New(m *model.Model, scorer Scorer, limits preprocess.Limits) (*Classifier, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	pipeline, err := preprocess.New(&m.Input, limits)
	if err != nil {
		return nil, err
	}
	return &Classifier{m, pipeline, scorer}, nil
}

// Classify returns the probabilities of one picture in class order. Errors about the picture are [*preprocess.ImageError].
func (c *Classifier) Classify(ctx context.Context, image []byte) ([]float32, error) {
	r := c.Answer(ctx, image)
	return r.Scores, r.Err
}

// Answer is Classify with the picture's size. Of the result's fields Name, Top and Elapsed are left to the caller.
func (c *Classifier) Answer(ctx context.Context, image []byte) (r Result) {
	picture, err := c.Pipeline.Load(preprocess.Image{
		Name: "picture",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(image)), nil },
	})
	if err != nil {
		r.Err = err
		return r
	}
	defer c.Pipeline.Release(picture)
	r.Width, r.Height = picture.SourceWidth, picture.SourceHeight
	tensor := preprocess.NewTensor(&c.Model.Input, 1)
	if r.Err = c.Pipeline.Fill(tensor, 0, picture); r.Err != nil {
		return r
	}
	scores := make([]float32, len(c.Model.Labels))
	if err := c.Scorer.Scores(ctx, scores, tensor, 1); err != nil {
		r.Err = fmt.Errorf("score picture: %w", err)
		return r
	}
	c.Model.Probabilities(scores)
	r.Scores = scores
	return r
}
