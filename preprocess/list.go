package preprocess

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// maxLine bounds one line of a list, in bytes. Linux limits a path to 4096.
const maxLine = 64 << 10

// List yields the pictures of a SageMaker .lst file: a line each, tab-separated, an index, one or more labels and a path. Paths
// are relative to root; when root is empty, to the list's folder, or, when the first picture is not there, to the folder of the
// list's name without extension (train.lst beside train/). Nothing outside root is opened. A malformed line is an Image whose
// Open says so, named by file and line. An error in the second value is final.
func List(ctx context.Context, name, root string) iter.Seq2[Image, error] {
	return func(yield func(Image, error) bool) {
		file, err := os.Open(name)
		if err != nil {
			yield(Image{}, fmt.Errorf("open list: %w", err))
			return
		}
		defer file.Close()
		var dir *os.Root
		number := 0
		for line, err := range lines(ctx, file) {
			number++
			if err != nil {
				yield(Image{}, fmt.Errorf("read list %q, line %d: %w", name, number, err))
				return
			}
			if line == "" {
				continue
			}
			fields := strings.Split(line, "\t")
			if len(fields) < 3 || fields[len(fields)-1] == "" {
				problem := errors.New("a line of a .lst file holds an index, a label and a path, separated by tabs")
				if !yield(failed(fmt.Sprintf("%s:%d", name, number), &ImageError{CodeBadLine, problem}), nil) {
					return
				}
				continue
			}
			picture := fields[len(fields)-1]
			if dir == nil {
				root = listRoot(name, root, picture)
				if dir, err = os.OpenRoot(root); err != nil {
					yield(Image{}, fmt.Errorf("open folder of list %q: %w", name, err))
					return
				}
			}
			image := Image{filepath.Join(root, filepath.FromSlash(picture)), func() (io.ReadCloser, error) { return OpenIn(dir, picture) }}
			if !yield(image, nil) {
				return
			}
		}
	}
}

// listRoot chooses the folder of a list's pictures by where its first one is.
func listRoot(list, root, picture string) string {
	if root != "" {
		return root
	}
	beside := filepath.Dir(list)
	if _, err := os.Stat(filepath.Join(beside, picture)); err == nil {
		return beside
	}
	named := strings.TrimSuffix(list, filepath.Ext(list))
	if _, err := os.Stat(filepath.Join(named, picture)); err == nil {
		return named
	}
	return beside
}

// Names yields a picture for each line of r, a path each. Reading goes on in a goroutine of its own, because a terminal or a pipe
// cannot be woken from a read: when ctx is cancelled the sequence ends at once, and that goroutine with the next line.
func Names(ctx context.Context, r io.Reader) iter.Seq2[Image, error] {
	return func(yield func(Image, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		type read struct {
			line string
			err  error
		}
		reads := make(chan read)
		go func() {
			defer close(reads)
			for line, err := range lines(ctx, r) {
				select {
				case reads <- read{line, err}:
				case <-ctx.Done():
					return
				}
			}
		}()
		for {
			select {
			case <-ctx.Done():
				yield(Image{}, ctx.Err())
				return
			case next, ok := <-reads:
				if !ok {
					return
				}
				if next.err != nil {
					yield(Image{}, fmt.Errorf("read paths: %w", next.err))
					return
				}
				if next.line != "" && !yield(File(next.line), nil) {
					return
				}
			}
		}
	}
}

// File is the picture of one path that the user named.
func File(name string) Image {
	return Image{name, func() (io.ReadCloser, error) { return OpenFile(name) }}
}

// lines yields r's lines without their end, Windows' carriage return included. A line beyond maxLine is an error.
func lines(ctx context.Context, r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			if !yield(scanner.Text(), nil) {
				return
			}
			if ctx.Err() != nil {
				yield("", ctx.Err())
				return
			}
		}
		err := scanner.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("a line has more than %d bytes, no path is that long", maxLine)
		}
		if err != nil {
			yield("", err)
		}
	}
}
