package onnx

import (
	"encoding/binary"
	"math"
)

// WeightBits is how many bits of a byte a weight uses.
type WeightBits int

const (
	// SevenBits keeps weights within ±64. Processors without VNNI instructions multiply unsigned by signed bytes and add two
	// products in 16 bits, which saturate (x86's VPMADDUBSW): 2·255·64 fits into them, 2·255·127 does not. Right everywhere.
	SevenBits WeightBits = 7
	// EightBits keeps weights within ±127. Right where a processor adds products in 32 bits: x86 with VNNI, ARM.
	EightBits WeightBits = 8
)

// limit is the largest weight.
func (b WeightBits) limit() float64 {
	if b == EightBits {
		return 127
	}
	return 64
}

// integers are a layer's weights and bias as they are stored.
type integerLayer struct {
	weights []byte    // int8
	scales  []float32 // one an output channel
	bias    []byte    // int32, little-endian; nil without bias
}

// maxBias keeps the 32-bit sum of products and bias from overflowing: 2^30 leaves the other half to the products.
const maxBias = 1 << 30

// quantizeLayer turns weights into bytes, symmetric around zero, with a scale for each output channel. axis is the channels' axis of
// dims. The bias has the scale of the products, input scale × weight scale; where a channel's weights are so small that its
// bias would not fit, the weight scale is as coarse as the bias needs.
func quantizeLayer(w, bias []float32, dims []int64, axis int, inputScale float32, bits WeightBits) *integerLayer {
	channels, inner := int(dims[axis]), 1
	for _, d := range dims[axis+1:] {
		inner *= int(d)
	}
	channel := func(i int) int { return i / inner % channels }
	largest := make([]float64, channels)
	for i, v := range w {
		c := channel(i)
		largest[c] = max(largest[c], math.Abs(float64(v)))
	}
	q := &integerLayer{weights: make([]byte, len(w)), scales: make([]float32, channels)}
	for c := range q.scales {
		scale := largest[c] / bits.limit()
		if bias != nil {
			scale = max(scale, math.Abs(float64(bias[c]))/float64(inputScale)/maxBias)
		}
		q.scales[c] = max(float32(scale), smallestScale)
	}
	for i, v := range w {
		r := math.RoundToEven(float64(v) / float64(q.scales[channel(i)]))
		q.weights[i] = byte(int8(max(-bits.limit(), min(r, bits.limit()))))
	}
	for c, v := range bias {
		r := math.RoundToEven(float64(v) / (float64(inputScale) * float64(q.scales[c])))
		q.bias = binary.LittleEndian.AppendUint32(q.bias, uint32(int32(max(math.MinInt32, min(r, math.MaxInt32)))))
	}
	return q
}

// smallestScale keeps scales from underflowing when they are multiplied; float32 begins at 1e-38.
const smallestScale = 1e-15

// byteScale is how a tensor's values are stored: real = scale · (byte − zero).
type byteScale struct {
	scale float32
	zero  uint8
}

// pixels is the scale of bytes that are what they are.
var pixels = byteScale{scale: 1}

// scale spreads the range over the 256 values of a byte, 0 among them.
func (r Range) scale() byteScale {
	low, high := min(float64(r.Min), 0), max(float64(r.Max), 0)
	scale := float64(coarse(float32(max((high-low)/255, smallestScale))))
	return byteScale{float32(scale), uint8(max(0, min(math.RoundToEven(-low/scale), 255)))}
}

// coarse rounds a scale up to 8 significant bits. That widens a range by less than 1 %, makes 255 times the scale a float32, so that
// [ReadRanges] gives back exactly what was stored, and lets processors that add in different order agree on the scale.
func coarse(v float32) float32 {
	const low = 1<<16 - 1 // of the 23 bits behind the first
	return math.Float32frombits((math.Float32bits(v) + low) &^ low)
}
