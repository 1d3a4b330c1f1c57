package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A File is one file of captures, wherever it lies.
type File struct {
	// Name for people and for [Partition]; its separators are slashes.
	Name string
	Open func(context.Context) (io.ReadCloser, error)
}

// Options choose what [Read] yields. The zero value yields everything.
type Options struct {
	// MaxRecord bounds a line, in bytes; zero means [DefaultMaxRecord].
	MaxRecord int
	// From and Until bound the time of inference: from ≤ time < until. The zero time does not bound. Files whose hour lies outside
	// are not opened.
	From, Until time.Time
}

// An Entry is a line of a file: a record, or what is wrong with it.
type Entry struct {
	File string
	Line int // from 1
	// Record is nil with Err.
	Record *Record
	// Err is a [*RecordError].
	Err error
}

// Name tells the entry from all others.
func (e *Entry) Name() string { return e.File + ":" + strconv.Itoa(e.Line) }

// Folder yields the capture files under a folder in lexical order, which is the order of time in SageMaker's partitions; a root that is
// a file yields itself. Files count when they end in .jsonl or .json; nothing outside the folder is opened, no link followed out.
func Folder(ctx context.Context, root string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		info, err := os.Stat(root)
		if err != nil {
			yield(File{}, fmt.Errorf("open captures: %w", err))
			return
		}
		if !info.IsDir() {
			yield(File{filepath.ToSlash(root), func(context.Context) (io.ReadCloser, error) { return openRegular(os.Open(root)) }}, nil)
			return
		}
		dir, err := os.OpenRoot(root)
		if err != nil {
			yield(File{}, fmt.Errorf("open captures: %w", err))
			return
		}
		defer dir.Close()
		err = fs.WalkDir(dir.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case name != "." && strings.HasPrefix(entry.Name(), "."):
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			case entry.IsDir() || !IsCaptureFile(name):
				return nil
			}
			file := File{path.Join(filepath.ToSlash(root), name), func(context.Context) (io.ReadCloser, error) { return openRegular(dir.Open(filepath.FromSlash(name))) }}
			if !yield(file, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(File{}, fmt.Errorf("read captures in %q: %w", root, err))
		}
	}
}

// IsCaptureFile tells by its ending whether a file may hold captures.
func IsCaptureFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jsonl", ".json":
		return true
	}
	return false
}

// openRegular refuses what a read could wait on for ever.
func openRegular(file *os.File, err error) (io.ReadCloser, error) {
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%q is not a regular file", file.Name())
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Partition reads the hour out of a path …/yyyy/mm/dd/hh/file; ok is false where the path has none.
func Partition(name string) (hour time.Time, ok bool) {
	parts := strings.Split(path.Dir(name), "/")
	if len(parts) < 4 {
		return time.Time{}, false
	}
	hour, err := time.Parse("2006/01/02/15", strings.Join(parts[len(parts)-4:], "/"))
	return hour, err == nil
}

// misses tells that nothing of the file can lie in the window.
func (o *Options) misses(name string) bool {
	hour, ok := Partition(name)
	return ok && o.Misses(hour, hour.Add(time.Hour))
}

// Misses tells that no file of partitions from begin to end can hold a record of the window. Records may lag behind their file's hour,
// so an hour is let in on either side.
func (o *Options) Misses(begin, end time.Time) bool {
	return !o.From.IsZero() && end.Add(time.Hour).Before(o.From) || !o.Until.IsZero() && !begin.Add(-time.Hour).Before(o.Until)
}

// holds tells whether a record lies in the window. One whose time cannot be read does only where nothing is bounded.
func (o *Options) holds(r *Record) bool {
	if o.From.IsZero() && o.Until.IsZero() {
		return true
	}
	t, err := r.EventMetadata.Time()
	return err == nil && !t.Before(o.From) && (o.Until.IsZero() || t.Before(o.Until))
}

// Read yields the records of files, one at a time, in the files' order. What is wrong with a line is an Entry with Err, and reading
// goes on; an error in the second value is final: a file that cannot be listed, opened or read.
func Read(ctx context.Context, files iter.Seq2[File, error], o Options) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for file, err := range files {
			if err == nil && o.misses(file.Name) {
				continue
			}
			if err == nil {
				err = readFile(ctx, file, &o, yield)
			}
			if errors.Is(err, errStopped) {
				return
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
		}
	}
}

var errStopped = errors.New("stopped")

func readFile(ctx context.Context, file File, o *Options, yield func(Entry, error) bool) error {
	stream, err := file.Open(ctx)
	if err != nil {
		return fmt.Errorf("open captures %q: %w", file.Name, err)
	}
	defer stream.Close()
	reader := NewReader(stream, o.MaxRecord)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, bad := errors.AsType[*RecordError](err); err != nil && !bad {
			return fmt.Errorf("read captures %q: %w", file.Name, err)
		}
		if err == nil && !o.holds(record) {
			continue
		}
		if !yield(Entry{file.Name, reader.Line(), record, err}, nil) {
			return errStopped
		}
	}
}
