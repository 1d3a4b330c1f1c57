package parity

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/gofrs/flock"

	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// A Meta says which two sides the rows of a [File] are of. It lies beside the file as NAME.meta.json.
type Meta struct {
	Version  int    `json:"version"`
	Scones   string `json:"scones"`
	Local    string `json:"local"` // name or path as the user gave it
	LocalSHA string `json:"local_sha256"`
	Contract string `json:"contract_sha256"`
	Runtime  string `json:"runtime"`
	Device   string `json:"device"`
	Decoder  string `json:"decoder"`
	// Other tells the other side from all others, such as "endpoint NAME in us-east-1".
	Other string `json:"other"`
}

// MetaVersion is the version of [Meta] and [Row] that this package writes.
const MetaVersion = 1

// A File keeps rows as they come, a line of JSON each, so that what was paid for is never asked again: [File.Resume] gives questions
// that have a row their Done. Close it.
type File struct {
	name string
	kept int
	file *os.File
	lock *flock.Flock
}

// OpenFile begins a file. One that is there is gone on with where resume is set, replaced where overwrite is, and is an error that wraps
// [result.ErrUnfinished] else. Errors also wrap [result.ErrDiffers], when the rows are of two other sides, and [result.ErrInUse].
func OpenFile(name string, meta Meta, resume, overwrite bool) (_ *File, err error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("write %q: it is there and is no regular file", name)
	}
	lock, err := result.Lock(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, result.Unlock(lock))
		}
	}()
	meta.Version = MetaVersion
	if err := admit(name, &meta, resume, overwrite); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(&meta, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := atomicfile.Write(result.MetaPath(name), append(data, '\n')); err != nil {
		return nil, err
	}
	f := &File{name: name, lock: lock}
	if f.file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	var end int64
	for range wholeRows(f.file, &end) {
		f.kept++
	}
	if err := f.file.Truncate(end); err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	if _, err := f.file.Seek(end, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	return f, nil
}

// admit decides what becomes of rows that are there.
func admit(name string, meta *Meta, resume, overwrite bool) error {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	switch {
	case err != nil:
		return err
	case overwrite:
		return os.Remove(name)
	case !resume:
		return fmt.Errorf("write %q: it %w", name, result.ErrUnfinished)
	}
	data, err := os.ReadFile(result.MetaPath(name))
	if err != nil {
		return fmt.Errorf("%w: nothing says what made %q: %w", result.ErrDiffers, name, err)
	}
	var old Meta
	if err := json.Unmarshal(data, &old); err != nil {
		return fmt.Errorf("read %q: %w", result.MetaPath(name), err)
	}
	old.Scones, old.Local = meta.Scones, meta.Local // names may change; what they stand for may not
	if old != *meta {
		return fmt.Errorf("%w: %q was begun with other sides: %s", result.ErrDiffers, name, firstDifference(&old, meta))
	}
	return nil
}

func firstDifference(old, now *Meta) string {
	for _, f := range []struct {
		name     string
		was, has any
	}{
		{"version", old.Version, now.Version}, {"local model", old.LocalSHA, now.LocalSHA}, {"contract", old.Contract, now.Contract},
		{"runtime", old.Runtime, now.Runtime}, {"device", old.Device, now.Device}, {"decoder", old.Decoder, now.Decoder}, {"other side", old.Other, now.Other},
	} {
		if f.was != f.has {
			return fmt.Sprintf("%s was %.60v, is %.60v", f.name, f.was, f.has)
		}
	}
	return "unknown fields"
}

// maxRow bounds a line of a file, in bytes: 100,000 classes on both sides fit.
const maxRow = 16 << 20

// wholeRows yields the rows up to the first that is cut short or is none; end becomes the offset behind the last.
func wholeRows(r io.Reader, end *int64) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, maxRow)
		scanner.Split(func(data []byte, _ bool) (int, []byte, error) {
			if i := bytes.IndexByte(data, '\n'); i >= 0 {
				return i + 1, data[:i], nil
			}
			return 0, nil, nil
		})
		for scanner.Scan() {
			row := new(Row)
			if json.Unmarshal(scanner.Bytes(), row) != nil {
				return
			}
			*end += int64(len(scanner.Bytes())) + 1
			if !yield(row) {
				return
			}
		}
	}
}

// Kept is the number of rows that were there.
func (f *File) Kept() int { return f.kept }

// Resume gives the questions that have a row their Done. An error that wraps [result.ErrDiffers] says where the questions have changed.
func (f *File) Resume(questions iter.Seq2[Question, error]) iter.Seq2[Question, error] {
	if f.kept == 0 {
		return questions
	}
	return func(yield func(Question, error) bool) {
		old, err := os.Open(f.name)
		if err != nil {
			yield(Question{}, err)
			return
		}
		defer old.Close()
		var end int64
		next, stop := iter.Pull(wholeRows(old, &end))
		defer stop()
		number := 0
		for q, err := range questions {
			if err == nil && number < f.kept {
				number++
				row, ok := next()
				if ok && row.Name == q.Name {
					q.Done = row
				} else {
					err = fmt.Errorf("%w: row %d of %q is not %q, which comes now", result.ErrDiffers, number, f.name, q.Name)
				}
			}
			if !yield(q, err) || err != nil {
				return
			}
		}
	}
}

// Write adds the row of a question that was asked now.
func (f *File) Write(p *Pair) error {
	if p.Question.Done != nil {
		return nil
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&p.Row); err != nil {
		return err
	}
	_, err := f.file.Write(line.Bytes())
	return err
}

// Close ends the file; it can be resumed.
func (f *File) Close() error { return errors.Join(f.file.Close(), result.Unlock(f.lock)) }
