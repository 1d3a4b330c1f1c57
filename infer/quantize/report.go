package quantize

import (
	"github.com/scones-unlimited/scones/model/onnx"
)

// A Result is an INT8 twin and how it compares with its float32 model.
type Result struct {
	// Data is the ONNX file; nil when the gate was not met.
	Data   []byte
	Report Report
}

// Report tells what was done and what was measured. Shares are between 0 and 1, the held-back pictures are what they are of.
type Report struct {
	Method      Method          `json:"method"`
	WeightBits  onnx.WeightBits `json:"weight_bits"`
	Calibration Calibration     `json:"calibration"`
	HeldBack    int             `json:"held_back"`
	Unreadable  int             `json:"unreadable"`
	Tried       []Trial         `json:"tried"`
	Agreement   float64         `json:"agreement"`
	LargestMove float64         `json:"largest_score_change"`
	MeanMove    float64         `json:"mean_score_change"`
	Accuracy    *Accuracy       `json:"accuracy,omitempty"` // absent where the truth is not known
	Speedup     float64         `json:"speedup"`
	Pairs       []float64       `json:"speedup_pairs"`
	Layers      int             `json:"layers"`     // that can be quantized
	KeptFloat   []string        `json:"kept_float"` // of them, by name
	Unsupported map[string]int  `json:"unsupported,omitempty"`
	FloatBytes  int             `json:"float_bytes"`
	Bytes       int             `json:"bytes"`
	Passed      bool            `json:"passed"`
	Problems    []string        `json:"problems,omitempty"` // a sentence for each limit that was not met
}

// Calibration identifies the pictures that the ranges were chosen by.
type Calibration struct {
	Pictures int    `json:"pictures"`
	SHA256   string `json:"sha256"` // of their tensors, in lower-case hexadecimal
}

// A Trial is a method of calibration with its agreement on the calibration pictures, or on the first of them: it ends when more labels
// have changed than the best method's.
type Trial struct {
	Method    Method  `json:"method"`
	Pictures  int     `json:"pictures"`
	Agreement float64 `json:"agreement"`
	MeanMove  float64 `json:"mean_score_change"`
}

// Accuracy on the held-back pictures whose class is known.
type Accuracy struct {
	Pictures int     `json:"pictures"`
	Float    float64 `json:"float32"`
	Int8     float64 `json:"int8"`
}

// Record is what an INT8 file says of itself, under [MetadataKey].
type Record struct {
	Method      Method          `json:"method"`
	WeightBits  onnx.WeightBits `json:"weight_bits"`
	Calibration Calibration     `json:"calibration"`
	KeptFloat   []string        `json:"kept_float"`
	From        string          `json:"from_sha256"` // of the float32 file
}

// MetadataKey is where an INT8 file keeps its [Record], as JSON, in the ONNX file's metadata_props.
const MetadataKey = "scones.quantization"
