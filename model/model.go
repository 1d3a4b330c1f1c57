// Package model says what a classification model expects and what its answers mean.
//
// A [Model] is the manifest that travels inside the ONNX file: the class labels, the [Input] contract that turns a picture into
// a tensor, and the [Output] contract that turns logits into probabilities. It is data, applied by one formula in package
// preprocess, so the folder batch, the local server, the Lambdas and the parity test cannot disagree.
//
// The package is a leaf: it holds no codec, no runtime and no file format besides JSON. Packages mxnet and onnx below it read
// and write the files, package source finds a model and its manifest wherever they come from.
package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Version is the manifest version that this package writes, and the newest that it reads.
const Version = 1

// MetadataKey is the key of the manifest in an ONNX file's metadata_props.
const MetadataKey = "scones.manifest"

// MaxManifestBytes bounds a manifest before it is parsed. A manifest of 100,000 long labels is about 4 MB.
const MaxManifestBytes = 16 << 20

// Model is the manifest of a classification model: what it is called, what it expects and what its answers mean.
type Model struct {
	// Version of the manifest, [Version] when written by this package.
	Version int `json:"version"`
	// Name is what people call the model; it may be empty.
	Name string `json:"name,omitempty"`
	// Labels in class order; the length is the number of classes.
	Labels []string `json:"labels"`
	// Input is the preprocessing contract.
	Input Input `json:"input"`
	// Output says which output holds the scores and what is still to be applied to it.
	Output Output `json:"output"`
	// Provenance tells where the weights came from. It is no part of the contract.
	Provenance Provenance `json:"provenance,omitzero"`
}

// Output describes the score output of a model.
type Output struct {
	// Name of the graph output, shaped [N, classes] (or [N, classes, 1, 1]).
	Name string `json:"name"`
	// Activation that still has to be applied to the output to get probabilities.
	Activation Activation `json:"activation"`
	// MultiLabel is true when every class has an independent probability, so that scores need not sum to one.
	MultiLabel bool `json:"multi_label,omitempty"`
}

// Provenance tells where a model's weights came from.
type Provenance struct {
	// ArtifactSHA256 of the file that was converted, in lower-case hexadecimal.
	ArtifactSHA256 string `json:"artifact_sha256,omitempty"`
	// Framework and version that wrote the artifact, such as "mxnet 1.4.1".
	Framework string `json:"framework,omitempty"`
	// Epoch of the checkpoint that was taken; zero when there is none.
	Epoch int `json:"epoch,omitempty"`
	// Converter and version that wrote the ONNX file.
	Converter string `json:"converter,omitempty"`
	// Temperature that was folded into the logits when scores were calibrated; zero when none was.
	Temperature float64 `json:"temperature,omitempty"`
	// Calibration tells how the scores of an ONNX file were calibrated; nil when they were not.
	Calibration *Calibration `json:"calibration,omitempty"`
}

// Calibration tells how the scores of a finished model were calibrated.
type Calibration struct {
	// Method is "temperature" (which Provenance.Temperature holds) or "vector".
	Method string `json:"method"`
	// FromSHA256 of the ONNX file that was calibrated, in lower-case hexadecimal.
	FromSHA256 string `json:"from_sha256"`
	// Pictures that the scaling was fitted on.
	Pictures int `json:"pictures"`
}

// ErrManifest is wrapped by every error about a manifest's content; the message names the field.
var ErrManifest = errors.New("bad manifest")

// A FieldError names the manifest field that is missing or wrong. It wraps [ErrManifest].
type FieldError struct {
	Field   string // JSON path, such as "input.width"
	Problem string // such as "must be positive, got 0"
}

// Error gives the field and what is wrong with it.
func (e *FieldError) Error() string { return fmt.Sprintf("manifest field %q %s", e.Field, e.Problem) }

// Unwrap returns [ErrManifest].
func (e *FieldError) Unwrap() error { return ErrManifest }

// Parse reads a manifest from JSON and validates it. Unknown fields are an error, because a contract that is understood in part
// gives wrong answers without any sign. Errors wrap [ErrManifest].
func Parse(data []byte) (*Model, error) {
	if len(data) > MaxManifestBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrManifest, len(data), MaxManifestBytes)
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if head.Version < 1 || head.Version > Version {
		return nil, &FieldError{"version", fmt.Sprintf("is %d, this build reads 1 to %d", head.Version, Version)}
	}
	m := new(Model)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

// JSON returns the manifest as compact JSON with a stable field order, as it is stored in the ONNX file.
func (m *Model) JSON() []byte {
	data, err := json.Marshal(m)
	if err != nil { // a Model holds only strings, numbers and slices of them
		panic(err)
	}
	return data
}

// ContractHash identifies everything that decides a score besides the weights: labels, input and output, not the name or the
// provenance. It is the SHA-256 of their JSON in lower-case hexadecimal.
func (m *Model) ContractHash() string {
	contract := Model{Version: m.Version, Labels: m.Labels, Input: m.Input, Output: m.Output}
	sum := sha256.Sum256(contract.JSON())
	return hex.EncodeToString(sum[:])
}

// Label returns the label of class index, or "class_<index>" when the model has none for it.
func (m *Model) Label(index int) string {
	if index >= 0 && index < len(m.Labels) && m.Labels[index] != "" {
		return m.Labels[index]
	}
	return fmt.Sprintf("class_%d", index)
}
