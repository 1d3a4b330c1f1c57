package mxnet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// IsFolder tells whether path is a folder that holds a symbol file, as an unpacked artifact does.
func IsFolder(path string) bool {
	found, err := filepath.Glob(filepath.Join(path, "*-symbol.json"))
	return err == nil && len(found) > 0
}

// folder collects from a folder. Links that lead out of it are errors.
func (c *collection) folder(name string) error {
	root, err := os.OpenRoot(name)
	if err != nil {
		return err
	}
	defer root.Close()
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(256)
		for _, entry := range entries {
			if entry.IsDir() {
				continue
			}
			if err := c.addFile(root, entry.Name()); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// addFile offers a file of the folder. The checkpoint that is held stays open, everything else is closed again.
func (c *collection) addFile(root *os.Root, name string) error {
	var opened *os.File
	defer func() {
		if opened != nil && opened != c.file {
			opened.Close()
		}
	}()
	return c.add(name, func() (io.Reader, int64, error) {
		info, err := root.Stat(name)
		if err != nil {
			return nil, 0, err
		}
		if !info.Mode().IsRegular() { // asked before opening, a pipe would block
			return nil, 0, fmt.Errorf("%w: not a regular file", ErrArtifact)
		}
		opened, err = root.Open(name)
		return opened, info.Size(), err
	})
}
