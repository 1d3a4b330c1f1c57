package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// An outFolder is a folder that a run writes a file for each picture into. Close it.
type outFolder struct {
	root  *os.Root
	taken map[string]bool // names of this run
}

// openOutFolder makes the folder of --out when it is not there.
func openOutFolder(path string) (*outFolder, error) {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, fmt.Errorf("making --out: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("opening --out: %w", err)
	}
	return &outFolder{root: root, taken: map[string]bool{}}, nil
}

func (o *outFolder) close() { _ = o.root.Close() } // every file in it is closed

// name is a picture's name without folder and extension, with a number when it was taken before.
func (o *outFolder) name(path string) string {
	base := filepath.Base(path)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	name := stem
	for i := 2; o.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", stem, i)
	}
	o.taken[name] = true
	return name
}

// isSource reports whether the file to write is the picture that was read.
func (o *outFolder) isSource(name, source string) bool {
	old, err := o.root.Stat(name)
	if err != nil {
		return false
	}
	from, err := os.Stat(source)
	return err == nil && os.SameFile(old, from)
}

// create writes a file beside its place and then puts it there, so that it is whole or absent.
func (o *outFolder) create(name string, write func(io.Writer) error) (err error) {
	part := name + ".part"
	f, err := o.root.Create(part)
	if err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	buffered := bufio.NewWriter(f)
	err = errors.Join(write(buffered), buffered.Flush(), f.Close())
	if err == nil {
		err = o.root.Rename(part, name)
	}
	if err != nil {
		_ = o.root.Remove(part)
		return fmt.Errorf("writing %q: %w", name, err)
	}
	return nil
}
