package monitor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Codes of files that give nothing.
const (
	CodeUnreadable = "unreadable-file" // cannot be opened, or not read to its end
	CodeRow        = "bad-row"         // a table's row; those behind it are not read
	CodeTrace      = "bad-trace"       // no history of an execution of this kind
	CodeTime       = "bad-time"        // a record without a time that can be read
)

// tasks cuts a source into tasks, and stops when emit says so.
func (l *Loader) tasks(ctx context.Context, source Source, emit func(task) bool) {
	window := l.window()
	wanted := func(name string) bool {
		hour, ok := capture.Partition(name)
		return !ok || !window.Misses(hour, hour.Add(time.Hour))
	}
	files := source.Files
	if source.Far {
		files = ahead(ctx, files, wanted)
	}
	for file, err := range files {
		if err != nil {
			emit(one(&result{err: err}))
			return
		}
		if !wanted(file.Name) {
			continue
		}
		if ctx.Err() != nil || !l.file(ctx, file, emit) {
			return
		}
	}
}

// one is the task that has its result already.
func one(r *result) task { return func(yield func(*result) bool) { yield(r) } }

// file cuts one file into tasks.
func (l *Loader) file(ctx context.Context, file capture.File, emit func(task) bool) bool {
	stream, err := file.Open(ctx)
	if err != nil {
		return emit(one(unreadable(ctx, file.Name, err, true)))
	}
	defer stream.Close()
	reader := bufio.NewReaderSize(stream, 64<<10)
	head, err := reader.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return emit(one(unreadable(ctx, file.Name, err, true)))
	}
	if !emit(one(&result{file: true})) {
		return false
	}
	switch shapeOf(file.Name, head) {
	case table:
		return l.table(ctx, file.Name, emit)
	case manifest:
		return l.manifest(ctx, file.Name, reader, emit)
	case trace:
		return l.history(ctx, file.Name, reader, emit)
	}
	return l.lines(ctx, file.Name, reader, emit)
}

// unreadable is the result of a file that cannot be read; a run that was cancelled says so itself. opened counts the file.
func unreadable(ctx context.Context, name string, err error, opened bool) *result {
	if ctx.Err() != nil {
		return &result{}
	}
	r := &result{file: opened, fault: err}
	r.problem(BadFile, CodeUnreadable, name, err)
	return r
}

// maxDocument bounds a file that is read whole: the history of an execution, or a list of a batch's files.
const maxDocument = 64 << 20

// document reads a file whole.
func document(name string, from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = fmt.Errorf("%q has more than %d bytes, the limit", name, maxDocument)
	}
	return data, err
}

// history makes rows of the history of an execution.
func (l *Loader) history(ctx context.Context, name string, from io.Reader, emit func(task) bool) bool {
	data, err := document(name, from)
	if err != nil {
		return emit(one(unreadable(ctx, name, err, false)))
	}
	return emit(func(yield func(*result) bool) {
		yield(&result{bytes: int64(len(data))})
		if l.o.Trace == nil {
			r := &result{}
			r.problem(BadFile, CodeTrace, name, errors.New("histories are not read here"))
			yield(r)
			return
		}
		rows, err := l.o.Trace(name, data)
		if err != nil {
			rows = []Recorded{{Row: Row{EventID: name}, Err: err}}
		}
		for _, row := range rows {
			yield(l.recorded(ctx, row))
		}
	})
}
