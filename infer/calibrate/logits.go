package calibrate

import (
	"context"
	"fmt"
	"iter"
	"math"
	"sync"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// labelled is what a model said of the pictures whose class is known.
type labelled struct {
	logits     [][]float64
	truth      []int
	unlabelled int
	failed     []Failure
	kept       *keeper
}

// A Failure is a picture that could not be scored.
type Failure struct {
	Picture string          `json:"picture"`
	Code    preprocess.Code `json:"code"`
	Text    string          `json:"text"`
}

// collect scores the pictures by the model's logits.
func collect(ctx context.Context, c *onnx.Calibrator, m *model.Model, pictures iter.Seq2[preprocess.Image, error], o *Options) (*labelled, error) {
	data, output, err := c.Logits()
	if err != nil {
		return nil, err
	}
	raw := *m
	raw.Output = model.Output{Name: output, Activation: model.NoActivation}
	session, err := infer.OpenSession(ctx, &raw, infer.ModelFile{Data: data}, o.Session)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	l := &labelled{kept: newKeeper(&raw, session)}
	classifier, err := infer.New(&raw, l.kept, o.Limits)
	if err != nil {
		return nil, err
	}
	var truth []int
	for r, err := range classifier.Batch(ctx, l.known(pictures, o.Class, &truth), o.Batch) {
		if err != nil {
			return nil, err
		}
		if err := l.add(r, truth[r.Index], c.FromProbabilities()); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(r.Index + 1)
		}
	}
	if n := len(l.truth); n < MinPictures {
		return nil, fmt.Errorf("%w: %d pictures of known class, at least %d are needed", ErrPictures, n, MinPictures)
	}
	return l, nil
}

// known yields the pictures whose class is known and appends their classes, in the same order.
func (l *labelled) known(pictures iter.Seq2[preprocess.Image, error], class func(string) (int, bool), truth *[]int) iter.Seq2[preprocess.Image, error] {
	return func(yield func(preprocess.Image, error) bool) {
		for image, err := range pictures {
			if err == nil {
				c, ok := class(image.Name)
				if !ok {
					l.unlabelled++
					continue
				}
				*truth = append(*truth, c)
			}
			if !yield(image, err) {
				return
			}
		}
	}
}

// add takes in the answer for a picture.
func (l *labelled) add(r infer.Result, truth int, probabilities bool) error {
	if r.Err != nil {
		l.failed = append(l.failed, Failure{r.Name, preprocess.CodeOf(r.Err), r.Err.Error()})
		return nil
	}
	row := make([]float64, len(r.Scores))
	sum := 0.0
	for c, v := range r.Scores {
		row[c] = float64(v)
		if row[c]-row[c] != 0 {
			return fmt.Errorf("calibrating: %q has the logit %v for class %d", r.Name, v, c)
		}
		sum += math.Exp(row[c])
	}
	if probabilities && math.Abs(sum-1) > sumTolerance {
		return fmt.Errorf("%w: its output is behind no softmax that can be found, and the scores of %q sum to %.4g where probabilities sum to 1", onnx.ErrCalibrate, r.Name, sum)
	}
	if len(l.truth) >= maxNumbers/len(row) {
		return fmt.Errorf("%w: more than %d pictures of %d classes cannot be held", ErrPictures, len(l.truth), len(row))
	}
	l.logits, l.truth = append(l.logits, row), append(l.truth, truth)
	return nil
}

// sumTolerance is how far from one probabilities may sum, as in package evaluate; float16 stays within it for a thousand classes.
const sumTolerance = 1e-3

// keptPictures are as many as are scored again by the calibrated file.
const keptPictures = 32

// A keeper is a scorer that keeps the first pictures with their logits.
type keeper struct {
	infer.Scorer
	classes int

	mu     sync.Mutex
	n      int
	tensor *preprocess.Tensor
	logits [][]float64
}

func newKeeper(m *model.Model, s infer.Scorer) *keeper {
	return &keeper{Scorer: s, classes: len(m.Labels), tensor: preprocess.NewTensor(&m.Input, keptPictures)}
}

// Scores implements [infer.Scorer].
func (k *keeper) Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error {
	if err := k.Scorer.Scores(ctx, dst, batch, n); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := 0; i < n && k.n < keptPictures; i++ {
		from, to, per := i*batch.PerPicture, k.n*batch.PerPicture, batch.PerPicture
		if batch.U8 != nil {
			copy(k.tensor.U8[to:to+per], batch.U8[from:])
		} else {
			copy(k.tensor.F32[to:to+per], batch.F32[from:])
		}
		row := make([]float64, k.classes)
		for c, v := range dst[i*k.classes:][:k.classes] {
			row[c] = float64(v)
		}
		k.logits = append(k.logits, row)
		k.n++
	}
	return nil
}
