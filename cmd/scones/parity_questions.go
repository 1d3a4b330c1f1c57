package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/preprocess"
)

// parityQuestions are what the two sides are asked, and how many; -1 is unknown.
func parityQuestions(c *cli.Context, o *parityOptions, local *localSide, other *otherSide) (iter.Seq2[parity.Question, error], int, error) {
	var all iter.Seq2[parity.Question, error]
	if o.captures != "" {
		all = capturedQuestions(c.Context, func() iter.Seq2[capture.File, error] { return captureFiles(c.Context, o, other) }, o)
	} else {
		all = pictureQuestions(c, o, other)
	}
	if o.captures != "" && o.sample == 0 && !isTerminal(c.App.ErrWriter) {
		return all, -1, nil // counting would read everything twice
	}
	total := 0
	for _, err := range all {
		if err != nil {
			return nil, 0, err
		}
		total++
	}
	if o.sample > 0 && o.sample < total {
		return spreadQuestions(all, o.sample, total), o.sample, nil
	}
	return all, total, nil
}

// spreadQuestions takes n of them, evenly.
func spreadQuestions(all iter.Seq2[parity.Question, error], n, total int) iter.Seq2[parity.Question, error] {
	return func(yield func(parity.Question, error) bool) {
		at, taken := 0, 0
		for q, err := range all {
			if err == nil {
				wanted := taken < n && at == taken*total/n
				at++
				if !wanted {
					continue
				}
				taken++
			}
			if !yield(q, err) || err != nil {
				return
			}
		}
	}
}

func captureFiles(ctx context.Context, o *parityOptions, other *otherSide) iter.Seq2[capture.File, error] {
	if other.config != nil {
		return aws.Captures(ctx, other.config, o.captures)
	}
	return capture.Folder(ctx, o.captures)
}

// capturedQuestions are the records of captures, each with its answer.
func capturedQuestions(ctx context.Context, files func() iter.Seq2[capture.File, error], o *parityOptions) iter.Seq2[parity.Question, error] {
	return func(yield func(parity.Question, error) bool) {
		for entry, err := range capture.Read(ctx, files(), capture.Options{From: o.from, Until: o.until}) {
			if err != nil {
				yield(parity.Question{}, err)
				return
			}
			if !yield(capturedQuestion(&entry, o.captures), nil) {
				return
			}
		}
	}
}

// capturedQuestion is named by its place below root.
func capturedQuestion(entry *capture.Entry, root string) parity.Question {
	name := entry.Name()
	if below, ok := strings.CutPrefix(name, strings.TrimSuffix(filepath.ToSlash(root), "/")+"/"); ok {
		name = below
	}
	q := parity.Question{Name: name, Err: entry.Err}
	record := entry.Record
	if q.Err == nil {
		_, q.Err = record.Picture()
	}
	if q.Err == nil && record.CaptureData.EndpointOutput == nil {
		_, q.Err = record.Scores()
	}
	if q.Err != nil { // a record that says nothing of the endpoint is no fault of either side
		q.Image = func() ([]byte, error) { return nil, q.Err }
		return q
	}
	q.Image = record.Picture
	q.Recorded, q.Err = record.Scores()
	return q
}

// pictureQuestions are the pictures of --data, with the answers of a file of rows where there is one.
func pictureQuestions(c *cli.Context, o *parityOptions, other *otherSide) iter.Seq2[parity.Question, error] {
	return func(yield func(parity.Question, error) bool) {
		for image, err := range preprocess.Paths(c.Context, []string{o.data}, "", nil, nil) {
			if err != nil {
				yield(parity.Question{}, err)
				return
			}
			q := parity.Question{Name: image.Name, Image: func() ([]byte, error) { return readPicture(image, o.limits) }}
			if other.rows != nil {
				q.Recorded, q.Err = other.rows.find(image.Name, o.data)
			}
			if !yield(q, nil) {
				return
			}
		}
	}
}

// readPicture reads a file within the limit.
func readPicture(image preprocess.Image, limits preprocess.Limits) (data []byte, err error) {
	r, err := image.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if data, err = io.ReadAll(io.LimitReader(r, limits.MaxBytes+1)); err != nil {
		return nil, err
	}
	if int64(len(data)) > limits.MaxBytes {
		return nil, &preprocess.ImageError{Code: preprocess.CodeTooLarge, Err: fmt.Errorf("the file has more than %d bytes, the limit", limits.MaxBytes)}
	}
	return data, nil
}
