package quantize

import (
	"runtime"

	"golang.org/x/sys/cpu"

	"github.com/scones-unlimited/scones/model/onnx"
)

// BitsHere is how many bits of a weight this processor multiplies without saturation: eight with VNNI instructions and on ARM,
// seven elsewhere. A file of seven is right everywhere.
func BitsHere() onnx.WeightBits {
	switch runtime.GOARCH {
	case "amd64":
		if cpu.X86.HasAVX512VNNI || cpu.X86.HasAVXVNNI {
			return onnx.EightBits
		}
	case "arm64":
		return onnx.EightBits
	}
	return onnx.SevenBits
}
