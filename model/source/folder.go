package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// maxConfigBytes bounds a configuration file. A config.json of 22,000 classes with long names is about 3 MB.
const maxConfigBytes = 16 << 20

// openFolder opens a folder in Hugging Face's shape: model.onnx, or onnx/model.onnx as their hub keeps it, with config.json and
// preprocessor_config.json beside. A sidecar or a manifest goes before them, as for a file.
func (s *Source) openFolder() error {
	dir, err := openModelFolder(s.Name)
	if err != nil {
		return err
	}
	defer dir.root.Close()
	name, err := dir.findONNX()
	if err != nil {
		return fmt.Errorf("open model folder %q: %w", s.Name, err)
	}
	s.Kind = ONNX
	if err := s.readONNX(filepath.Join(s.Name, name)); err != nil {
		return err
	}
	found, err := s.ownContract()
	if err == nil && !found {
		s.Model, err = s.fromFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("model folder %q: %w", s.Name, err)
	}
	return nil
}

// fromFolder reads the contract that another library keeps beside the ONNX file.
func (s *Source) fromFolder(dir *modelFolder) (*model.Model, error) {
	data, err := dir.read("config.json")
	if errors.Is(err, fs.ErrNotExist) {
		return s.foreign()
	}
	if err != nil {
		return nil, err
	}
	c, err := newConfig("config.json", "", data)
	if err != nil {
		return nil, err
	}
	s.Kind = HuggingFace
	if c.has("pretrained_cfg") {
		return fromTimmConfig(c, s.File)
	}
	return s.fromHuggingFace(c, dir)
}

// A modelFolder reads files of a model's folder and nothing outside it.
type modelFolder struct {
	root   *os.Root
	prefix string // of the model's folder in root
}

// openModelFolder opens the folder. In Hugging Face's cache the files of snapshots/REVISION are links into the folder blobs beside
// snapshots; there the root is the folder of both.
func openModelFolder(name string) (*modelFolder, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	dir := &modelFolder{}
	if snapshots := filepath.Dir(full); filepath.Base(snapshots) == "snapshots" {
		if info, err := os.Lstat(filepath.Join(filepath.Dir(snapshots), "blobs")); err == nil && info.IsDir() {
			dir.prefix = filepath.Join("snapshots", filepath.Base(full))
			full = filepath.Dir(snapshots)
		}
	}
	dir.root, err = os.OpenRoot(full)
	return dir, err
}

// findONNX gives the path of the ONNX file in the folder.
func (d *modelFolder) findONNX() (string, error) {
	for _, name := range []string{"model.onnx", filepath.Join("onnx", "model.onnx")} {
		info, err := d.root.Stat(filepath.Join(d.prefix, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", err
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("%w: %q is no regular file", onnx.ErrFormat, name)
		default:
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: it holds neither model.onnx nor onnx/model.onnx", fs.ErrNotExist)
}

// read reads a configuration file, at most maxConfigBytes of it.
func (d *modelFolder) read(name string) ([]byte, error) {
	path := filepath.Join(d.prefix, name)
	if info, err := d.root.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: is no regular file", name, model.ErrManifest) // opening a FIFO would wait for ever
	}
	file, err := d.root.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxConfigBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxConfigBytes {
		return nil, fmt.Errorf("%s: %w: more than %d bytes, the limit", name, model.ErrManifest, maxConfigBytes)
	}
	return data, nil
}
