package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
)

// Description is what people and programs want to know about a model. Its JSON is stable.
type Description struct {
	Path         string         `json:"path"`
	Bytes        int64          `json:"bytes"`
	SHA256       string         `json:"sha256,omitempty"` // absent for a folder
	Artifact     *Artifact      `json:"artifact,omitempty"`
	Manifest     *model.Model   `json:"manifest,omitempty"`
	ContractHash string         `json:"contract_hash,omitempty"`
	Missing      []string       `json:"missing,omitempty"` // manifest fields that classifying needs and that nothing gives
	Inputs       []Value        `json:"inputs"`
	Outputs      []Value        `json:"outputs"`
	Operators    map[string]int `json:"operators"`
	Parameters   int64          `json:"parameters"`
	// MultiplyAdds of one picture; absent when MultiplyAddsUnknown says why.
	MultiplyAdds        *int64   `json:"multiply_adds,omitempty"`
	MultiplyAddsUnknown string   `json:"multiply_adds_unknown,omitempty"`
	IRVersion           int64    `json:"ir_version"`
	Opsets              []Opset  `json:"opsets"`
	Producer            string   `json:"producer,omitempty"`
	SideFiles           []string `json:"side_files,omitempty"` // that hold weights, relative to the model's folder
	Metadata            []string `json:"metadata,omitempty"`   // keys
	Warnings            []string `json:"warnings,omitempty"`

	file *File
}

// Artifact is what an MXNet artifact is before it becomes ONNX.
type Artifact struct {
	Framework  string         `json:"framework"`
	Checkpoint string         `json:"checkpoint"`
	Epoch      int            `json:"epoch"`
	Epochs     []int          `json:"epochs"`
	Operators  map[string]int `json:"operators"`
	Arrays     int            `json:"arrays"`
	Elements   []string       `json:"elements"` // element types of the arrays
}

// Describe describes the ONNX file at path. A contract that is broken is an error; one that is not there is in Missing.
func Describe(path string) (*Description, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("describing model: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, fmt.Errorf("describing model %q: %w", path, err)
	}
	return DescribeFrom(in, info.Size(), path)
}

// DescribeFrom is [Describe] for a model of size bytes that is called path.
func DescribeFrom(r io.ReaderAt, size int64, path string) (*Description, error) {
	f, err := Read(r, size)
	if err != nil {
		return nil, fmt.Errorf("describing model %q: %w", path, err)
	}
	d := &Description{
		Path: path, Bytes: f.Size, Inputs: f.Inputs, Outputs: f.Outputs, Operators: f.Operators(), Parameters: f.Parameters(),
		IRVersion: f.IRVersion, Opsets: f.Opsets, Producer: f.Producer, SideFiles: f.SideFiles(),
		Metadata: slices.Sorted(maps.Keys(f.Metadata)), file: f,
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fmt.Errorf("hashing model %q: %w", path, err)
	}
	d.SHA256 = hex.EncodeToString(hash.Sum(nil))
	m, err := f.Manifest()
	switch {
	case errors.Is(err, ErrNoManifest):
		d.Missing = f.missing()
	case err != nil:
		return nil, fmt.Errorf("describing model %q: %w", path, err)
	}
	d.SetManifest(m)
	return d, nil
}

// SetManifest replaces the contract with one that was found elsewhere; nil takes it away. The multiply-adds follow the contract's
// size where the graph leaves it open.
func (d *Description) SetManifest(m *model.Model) {
	d.Manifest, d.ContractHash, d.MultiplyAdds, d.MultiplyAddsUnknown = m, "", nil, ""
	if m != nil {
		d.ContractHash, d.Missing = m.ContractHash(), nil
	}
	n, err := d.file.MultiplyAdds(shapeOf(m))
	if err != nil {
		d.MultiplyAddsUnknown = err.Error()
		return
	}
	d.MultiplyAdds = &n
}

// DescribeArtifact describes the MXNet artifact at path, an archive or a folder, and the ONNX file that [Export] makes of it.
func DescribeArtifact(path string, from mxnet.Options, o ExportOptions) (d *Description, err error) {
	a, err := mxnet.Open(path, from)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	folder, err := os.MkdirTemp(from.TempDir, "scones-*")
	if err != nil {
		return nil, fmt.Errorf("making room for the converted model: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	converted := filepath.Join(folder, "model.onnx")
	out, err := os.Create(converted)
	if err != nil {
		return nil, fmt.Errorf("making room for the converted model: %w", err)
	}
	done, err := Export(out, a, o)
	if err = errors.Join(err, out.Close()); err != nil {
		return nil, fmt.Errorf("describing %q: %w", path, err)
	}
	if d, err = Describe(converted); err != nil {
		return nil, err
	}
	d.Path, d.SHA256, d.Warnings = path, a.SHA256, done.Warnings
	d.Artifact = describeArtifact(a)
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		d.Bytes = info.Size()
	}
	return d, nil
}

func describeArtifact(a *mxnet.Artifact) *Artifact {
	d := &Artifact{
		Framework: a.Symbol.Framework(), Checkpoint: a.Params, Epoch: a.Epoch, Epochs: a.Epochs,
		Operators: map[string]int{}, Arrays: len(a.Arrays),
	}
	for i := range a.Symbol.Nodes {
		if n := &a.Symbol.Nodes[i]; !n.Variable() {
			d.Operators[n.Operator]++
		}
	}
	for _, array := range a.Arrays {
		if name := array.Type.String(); !slices.Contains(d.Elements, name) {
			d.Elements = append(d.Elements, name)
		}
	}
	slices.Sort(d.Elements)
	return d
}
