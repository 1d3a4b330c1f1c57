package result

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/gofrs/flock"

	"github.com/scones-unlimited/scones/preprocess"
)

// A File is a results file that survives its process: rows are appended as they come, a meta beside it says what they are, and
// [Resume] goes on where any end, kill -9 included, left it. Parquet cannot be appended to, so its rows go to a journal of JSON
// lines, NAME.journal, from which [File.Finish] makes the Parquet file at once.
//
// Finish or Close it; it is not safe for concurrent use.
type File struct {
	out    string
	meta   Meta
	file   *os.File
	w      Writer
	kept   int
	failed int
	rows   int
	lock   *flock.Flock
	before *Meta // of a complete file that is resumed: it is put back if nothing is added
}

// ErrUnfinished is wrapped when a file would be overwritten that an interrupted run left to be resumed.
var ErrUnfinished = errors.New("holds an unfinished run")

// Create begins a results file. A finished one of this name is replaced; an unfinished one is an error that wraps
// [ErrUnfinished], unless overwrite is set. One that is being written gives [ErrInUse].
func Create(out string, meta Meta, overwrite bool) (_ *File, err error) {
	if err := replaceable(out); err != nil {
		return nil, fmt.Errorf("create %q: %w", out, err)
	}
	lock, err := Lock(out)
	if err != nil {
		return nil, err
	}
	defer unlockFailed(lock, &err)
	old, err := ReadMeta(out)
	if err != nil && !overwrite {
		return nil, err
	}
	if old != nil && !old.Complete && !overwrite && hasRows(out, old) {
		return nil, fmt.Errorf("create %q: it %w", out, ErrUnfinished)
	}
	// The old rows go before the new meta comes: a kill between the two must not leave rows under a meta that is not theirs.
	for _, name := range []string{out, journal(out)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return begin(out, meta, lock, nil)
}

// unlockFailed ends the lock of a file that could not be begun.
func unlockFailed(l *flock.Flock, err *error) {
	if *err != nil {
		*err = errors.Join(*err, Unlock(l))
	}
}

// replaceable refuses what is no file: an empty folder or a device would be removed like one.
func replaceable(out string) error {
	for _, name := range []string{out, journal(out)} {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%q is there and is no regular file", name)
		}
	}
	return nil
}

// Resume goes on with a results file where an interrupted run left it: a row that is cut short is dropped, whole rows are kept.
// Errors wrap [ErrDiffers] when the file was begun with something else than meta says, [ErrInUse] when it is being written. Where there is no file it is begun.
func Resume(out string, meta Meta) (_ *File, err error) {
	meta.Version = MetaVersion
	if err := replaceable(out); err != nil {
		return nil, fmt.Errorf("resume %q: %w", out, err)
	}
	lock, err := Lock(out)
	if err != nil {
		return nil, err
	}
	defer unlockFailed(lock, &err)
	old, err := ReadMeta(out)
	if err != nil {
		return nil, err
	}
	if old == nil {
		if _, err := os.Stat(out); err == nil {
			return nil, fmt.Errorf("%w: %q has no %s beside it that says what made it", ErrDiffers, out, MetaPath(out))
		}
		return begin(out, meta, lock, nil)
	}
	if err := old.Differs(&meta); err != nil {
		return nil, fmt.Errorf("resume %q: %w", out, err)
	}
	return begin(out, meta, lock, old)
}

// begin opens the file, cuts it behind its last whole row and writes the meta. Old is the meta of a file that is resumed.
func begin(out string, meta Meta, lock *flock.Flock, old *Meta) (*File, error) {
	meta.Version, meta.Complete, meta.Pictures, meta.Failed = MetaVersion, false, 0, 0
	f := &File{out: out, meta: meta, lock: lock}
	if old != nil && old.Complete {
		f.before = old
	}
	if err := meta.Write(out); err != nil {
		return nil, fmt.Errorf("create %q: %w", out, err)
	}
	var err error
	if f.file, err = os.OpenFile(f.stream(), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	header, rows, err := scan(f.format(), f.file, meta.Columns)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("resume %q: %w", out, err), f.file.Close())
	}
	end := header
	for row := range rows {
		f.kept++
		end = row.end
		if row.failed {
			f.failed++
		}
	}
	f.rows = f.kept
	if err := f.file.Truncate(end); err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	if _, err := f.file.Seek(end, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	if f.w, err = NewWriter(f.format(), f.file, meta.Columns, header == 0); err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	return f, nil
}

