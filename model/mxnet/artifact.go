// Package mxnet reads the model that SageMaker's built-in image classification trains: an archive of a symbol (the network as
// JSON), one or several checkpoints (.params) and the input's shape.
//
// [Open] checks the archive, parses the symbol and finds every array; the weights stay on disk until [Array.Floats] asks for
// some. Package onnx turns an [Artifact] into an ONNX file.
//
// # Security
//
// Archives come from outside. Only regular files with plain names are looked at, nothing is extracted under a name of the
// archive's choice, decompression stops at a limit, and counts and shapes are checked against the bytes that are there before
// anything is allocated. What is held in memory is the symbol (at most 4 MiB of JSON) and a list of arrays.
package mxnet

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrArtifact is wrapped by every error about an artifact's content; the message names the file, node or array.
var ErrArtifact = errors.New("not a usable MXNet artifact")

// Options chooses what is read. The zero value takes the last epoch.
type Options struct {
	// Epoch of the checkpoint; zero takes the last that there is.
	Epoch int
	// TempDir holds the decompressed checkpoint while the artifact is open; empty means [os.TempDir].
	TempDir string
}

// Artifact is an opened artifact. Close it.
type Artifact struct {
	Symbol *Symbol           // the network
	Inputs []Input           // shapes that training bound, from model-shapes.json; nil when the file is missing
	Arrays map[string]*Array // weights by variable name, without "arg:" and "aux:"
	SHA256 string            // of the archive in lower-case hexadecimal; empty for a folder
	Params string            // name of the checkpoint that was taken
	Epoch  int               // of that checkpoint
	Epochs []int             // of all checkpoints in the artifact, ascending

	closers []io.Closer
}

// Input is the shape of an input as training bound it. The first dimension is the training's batch size.
type Input struct {
	Name string
	Dims []int64
}

// Open reads the artifact at path, a model.tar.gz, a .tar or a folder that holds the same files. Errors about the content wrap
// [ErrArtifact]. The caller closes the artifact.
func Open(path string, o Options) (*Artifact, error) {
	a := &Artifact{}
	if err := a.open(path, o); err != nil {
		return nil, errors.Join(fmt.Errorf("opening artifact %q: %w", path, err), a.Close())
	}
	return a, nil
}

func (a *Artifact) open(path string, o Options) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if o.Epoch < 0 {
		return fmt.Errorf("epoch %d: must not be negative", o.Epoch)
	}
	c := &collection{want: o.Epoch, tempDir: o.TempDir}
	a.closers = append(a.closers, c)
	switch {
	case info.IsDir():
		err = c.folder(path)
	case info.Mode().IsRegular():
		a.SHA256, err = c.archive(path)
	default:
		err = fmt.Errorf("%w: neither a file nor a folder", ErrArtifact)
	}
	if err != nil {
		return err
	}
	return a.take(c)
}

// take parses what was collected.
func (a *Artifact) take(c *collection) (err error) {
	if err := c.complete(); err != nil {
		return err
	}
	a.Epoch, a.Epochs, a.Params = c.epoch, c.epochs(), c.paramsName
	if a.Symbol, err = ParseSymbol(c.symbol); err != nil {
		return fmt.Errorf("reading %q: %w", c.symbolName, err)
	}
	if c.shapes != nil {
		if a.Inputs, err = parseShapes(c.shapes); err != nil {
			return fmt.Errorf("reading %q: %w", shapesName, err)
		}
	}
	arrays, err := ReadParams(c.params, c.paramsSize)
	if err == nil {
		a.Arrays, err = byVariable(arrays)
	}
	if err != nil {
		return fmt.Errorf("reading %q: %w", c.paramsName, err)
	}
	return nil
}

// Close frees the decompressed checkpoint. Arrays cannot be read afterwards.
func (a *Artifact) Close() error {
	var err error
	for _, c := range a.closers {
		err = errors.Join(err, c.Close())
	}
	a.closers = nil
	return err
}
