// Package atomicfile writes files that are whole or absent: the bytes go to a temporary file in the same folder, which takes the
// name when it is complete. A reader finds the old bytes or the new ones, whenever the process ends.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// A File is being written beside its name. [File.Commit] gives it the name; Close without it leaves the name as it was.
type File struct {
	*os.File
	name string
	done bool
}

// Create begins a file. Its mode will be 0644.
func Create(name string) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return nil, err
	}
	return &File{File: f, name: name}, nil
}

// Commit flushes the bytes to the disk and gives them the name, replacing what had it. The file is closed, also on error.
func (f *File) Commit() error {
	err := errors.Join(f.Chmod(0o644), f.Sync(), f.File.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	f.done = true
	return err
}

// Close drops a file that was not committed; after Commit it does nothing, so that it can be deferred.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

// Write replaces a file by data.
func Write(name string, data []byte) error {
	f, err := Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}
