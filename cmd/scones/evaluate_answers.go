package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// evaluated is a model's answers, what made them, and how their pictures are found.
type evaluated struct {
	set     evaluate.Set
	meta    result.Meta
	from    string // where the true classes stand
	warning string
	classes *classNames
}

// answersOf gets the answers of a model, by name, or of a file of rows.
func answersOf(c *cli.Context, o *evaluateOptions, name string) (*evaluated, error) {
	if isRows(name) {
		return answersOfRows(c, o, name)
	}
	return answersOfModel(c, o, name)
}

// answersOfModel classifies every picture that has a true class.
func answersOfModel(c *cli.Context, o *evaluateOptions, name string) (*evaluated, error) {
	classifier, meta, err := openNamedClassifier(c, name, o.limits)
	if err != nil {
		return nil, err
	}
	defer classifier.close()
	e := &evaluated{meta: meta, classes: &classNames{labels: slices.Clone(classifier.Model.Labels)}}
	var t *truth
	if t, e.from, err = o.truth(e.classes); err != nil {
		return nil, err
	}
	e.set.Labels = e.classes.labels
	bar := newProgress(c.App.ErrWriter, "classify", countLabelled(c.Context, o, t), false)
	defer bar.Clear()
	options := classifier.batchOptions()
	for r, err := range classifier.Batch(c.Context, o.labelled(c.Context, t, &e.set.Unlabelled), options) {
		if err != nil {
			return nil, err
		}
		_ = bar.Add(1)
		if r.Err != nil {
			e.set.Failed = append(e.set.Failed, evaluate.Failure{Picture: r.Name, Code: string(preprocess.CodeOf(r.Err)), Text: r.Err.Error()})
			continue
		}
		class, _ := t.of(r.Name)
		a := evaluate.Answer{Picture: r.Name, Truth: class, Predicted: r.Top[0].Index, Score: float64(r.Top[0].Score), Scores: make([]float64, len(r.Scores))}
		for i, v := range r.Scores {
			a.Scores[i] = float64(v)
		}
		e.set.Answers = append(e.set.Answers, a)
	}
	return e, nil
}

// labelled yields the pictures that have a true class, each once, and notes the others.
func (o *evaluateOptions) labelled(ctx context.Context, t *truth, others *[]string) iter.Seq2[preprocess.Image, error] {
	return func(yield func(preprocess.Image, error) bool) {
		for image, err := range o.pictures(ctx, t) {
			if err == nil {
				if _, ok := t.of(image.Name); !ok {
					*others = append(*others, image.Name)
					continue
				}
			}
			if !yield(image, err) || err != nil {
				return
			}
		}
	}
}

// pictures are those of the folder, or those that are listed.
func (o *evaluateOptions) pictures(ctx context.Context, t *truth) iter.Seq2[preprocess.Image, error] {
	if t.listed == nil {
		return preprocess.Folder(ctx, o.data, nil)
	}
	return func(yield func(preprocess.Image, error) bool) {
		for _, path := range t.order {
			if err := ctx.Err(); err != nil {
				yield(preprocess.Image{}, err)
				return
			}
			if !yield(preprocess.File(t.find(path)), nil) {
				return
			}
		}
	}
}

// find gives a listed path from the first root where it is, else from the first root: opening it says that it is not there.
func (t *truth) find(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	for _, root := range t.roots {
		if name := filepath.Join(root, path); exists(name) {
			return name
		}
	}
	return filepath.Join(t.roots[0], path)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// countLabelled is the total of a progress bar, -1 where nobody sees one.
func countLabelled(ctx context.Context, o *evaluateOptions, t *truth) int64 {
	if t.listed != nil {
		return int64(len(t.order))
	}
	n := int64(0)
	for range o.pictures(ctx, t) {
		n++
	}
	return n
}

// agree brings the second model's classes into the first one's order.
func agree(first, second *evaluated, name string) error {
	if err := second.set.Reorder(first.set.Labels); err != nil {
		return fmt.Errorf("comparing with %q: %w", name, err)
	}
	return nil
}
