package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// A sink is where classify's rows go: a file that can be resumed, or a stream.
type sink interface {
	Write(infer.Result) error
	Flush() error
	// Finish completes the output, Close leaves it as it is.
	Finish() error
	Close() error
	// Rest yields the pictures that have no row yet.
	Rest(context.Context, iter.Seq2[preprocess.Image, error]) iter.Seq2[preprocess.Image, error]
	Kept() int
	Rows() int
	Failed() int
}

func openSink(stdout io.Writer, o *classifyOptions, meta result.Meta) (sink, error) {
	if o.out != "" {
		return openFileSink(o, meta)
	}
	if o.meta != "" {
		meta.Version = result.MetaVersion
		data, err := meta.JSON()
		if err == nil {
			err = os.WriteFile(o.meta, data, 0o644)
		}
		if err != nil {
			return nil, err
		}
	}
	if o.format == result.Table {
		return &streamSink{table: newTable(stdout)}, nil
	}
	w, err := result.NewWriter(o.format, stdout, o.columns, true)
	return &streamSink{w: w, columns: o.columns}, err
}

// A fileSink is a [result.File] that takes results.
type fileSink struct {
	*result.File
	columns result.Columns
}

// startAnew is the way out when a file cannot be gone on with.
const startAnew = "--overwrite instead of --resume starts anew"

func openFileSink(o *classifyOptions, meta result.Meta) (sink, error) {
	var file *result.File
	var err error
	if o.resume {
		file, err = result.Resume(o.out, meta)
	} else {
		file, err = result.Create(o.out, meta, o.overwrite)
	}
	switch {
	case errors.Is(err, result.ErrUnfinished):
		return nil, &hintedError{err, "--resume goes on with it, --overwrite starts anew"}
	case errors.Is(err, result.ErrDiffers):
		return nil, &hintedError{err, startAnew}
	case err != nil:
		return nil, err
	}
	return fileSink{file, o.columns}, nil
}

// Write adds a result's row.
func (s fileSink) Write(r infer.Result) error { return s.File.Write(result.New(r, s.columns)) }

// A streamSink writes rows to standard output, or a table for people.
type streamSink struct {
	w            result.Writer
	table        *table
	columns      result.Columns
	rows, failed int
}

// Write adds a result's row.
func (s *streamSink) Write(r infer.Result) error {
	s.rows++
	if r.Err != nil {
		s.failed++
	}
	if s.table != nil {
		return s.table.write(r)
	}
	return s.w.Write(result.New(r, s.columns))
}

func (s *streamSink) Flush() error {
	if s.table != nil {
		return nil
	}
	return s.w.Flush()
}

func (s *streamSink) Finish() error { return s.Flush() }
func (s *streamSink) Close() error  { return s.Flush() }
func (s *streamSink) Kept() int     { return 0 }
func (s *streamSink) Rows() int     { return s.rows }
func (s *streamSink) Failed() int   { return s.failed }

func (s *streamSink) Rest(_ context.Context, src iter.Seq2[preprocess.Image, error]) iter.Seq2[preprocess.Image, error] {
	return src
}
