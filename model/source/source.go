// Package source finds a model, and the contract that goes with it, wherever the two come from.
//
// [Open] takes what a user writes behind --model: nothing for the built-in model, an ONNX file, a folder in Hugging Face's shape,
// or a SageMaker artifact, which is converted once into the user's cache. The contract is looked for in this order:
//
//  1. a sidecar NAME.json beside NAME.onnx
//  2. the metadata scones.manifest in the ONNX file
//  3. what the model's own library left: Hugging Face's files, Ultralytics' or timm's metadata
//  4. the graph alone, which says the input's name, type and size and nothing about preprocessing
//
// and what the user says by flags goes over it. What is then still missing is an error that names the field; nothing is guessed.
package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/builtin"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// Options are what a user may say about a model. The zero value takes it as it is.
type Options struct {
	// Labels in class order replace the model's own.
	Labels []string
	// Input lays the user's preprocessing over the model's; base lacks what the model does not say. Nil leaves it as it is.
	Input func(base *model.Input) (*model.Input, error)
	// Activation replaces the one that the model's output is known or taken to need. Empty leaves it.
	Activation model.Activation
	// Epoch of a SageMaker artifact's checkpoint; zero takes the last.
	Epoch int
	// CacheDir holds converted artifacts; empty means scones/models in the user's cache folder.
	CacheDir string
}

// A Kind says what a model was found as.
type Kind string

// The kinds.
const (
	Builtin     Kind = "builtin"
	ONNX        Kind = "onnx"
	SageMaker   Kind = "sagemaker"
	HuggingFace Kind = "huggingface"
)

// A Source is a model that was found: an ONNX file and its contract.
type Source struct {
	Kind Kind
	// Name as the user gave it; "builtin" for none.
	Name string
	// Path of the ONNX file; empty when Data holds it.
	Path string
	Data []byte
	// Model is valid: every field that classification needs is there and fits the graph.
	Model *model.Model
	// File is the structure of the ONNX file.
	File *onnx.File
	// SHA256 of the ONNX file, in lower-case hexadecimal. Where weights lie in files beside it, it is the hash of all their hashes.
	SHA256 string
	// Warnings are what the user should know, a sentence each.
	Warnings []string
}

// What the built-in model is called, and its faster twin.
const (
	BuiltinName     = "builtin"
	BuiltinInt8Name = "builtin:int8"
)

// Open finds the model that ref names. Errors about the contract wrap [model.ErrManifest] and name the field.
func Open(ctx context.Context, ref string, o Options) (*Source, error) {
	s := &Source{Name: ref}
	var err error
	switch info, statErr := os.Stat(ref); {
	case ref == "", ref == BuiltinName:
		err = s.openBuiltin(BuiltinName, builtin.ONNX())
	case ref == BuiltinInt8Name:
		err = s.openBuiltin(BuiltinInt8Name, builtin.Int8())
	case statErr != nil:
		err = fmt.Errorf("open model: %w", statErr)
	case info.IsDir() && holdsArtifact(ref):
		err = s.openArtifact(ctx, o)
	case info.IsDir():
		err = s.openFolder()
	case !info.Mode().IsRegular(): // opening a pipe would wait for ever
		err = fmt.Errorf("open model %q: %w: not a regular file", ref, onnx.ErrFormat)
	case mxnet.IsArchive(ref), archiveName(ref):
		err = s.openArtifact(ctx, o)
	default:
		err = s.openFile(ref)
	}
	if err != nil {
		return nil, err
	}
	if err := s.apply(o); err != nil {
		return nil, fmt.Errorf("model %q: %w", s.Name, err)
	}
	return s, nil
}

// archiveName tells a name that promises an artifact, so that a damaged one is called that and not a bad ONNX file.
func archiveName(ref string) bool {
	for _, ending := range []string{".tar", ".tar.gz", ".tgz"} {
		if strings.HasSuffix(ref, ending) {
			return true
		}
	}
	return false
}

func (s *Source) openBuiltin(name string, data []byte) (err error) {
	s.Kind, s.Name, s.Data = Builtin, name, data
	if s.File, err = onnx.Read(readerAt(s.Data), int64(len(s.Data))); err != nil {
		return fmt.Errorf("read built-in model: %w", err)
	}
	sum := sha256.Sum256(s.Data)
	s.SHA256 = hex.EncodeToString(sum[:])
	s.Model, err = s.File.Manifest()
	return err
}

// openFile reads an ONNX file and the contract that goes with it.
func (s *Source) openFile(path string) error {
	s.Kind = ONNX
	if err := s.readONNX(path); err != nil {
		return err
	}
	found, err := s.ownContract()
	if err == nil && !found {
		s.Model, err = s.foreign()
	}
	return err
}

// ownContract takes the sidecar's contract or the file's manifest, and reports whether there is one of them.
func (s *Source) ownContract() (found bool, err error) {
	if s.Model, err = readSidecar(s.Path); err != nil || s.Model != nil {
		return true, err
	}
	s.Model, err = s.File.Manifest()
	if errors.Is(err, onnx.ErrNoManifest) {
		return false, nil
	}
	return true, err
}

// readONNX reads the structure and the hash of an ONNX file.
func (s *Source) readONNX(path string) (err error) {
	s.Path = path
	if s.File, err = onnx.Open(path); err != nil {
		return err
	}
	s.SHA256, err = hashModel(path, s.File.SideFiles())
	return err
}

// foreign reads the contract that another library left in the ONNX file's metadata, or what the graph alone says.
func (s *Source) foreign() (*model.Model, error) {
	for _, read := range []func(*onnx.File) (*model.Model, bool, error){fromUltralytics, fromTimmMetadata} {
		m, found, err := read(s.File)
		if found || err != nil {
			return m, err
		}
	}
	return fromGraph(s.File)
}

// sidecarPath is NAME.json beside NAME.onnx.
func sidecarPath(path string) string {
	return path[:len(path)-len(filepath.Ext(path))] + ".json"
}

// readSidecar returns nil when there is no sidecar.
func readSidecar(path string) (*model.Model, error) {
	name := sidecarPath(path)
	data, err := readBounded(name, model.MaxManifestBytes)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := model.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read sidecar %q: %w", name, err)
	}
	return m, nil
}
