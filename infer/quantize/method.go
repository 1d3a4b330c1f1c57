package quantize

import (
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model/onnx"
)

// A Method chooses the range of a tensor by the values that were seen in it.
type Method string

// The methods. A narrower range resolves common values better and cuts rare ones off.
const (
	// MinMax takes in every value that was seen.
	MinMax Method = "minmax"
	// Percentile9999 leaves out one value in 10,000 at either end.
	Percentile9999 Method = "percentile-99.99"
	// Percentile999 leaves out one value in 1,000 at either end.
	Percentile999 Method = "percentile-99.9"
	// Entropy takes the range whose bytes tell the most about the values: the smallest Kullback-Leibler divergence of the
	// quantized from the real distribution (Migacz, "8-bit Inference with TensorRT", 2017).
	Entropy Method = "entropy"
)

// Methods in the order in which they are tried; of two that agree equally well the first is taken.
var Methods = []Method{MinMax, Percentile9999, Percentile999, Entropy}

// Known tells whether a method is one of [Methods].
func (m Method) Known() bool { return choices[m] != nil }

var choices = map[Method]func(*observed) onnx.Range{
	MinMax:         func(o *observed) onnx.Range { return onnx.Range{Min: o.low, Max: o.high} },
	Percentile9999: func(o *observed) onnx.Range { return o.percentile(0.9999) },
	Percentile999:  func(o *observed) onnx.Range { return o.percentile(0.999) },
	Entropy:        (*observed).entropy,
}

// percentile leaves out the share 1 - p of the samples at either end.
func (o *observed) percentile(p float64) onnx.Range {
	n := len(o.samples)
	if n == 0 {
		return onnx.Range{Min: o.low, Max: o.high}
	}
	out := int(math.Floor((1 - p) * float64(n)))
	r := onnx.Range{Min: min(o.samples[out], 0), Max: max(o.samples[n-1-out], 0)}
	if r.Min == 0 && r.Max == 0 { // nearly all values are 0; the rest still need a place
		return onnx.Range{Min: o.low, Max: o.high}
	}
	return r
}

// Migacz's histogram has 2,048 bins; the first range that is considered is as wide as its bytes.
const (
	bins  = 2048
	bytes = 256
)

// entropy compares ranges cut at ±t for growing t.
func (o *observed) entropy() onnx.Range {
	top := max(float64(o.high), -float64(o.low))
	best := onnx.Range{Min: o.low, Max: o.high}
	if len(o.samples) == 0 || top == 0 {
		return best
	}
	// Bins of the signed values, so that one-sided tensors use all bytes on their side.
	counts := make([]float64, 2*bins)
	for _, v := range o.samples {
		i := int(math.Floor((float64(v)/top + 1) * bins))
		counts[max(0, min(i, 2*bins-1))]++
	}
	counts[bins] = 0 // exact zeros, which every range gives back as they are, say nothing about its width
	lowest := math.Inf(1)
	for width := bytes / 2; width <= bins; width += 16 {
		first, last := bins-width, bins+width
		if o.low >= 0 {
			first = bins
		}
		if d := divergence(counts, first, last); d < lowest {
			lowest = d
			t := float32(top * float64(width) / bins)
			best = onnx.Range{Min: max(o.low, -t), Max: min(o.high, t)}
		}
	}
	return best
}

// divergence is that of the bins from first to last, put into bytes, from the same bins with all that lies outside in the outermost.
func divergence(counts []float64, first, last int) float64 {
	real := slices.Clone(counts[first:last])
	for _, c := range counts[:first] {
		real[0] += c
	}
	for _, c := range counts[last:] {
		real[len(real)-1] += c
	}
	total, quantized := 0.0, make([]float64, len(real))
	for level := range bytes {
		from, to := level*len(real)/bytes, (level+1)*len(real)/bytes
		sum, filled := 0.0, 0.0
		for i := from; i < to; i++ {
			sum += counts[first+i]
			if real[i] > 0 {
				filled++
			}
		}
		for i := from; i < to; i++ {
			if real[i] > 0 {
				quantized[i] = sum / filled
			}
		}
		total += sum
	}
	outside := 0.0
	for _, c := range real {
		outside += c
	}
	if total == 0 {
		return math.Inf(1)
	}
	d := 0.0
	for i, p := range real {
		if p > 0 {
			q := max(quantized[i]/total, 1e-9) // a filled bin that is empty after quantization is as bad as this
			d += p / outside * math.Log(p/outside/q)
		}
	}
	return d
}
