package monitor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Bounds of what is read ahead of files that lie far away: an object of S3 takes 20 ms to its first byte, and captures of a day are 1,440
// objects or more.
const (
	aheadFiles = 16
	aheadBytes = 512 << 10 // of each
)

// ahead opens files before their turn, in the order of files, and reads their beginnings. What is not taken is closed when ctx ends, and
// wanted leaves files out.
func ahead(ctx context.Context, files iter.Seq2[capture.File, error], wanted func(name string) bool) iter.Seq2[capture.File, error] {
	return func(yield func(capture.File, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		queue := make(chan *opening, aheadFiles)
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer close(queue)
			for file, err := range files {
				o := &opening{file: file, err: err, ready: make(chan struct{})}
				if err == nil && !wanted(file.Name) {
					continue
				}
				if err != nil {
					close(o.ready)
				} else {
					go o.open(ctx)
				}
				select {
				case queue <- o:
				case <-ctx.Done():
					o.drop()
					return
				}
				if err != nil {
					return
				}
			}
		}()
		defer func() {
			cancel()
			for o := range queue {
				o.drop()
			}
			<-done
		}()
		for o := range queue {
			if o.err != nil {
				yield(capture.File{}, o.err)
				return
			}
			taken := false
			ok := yield(capture.File{Name: o.file.Name, Open: func(context.Context) (io.ReadCloser, error) {
				taken = true
				<-o.ready
				return o.stream, o.fault
			}}, nil)
			if !taken {
				o.drop()
			}
			if !ok {
				return
			}
		}
	}
}

// An opening is a file that is being opened.
type opening struct {
	file   capture.File
	err    error // of the list of files
	ready  chan struct{}
	stream io.ReadCloser
	fault  error
}

func (o *opening) open(ctx context.Context) {
	defer close(o.ready)
	stream, err := o.file.Open(ctx)
	if err != nil {
		o.fault = err
		return
	}
	var head bytes.Buffer
	_, err = io.CopyN(&head, stream, aheadBytes)
	switch {
	case err == nil: // there is more
		o.stream = &joined{io.MultiReader(&head, stream), stream}
	case errors.Is(err, io.EOF):
		o.stream, o.fault = io.NopCloser(&head), stream.Close()
	default: // what was read is of use, and the fault comes behind it
		o.stream = &joined{io.MultiReader(&head, failing{err}), stream}
	}
}

// drop closes what nobody took.
func (o *opening) drop() {
	<-o.ready
	if o.stream != nil {
		_ = o.stream.Close() // nobody reads it
	}
}

// joined reads from one thing and closes another.
type joined struct {
	io.Reader
	io.Closer
}

// failing is a reader that only fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