// stream is the file that rows are appended to, format what they are there.
func (f *File) stream() string {
	if f.meta.Format == Parquet {
		return journal(f.out)
	}
	return f.out
}

func (f *File) format() Format {
	if f.meta.Format == Parquet {
		return JSONL
	}
	return f.meta.Format
}

func journal(out string) string { return out + ".journal" }

// hasRows tells whether an unfinished run left anything worth keeping.
func hasRows(out string, old *Meta) bool {
	f := File{out: out, meta: *old}
	info, err := os.Stat(f.stream())
	return err == nil && info.Size() > 0
}

// Kept is the number of rows that a resumed file had already, Rows of all so far, Failed of those with an error.
func (f *File) Kept() int   { return f.kept }
func (f *File) Rows() int   { return f.rows }
func (f *File) Failed() int { return f.failed }

// Rest yields the pictures of src that have no row yet. It compares the names of those that have: an error that wraps [ErrDiffers]
// says where a folder has changed since.
func (f *File) Rest(ctx context.Context, src iter.Seq2[preprocess.Image, error]) iter.Seq2[preprocess.Image, error] {
	if f.kept == 0 {
		return src
	}
	return func(yield func(preprocess.Image, error) bool) {
		old, err := os.Open(f.stream())
		if err != nil {
			yield(preprocess.Image{}, err)
			return
		}
		defer old.Close()
		_, rows, err := scan(f.format(), old, f.meta.Columns)
		if err != nil {
			yield(preprocess.Image{}, err)
			return
		}
		next, stop := iter.Pull(rows)
		defer stop()
		number := 0
		for image, err := range src {
			if err == nil && number < f.kept {
				row, ok := next()
				number++
				if ok && samePath(f.format(), image.Name, row.path) {
					continue
				}
				err = fmt.Errorf("%w: row %d of %q is %q, the pictures now have %q there", ErrDiffers, number, f.out, row.path, image.Name)
			}
			if !yield(image, err) || err != nil {
				return
			}
		}
		if number < f.kept && ctx.Err() == nil {
			yield(preprocess.Image{}, fmt.Errorf("%w: %q has %d rows, there are only %d pictures now", ErrDiffers, f.out, f.kept, number))
		}
	}
}

// Write adds a row.
func (f *File) Write(row Row) error {
	f.rows++
	if row.Error != "" {
		f.failed++
	}
	return f.w.Write(row)
}

// Flush hands the rows so far to the operating system, where they survive the process.
func (f *File) Flush() error { return f.w.Flush() }

// Close keeps what is written for [Resume]. A complete file to which nothing was added is complete as before.
func (f *File) Close() error {
	err := f.closeStream()
	if f.before != nil && f.rows == f.kept {
		err = errors.Join(err, f.restore())
	}
	return errors.Join(err, Unlock(f.lock))
}

func (f *File) closeStream() error { return errors.Join(f.w.Flush(), f.file.Close()) }

func (f *File) restore() error {
	if err := f.before.Write(f.out); err != nil || f.meta.Format != Parquet {
		return err
	}
	return os.Remove(journal(f.out))
}

// Finish completes the file: the Parquet file is made from its journal, and the meta says that nothing is missing.
func (f *File) Finish() (err error) {
	defer func() { err = errors.Join(err, Unlock(f.lock)) }()
	if err := f.closeStream(); err != nil {
		return fmt.Errorf("write %q: %w", f.stream(), err)
	}
	f.meta.Complete, f.meta.Pictures, f.meta.Failed = true, f.rows, f.failed
	if f.meta.Format == Parquet {
		if err := parquetFromJournal(f.out, &f.meta); err != nil {
			return fmt.Errorf("write %q: %w", f.out, err)
		}
	}
	if err := f.meta.Write(f.out); err != nil {
		return err
	}
	if f.meta.Format == Parquet {
		return os.Remove(journal(f.out))
	}
	return nil
}
