package serve

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/preprocess"
)

// values reads the elements of a ready tensor, FP32, FP16 or UINT8, into dst, which has the right size.
func (in *inferInput) values(dst *preprocess.Tensor) error {
	if in.Parameters.BinarySize == nil {
		return in.jsonValues(dst)
	}
	size := map[string]int{"UINT8": 1, "FP16": 2, "FP32": 4}[in.Datatype]
	if want := size * max(len(dst.U8), len(dst.F32)); len(in.raw) != want {
		return fmt.Errorf("input %q has %d bytes, its shape needs %d", clip(in.Name), len(in.raw), want)
	}
	copy(dst.U8, in.raw)
	for i := range dst.F32 {
		if in.Datatype == "FP16" {
			dst.F32[i] = infer.FloatFromHalf(binary.LittleEndian.Uint16(in.raw[2*i:]))
		} else {
			dst.F32[i] = math.Float32frombits(binary.LittleEndian.Uint32(in.raw[4*i:]))
		}
	}
	return nil
}

// jsonValues reads numbers, flat or nested as the shape is. Package json has seen that the text is well-formed.
func (in *inferInput) jsonValues(dst *preprocess.Tensor) error {
	n, want := 0, max(len(dst.U8), len(dst.F32))
	for at := 0; at < len(in.Data); {
		switch c := in.Data[at]; {
		case c == '[' || c == ']' || c == ',' || c <= ' ':
			at++
			continue
		case c != '-' && (c < '0' || c > '9'):
			return fmt.Errorf("input %q: element %d is no number", clip(in.Name), n)
		}
		end := at
		for end < len(in.Data) && in.Data[end] > ' ' && in.Data[end] != ',' && in.Data[end] != ']' {
			end++
		}
		if n == want {
			return fmt.Errorf("input %q has more than %d elements, which its shape needs", clip(in.Name), want)
		}
		if err := setElement(dst, n, string(in.Data[at:end])); err != nil {
			return fmt.Errorf("input %q: element %d: %w", clip(in.Name), n, err)
		}
		n++
		at = end
	}
	if n != want {
		return fmt.Errorf("input %q has %d elements, its shape needs %d", clip(in.Name), n, want)
	}
	return nil
}

// setElement reads one number.
func setElement(dst *preprocess.Tensor, i int, text string) error {
	if dst.U8 != nil {
		v, err := strconv.ParseUint(text, 10, 8)
		if err != nil {
			return fmt.Errorf("%q is no whole number from 0 to 255", clip(text))
		}
		dst.U8[i] = uint8(v)
		return nil
	}
	v, err := strconv.ParseFloat(text, 32)
	if err != nil {
		return fmt.Errorf("%q is no number that fits", clip(text))
	}
	dst.F32[i] = float32(v)
	return nil
}
