package infer

import (
	"math"
	"testing"
)

// TestHalf goes through all 65,536 values, and through what lies between neighbours, where rounding decides.
func TestHalf(t *testing.T) {
	value := func(h uint16) float64 { // by definition
		exponent, fraction := int(h>>10&0x1f), float64(h&0x3ff)
		v := math.Ldexp(fraction, -24)
		if exponent > 0 {
			v = math.Ldexp(1+fraction/1024, exponent-15)
		}
		if h&0x8000 != 0 {
			v = -v
		}
		return v
	}
	for h := range uint16(0x7c00) {
		for _, sign := range []uint16{0, 0x8000} {
			if got, want := float64(FloatFromHalf(h|sign)), value(h|sign); got != want {
				t.Fatalf("FloatFromHalf(%#x) = %v, want %v", h|sign, got, want)
			}
			if got := halfFromFloat(float32(value(h | sign))); got != h|sign {
				t.Fatalf("halfFromFloat(%v) = %#x, want %#x", value(h|sign), got, h|sign)
			}
			// The middle to the next value goes to the even one, a step to either side of it to the nearer.
			middle := float32((value(h|sign) + value(h+1|sign)) / 2)
			if h == 0x7bff {
				middle = 65520
				if sign != 0 {
					middle = -middle
				}
			}
			next, even := h+1|sign, h+h&1|sign
			outward := float32(math.Inf(1))
			if sign != 0 {
				outward = -outward
			}
			if got := halfFromFloat(middle); got != even {
				t.Fatalf("halfFromFloat(%v), the middle, = %#x, want %#x", middle, got, even)
			}
			if got := halfFromFloat(math.Nextafter32(middle, outward)); got != next {
				t.Fatalf("halfFromFloat above %v = %#x, want %#x", middle, got, next)
			}
			if got := halfFromFloat(math.Nextafter32(middle, 0)); got != h|sign {
				t.Fatalf("halfFromFloat below %v = %#x, want %#x", middle, got, h|sign)
			}
		}
	}
	for _, h := range []uint16{0x7c00, 0xfc00} {
		if got := halfFromFloat(FloatFromHalf(h)); got != h || !math.IsInf(float64(FloatFromHalf(h)), 0) {
			t.Errorf("infinity %#x comes back as %#x", h, got)
		}
	}
	if nan := float32(math.NaN()); halfFromFloat(nan)&0x7fff <= 0x7c00 || !math.IsNaN(float64(FloatFromHalf(0x7e01))) {
		t.Errorf("not a number becomes %#x", halfFromFloat(nan))
	}
}
