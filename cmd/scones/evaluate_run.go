package main

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/preprocess"
)

// runEvaluate runs a checked command line.
func runEvaluate(c *cli.Context, o *evaluateOptions) error {
	name := c.String("model")
	if o.rows != "" {
		name = o.rows
	}
	first, err := answersOf(c, o, name)
	if err != nil {
		return err
	}
	var second *evaluated
	if o.compare != "" {
		if second, err = answersOf(c, o, o.compare); err == nil {
			err = agree(first, second, o.compare)
		}
		if err != nil {
			return err
		}
	}
	doubts, err := findDoubts(c, o, first)
	if err != nil {
		return err
	}
	report, err := evaluate.Run(&first.set, doubts, o.run)
	if err != nil {
		return fmt.Errorf("evaluating %q: %w", o.where(), err)
	}
	report.Subject = o.subject(first)
	if second != nil {
		if report.Comparison, err = evaluate.Compare(&first.set, &second.set); err != nil {
			return fmt.Errorf("comparing with %q: %w", o.compare, err)
		}
		report.Comparison.Model = second.meta.Model
	}
	for _, e := range []*evaluated{first, second} {
		if e != nil && e.warning != "" {
			report.Notes = append(report.Notes, e.warning)
		}
	}
	if err := o.write(c, report); err != nil {
		return err
	}
	return verdict(report)
}

// verdict is the error of a gate that is not met, else of pictures without an answer.
func verdict(r *evaluate.Report) error {
	var missed []string
	for _, g := range r.Gates {
		if !g.Passed {
			missed = append(missed, g.Text)
		}
	}
	if missed != nil {
		return &gateError{strings.Join(missed, "; ")}
	}
	if failed := len(r.Doubts.Unreadable); failed > 0 {
		return &picturesError{failed, failed + r.Pictures}
	}
	return nil
}

func (o *evaluateOptions) subject(e *evaluated) evaluate.Subject {
	return evaluate.Subject{
		Scones: buildInfo().version, Model: e.meta.Model, ModelSHA: e.meta.ModelSHA, Contract: e.meta.Contract, Runtime: e.meta.Runtime,
		Device: e.meta.Device, Decoder: e.meta.Decoder, Data: o.where(), Truth: e.from, TrainSet: o.train,
	}
}

// findDoubts compares the pictures with each other and with the training pictures. Without --data, rows may be all there is.
func findDoubts(c *cli.Context, o *evaluateOptions, e *evaluated) (evaluate.Doubts, error) {
	var d evaluate.Doubts
	if o.rows != "" && o.data == "" && o.train == "" {
		return d, nil
	}
	bar := newProgress(c.App.ErrWriter, "compare", int64(len(e.set.Answers)), false)
	defer bar.Clear()
	tick := func() { _ = bar.Add(1) }
	prints, _, err := evaluate.Prints(c.Context, o.answered(c.Context, e), o.limits, tick)
	if err != nil {
		return d, err
	}
	label := map[string]string{}
	for i := range e.set.Answers {
		label[e.set.Answers[i].Picture] = e.set.Labels[e.set.Answers[i].Truth]
	}
	for i := range prints {
		prints[i].Label = label[prints[i].Picture]
	}
	d.Compared = len(prints)
	if d.Duplicates, err = evaluate.Duplicates(c.Context, prints); err != nil || o.train == "" {
		return d, err
	}
	bar.ChangeMax(-1)
	train, failed, err := evaluate.Prints(c.Context, preprocess.Paths(c.Context, []string{o.train}, "", nil, nil), o.limits, tick)
	if err != nil {
		return d, fmt.Errorf("reading --train: %w", err)
	}
	if len(train) == 0 {
		return d, fmt.Errorf("--train %q: there is no picture that can be read", o.train)
	}
	d.Train, d.UnreadableTrain = len(train), failed
	if err := labelTrain(train, o.train, e.classes); err != nil {
		return d, fmt.Errorf("reading --train: %w", err)
	}
	d.Leaked, err = evaluate.Leaks(c.Context, prints, train)
	return d, err
}

// labelTrain gives training pictures the labels of their folders, where these are labels, or of their list.
func labelTrain(train []evaluate.Print, from string, classes *classNames) error {
	t := &truth{folder: from, classes: &classNames{labels: classes.labels}}
	if strings.EqualFold(filepath.Ext(from), ".lst") {
		var err error
		if t, err = listTruth(from, "", t.classes); err != nil {
			return err
		}
	}
	for i := range train {
		if class, ok := t.of(train[i].Picture); ok {
			train[i].Label = classes.labels[class]
		}
	}
	return nil
}

// answered yields the files of the pictures that have an answer.
func (o *evaluateOptions) answered(ctx context.Context, e *evaluated) iter.Seq2[preprocess.Image, error] {
	return func(yield func(preprocess.Image, error) bool) {
		for i := range e.set.Answers {
			if err := ctx.Err(); err != nil {
				yield(preprocess.Image{}, err)
				return
			}
			if !yield(o.open(e.set.Answers[i].Picture), nil) {
				return
			}
		}
	}
}

// open gives the picture of a name that results show.
func (o *evaluateOptions) open(name string) preprocess.Image {
	image := preprocess.File(pictureFile(o, name))
	image.Name = name
	return image
}
