package infer

import "math"

// halfFromFloat rounds to IEEE 754 binary16, ties to even, as numpy's astype(float16) does; too large becomes infinite.
func halfFromFloat(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	switch {
	case bits > 0x7f800000:
		return sign | 0x7e00 // not a number
	case bits >= 0x477ff000: // 65520, the first that rounds to infinity
		return sign | 0x7c00
	case bits < 0x38800000: // below 2^-14: a multiple of 2^-24; adding 0.5 lets the addition round
		return sign | uint16(math.Float32bits(math.Float32frombits(bits)+0.5)-math.Float32bits(0.5))
	}
	bits += 0x0fff + bits>>13&1 // round to 10 bits, ties to even
	return sign | uint16(bits>>13-(127-15)<<10)
}

// FloatFromHalf widens an IEEE 754 binary16 exactly.
func FloatFromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent, fraction := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero or subnormal: fraction × 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
