package onnx

import (
	"encoding/binary"
	"math"
	"testing"
)

// TestQuantizeLayer compares every weight and bias with its bytes times their scale: half a step is all that may be lost.
func TestQuantizeLayer(t *testing.T) {
	for name, axis := range map[string]int{"channels first": 0, "channels last": 1} {
		t.Run(name, func(t *testing.T) {
			dims := []int64{3, 4}
			channels := int(dims[axis])
			w := make([]float32, 12)
			for i := range w {
				w[i] = float32(math.Sin(float64(i*i))) * float32(math.Pow(10, float64(i%5-2)))
			}
			bias := []float32{1.5, -200, 0, 1e-3}[:channels]
			const in = 0.02
			for _, bits := range []WeightBits{SevenBits, EightBits} {
				q := quantizeLayer(w, bias, dims, axis, in, bits)
				for i, v := range w {
					c := i / 4
					if axis == 1 {
						c = i % 4
					}
					step := float64(q.scales[c])
					if b := int8(q.weights[i]); math.Abs(float64(b)) > bits.limit() || math.Abs(float64(b)*step-float64(v)) > 0.5001*step {
						t.Errorf("%d bits: weight %d is %d · %v, want %v", bits, i, b, step, v)
					}
				}
				for c, v := range bias {
					step := in * float64(q.scales[c])
					got := float64(int32(binary.LittleEndian.Uint32(q.bias[4*c:]))) * step
					if math.Abs(got-float64(v)) > 0.5001*step+1e-6*math.Abs(float64(v)) {
						t.Errorf("%d bits: bias %d is %v, want %v", bits, c, got, v)
					}
				}
			}
		})
	}
}

// TestDeadChannel: where all weights of a channel are all but zero its bias must fit into 32 bits all the same.
func TestDeadChannel(t *testing.T) {
	q := quantizeLayer([]float32{1e-30, 0}, []float32{3, -3}, []int64{2, 1}, 0, 0.1, SevenBits)
	for c, want := range []float64{3, -3} {
		got := float64(int32(binary.LittleEndian.Uint32(q.bias[4*c:]))) * 0.1 * float64(q.scales[c])
		if math.Abs(got-want) > 1e-5 {
			t.Errorf("bias %d is %v, want %v", c, got, want)
		}
	}
}

// TestRangeScale: zero is exact, the ends are at most a step off, and a range of a scale gives the scale again.
func TestRangeScale(t *testing.T) {
	for _, r := range []Range{{0, 1}, {-1, 1}, {-0.3, 5.9}, {2, 7}, {-4, -1}, {0, 0}, {-1e-20, 1e20}} {
		s := r.scale()
		low, high := -float32(s.zero)*s.scale, (255-float32(s.zero))*s.scale
		if low > min(r.Min, 0)+s.scale || high < max(r.Max, 0)-s.scale {
			t.Errorf("%v becomes %v to %v", r, low, high)
		}
		if again := (Range{low, high}).scale(); again != s {
			t.Errorf("%v has the scale %v, its own range %v", r, s, again)
		}
	}
}
