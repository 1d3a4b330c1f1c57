package main

import (
	"errors"
	"fmt"
	"iter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/transform"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// write writes rows where the command line says, and counts them.
func (o *batchOptions) write(c *cli.Context, meta result.Meta, results iter.Seq2[infer.Result, error]) error {
	meta.Scones, meta.Format, meta.Columns, meta.Sources = buildInfo().version, o.rows.format, o.rows.columns, []string{o.in}
	sink, err := openSink(c.App.Writer, &o.rows, meta)
	if err != nil {
		return err
	}
	for r, err := range results {
		if err == nil {
			err = sink.Write(r)
		}
		if err != nil {
			return errors.Join(err, sink.Close())
		}
	}
	if err := sink.Finish(); err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: %s, %d failed\n", counted(sink.Rows(), "picture"), sink.Failed())
	if sink.Failed() > 0 {
		return &picturesError{sink.Failed(), sink.Rows()}
	}
	return nil
}

// A ranker names the classes of scores.
type ranker struct {
	labels []string
	topK   int
}

// rank makes a result of a picture's scores. Scores that the labels do not fit are an error of the whole run.
func (r *ranker) rank(name string, scores []float32) (infer.Result, error) {
	if len(r.labels) == 0 {
		for i := range scores {
			r.labels = append(r.labels, fmt.Sprintf("class_%d", i))
		}
	}
	if len(scores) != len(r.labels) {
		return infer.Result{}, &hintedError{fmt.Errorf("the answer for %s has %d scores, there are %d labels", name, len(scores), len(r.labels)), "--labels names every class"}
	}
	top, err := (&model.Model{Labels: r.labels}).Rank(scores, r.topK)
	if err != nil {
		return infer.Result{Name: name, Err: &preprocess.ImageError{Code: preprocess.CodeInference, Err: err}}, nil
	}
	return infer.Result{Name: name, Scores: scores, Top: top}, nil
}

// transformed are the results of a batch's answers.
func (o *batchOptions) transformed(answers iter.Seq2[transform.Answer, error]) iter.Seq2[infer.Result, error] {
	r := &ranker{o.labels, o.rows.columns.TopK}
	return func(yield func(infer.Result, error) bool) {
		for a, err := range answers {
			var result infer.Result
			switch {
			case err != nil:
			case a.Err != nil:
				result = infer.Result{Name: a.Name, Err: answerError(a.Err)}
			default:
				result, err = r.rank(a.Name, a.Scores)
			}
			if !yield(result, err) || err != nil {
				return
			}
		}
	}
}

// answerError gives a picture's error its code.
func answerError(err error) error {
	code := preprocess.CodeInference
	if _, large := errors.AsType[*transform.TooLargeError](err); large {
		code = preprocess.CodeTooLarge
	}
	if bad, ok := errors.AsType[*capture.RecordError](err); ok {
		code = preprocess.Code(bad.Code)
	}
	return &preprocess.ImageError{Code: code, Err: err}
}
