// Package builtin holds the model that scones uses when none is named: bicycle or motorcycle, from 32 × 32 pixels. The card
// beside it says how it was trained and how good it is.
package builtin

import _ "embed"

//go:generate go run ../../cmd/scones export --labels bicycle,motorcycle --exif --name scones-builtin --out model.onnx model.tar.gz

//go:embed model.onnx
var file []byte

// ONNX returns the model as an ONNX file with its contract. The caller must not change it.
func ONNX() []byte { return file }
