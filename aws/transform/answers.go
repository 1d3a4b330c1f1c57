package transform

import (
	"context"
	"fmt"
	"iter"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer/capture"
)

// An Answer is what was said of one picture.
type Answer struct {
	// Name is the picture's, s3://bucket/key.
	Name   string
	Scores []float32 // in class order; nil with Err
	Err    error
}

// The reasons why a picture has no answer; [capture.RecordError] is another.
type (
	// A TooLargeError is a picture that no request may hold.
	TooLargeError struct{ Bytes int64 }
	// A FailedError is a picture that the job left without an answer.
	FailedError struct{ Reason string }
)

// Error gives size and limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the picture has %d bytes, batch transform takes %d MiB", e.Bytes, MaxPayloadMB)
}

// Error gives the reason.
func (e *FailedError) Error() string { return e.Reason }

// maxAnswer bounds one answer, in bytes: a million classes.
const maxAnswer = 32 << 20

// readers are answers that are read at a time.
const readers = 16

// Answers yields the answer for every picture, in their order. Reasons are of [Batch.Reasons], and may be nil; without one of its own a
// picture without an answer has the job's. An error in the second value is final.
func (b *Batch) Answers(ctx context.Context, reasons map[string]string, otherwise string) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		type result struct {
			answer Answer
			err    error
		}
		queue := make(chan chan result, readers) // in order; its length bounds what is under way
		go func() {
			defer close(queue)
			for i := range b.Pictures {
				one := make(chan result, 1)
				select {
				case queue <- one:
				case <-ctx.Done():
					return
				}
				go func() {
					answer, err := b.answer(ctx, &b.Pictures[i], reasons, otherwise)
					one <- result{answer, err}
				}()
			}
		}()
		for one := range queue {
			r := <-one
			if !yield(r.answer, r.err) || r.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Answer{}, err)
		}
	}
}

// answer reads one answer. An error is not of the picture.
func (b *Batch) answer(ctx context.Context, p *Picture, reasons map[string]string, otherwise string) (Answer, error) {
	a := Answer{Name: "s3://" + b.in.bucket + "/" + p.Key}
	switch {
	case p.Answer == "" && p.Bytes > MaxPayloadMB<<20:
		a.Err = &TooLargeError{p.Bytes}
		return a, nil
	case p.Answer == "":
		reason := reasons[p.Key]
		if reason == "" {
			reason = otherwise
		}
		a.Err = &FailedError{reason}
		return a, nil
	}
	data, _, err := b.store.Get(ctx, workflow.Reference{Bucket: b.out.bucket, Key: p.Answer}, maxAnswer)
	if err != nil {
		return a, err
	}
	a.Scores, a.Err = capture.ParseScores("application/json", data)
	return a, nil
}
