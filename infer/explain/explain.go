// Package explain shows where in a picture a model looks.
//
// It covers patches of the picture, one at a time, and asks the model again: where the evidence for the class falls, the model had
// looked (occlusion; Zeiler and Fergus 2014). That needs no gradient, so any model that package infer can run is explained. Patches of
// several sizes are merged, because a model looks at spokes and at whole wheels.
//
// A map may still be wrong, so it is put to the test: pixels are taken away in the map's order, and put back in it, while the model
// watches (deletion and insertion; Petsiuk, Das and Saenko 2018). The same is done with the same patches in random places. A map that
// is no better than those explains nothing, and [Explanation.Holds] says so.
//
// [New] joins a classifier with options, [Explainer.Explain] explains one picture, [Overlay] draws the answer and [WritePage] shows
// many. Nothing is random from run to run: the same picture, model and options give the same numbers.
package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// Options of [New]. The zero value is a good choice.
type Options struct {
	// Sizes are the sides of the square patches, in pixels of the model's picture; empty means [Sizes].
	Sizes []int
	// Fill is what a covered patch shows; empty means [Blur].
	Fill Fill
	// Class to explain, by its label; empty means the picture's most probable one.
	Class string
	// Batch is the largest number of covered pictures in one call of the scorer; zero means 16.
	Batch int
	// Workers call the scorer side by side; zero means one.
	Workers int
	// Progress is told how many of a picture's calls are done; nil for silence. It is called from several goroutines, never at once.
	Progress func(done, total int)
}

// MaxPatches bounds the patches of one picture. Sizes that need more are refused.
const MaxPatches = 100_000

// ErrOptions is wrapped when the options do not fit the model; the message names the field.
var ErrOptions = errors.New("cannot explain so")

// An Explainer explains a model's answers. It is safe for concurrent use.
type Explainer struct {
	classifier *infer.Classifier
	ready      *preprocess.Pipeline // for pictures that are as the model sees them
	o          Options
	class      int // to explain; -1 for each picture's own
	patches    []patch
}

// New checks the options against the model. Errors wrap [ErrOptions].
func New(c *infer.Classifier, o Options) (*Explainer, error) {
	in := c.Model.Input
	in.Resize, in.Decode = model.Resize{Mode: model.None}, ""
	ready, err := preprocess.New(&in, preprocess.Limits{MaxPixels: int64(in.Width) * int64(in.Height)})
	if err != nil {
		return nil, err
	}
	e := &Explainer{classifier: c, ready: ready, o: o, class: -1}
	if len(o.Sizes) == 0 {
		e.o.Sizes = Sizes(in.Width, in.Height)
	}
	if o.Fill == "" {
		e.o.Fill = Blur
	}
	e.o.Batch, e.o.Workers = max(o.Batch, 0), max(o.Workers, 1)
	if e.o.Batch == 0 {
		e.o.Batch = 16
	}
	if !slices.Contains(Fills, e.o.Fill) {
		return nil, fmt.Errorf("%w: fill %q is not known, it must be one of %v", ErrOptions, o.Fill, Fills)
	}
	if o.Class != "" {
		if e.class = slices.Index(c.Model.Labels, o.Class); e.class < 0 {
			return nil, fmt.Errorf("%w: the model has no class %q", ErrOptions, o.Class)
		}
	}
	e.patches, err = lay(in.Width, in.Height, e.o.Sizes)
	return e, err
}

// Explain explains the model's answer for one picture. Errors about the picture are [*preprocess.ImageError].
func (e *Explainer) Explain(ctx context.Context, img preprocess.Image) (*Explanation, error) {
	pipeline := e.classifier.Pipeline
	source, err := pipeline.Load(img) // stays with the explanation, so it is not released
	if err != nil {
		return nil, err
	}
	seen, err := pipeline.Render(source)
	if err != nil {
		return nil, err
	}
	x := &Explanation{
		Picture: img.Name, Width: seen.Width, Height: seen.Height, Sizes: e.o.Sizes, Fill: e.o.Fill,
		Source: source, Seen: seen, Window: pipeline.Window(source),
	}
	q := &questions{e: e, ctx: ctx, seen: seen, total: e.Calls()}
	if err := q.answer(x); err != nil {
		return nil, err
	}
	drops, err := q.cover(x)
	if err != nil {
		return nil, err
	}
	x.Values = merge(seen.Width, seen.Height, e.patches, drops)
	if err := q.test(x, drops); err != nil {
		return nil, err
	}
	x.Calls = q.total
	return x, nil
}

// Calls is how many pictures the model is asked for to explain one.
func (e *Explainer) Calls() int { return 1 + len(e.patches) + e.testCalls() }

// answer asks for the picture as it is.
func (q *questions) answer(x *Explanation) error {
	m := q.e.classifier.Model
	var bad error
	err := q.ask(1, func(*preprocess.Picture, int) {}, func(_ int, scores []float32) {
		top, err := m.Rank(scores, 1)
		if err != nil {
			bad = &preprocess.ImageError{Code: preprocess.CodeInference, Err: err}
			return
		}
		x.Answer = top[0]
		if q.e.class < 0 {
			q.class = top[0].Index
		} else {
			q.class = q.e.class
		}
		x.Class = model.Class{Index: q.class, Label: m.Label(q.class), Score: scores[q.class]}
		q.whole = q.evidence(scores)
	})
	return errors.Join(err, bad)
}

// cover gives for each patch how much evidence is lost when it is covered.
func (q *questions) cover(x *Explanation) ([]float64, error) {
	drops := make([]float64, len(q.e.patches))
	fill := newFiller(q.seen, x.Fill, x.Sizes)
	err := q.ask(len(drops), func(dst *preprocess.Picture, i int) {
		fill.cover(dst, q.e.patches[i])
	}, func(i int, scores []float32) {
		drops[i] = q.whole - q.evidence(scores)
	})
	return drops, err
}
