package mxnet

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// hold makes a checkpoint readable at any offset: a file stays where it is, a stream goes to a temporary file, so that memory
// does not grow with the weights. It takes the place of the checkpoint that was held before.
func (c *collection) hold(r io.Reader, size int64) error {
	if f, ok := r.(*os.File); ok {
		if err := c.Close(); err != nil {
			return err
		}
		c.file, c.params, c.paramsSize = f, f, size
		return nil
	}
	if c.file == nil {
		f, err := os.CreateTemp(c.tempDir, "scones-*.params")
		if err != nil {
			return fmt.Errorf("making room for the checkpoint: %w", err)
		}
		// Unlinked at once, so that nothing is left behind however the process ends. Windows refuses; Close removes it there.
		c.file, c.spilled = f, os.Remove(f.Name()) != nil
	} else if _, err := c.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	n, err := io.Copy(c.file, r)
	if err != nil {
		return err
	}
	c.params, c.paramsSize = io.NewSectionReader(c.file, 0, n), n
	return nil
}

// Close frees the checkpoint.
func (c *collection) Close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	if c.spilled {
		err = errors.Join(err, os.Remove(c.file.Name()))
	}
	c.file, c.params, c.spilled = nil, nil, false
	return err
}
