// Package builtin holds the model that scones uses when none is named: bicycle or motorcycle, from 32 × 32 pixels. The card
// beside it says how it was trained and how good it is.
package builtin

import _ "embed"

//go:generate go run ../../cmd/scones export --labels bicycle,motorcycle --exif --name scones-builtin --out model.onnx model.tar.gz

//go:generate go run ../../cmd/scones quantize --calibration ../../testdata/images --weight-bits 7 --out model.int8.onnx model.onnx

//go:embed model.onnx
var file []byte

// ONNX returns the model as an ONNX file with its contract. The caller must not change it.
func ONNX() []byte { return file }

//go:embed model.int8.onnx
var twin []byte

// Int8 returns the model's INT8 twin as an ONNX file with the same contract. The caller must not change it.
func Int8() []byte { return twin }
