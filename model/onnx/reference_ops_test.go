package onnx_test

import (
	"math"
	"slices"
)

// reference holds the operators as the ONNX operator documentation defines them, version 17.
var reference = map[string]func(*refCall) *array{
	"Identity": refSame, "Cast": refCast, "Reshape": refReshape, "Flatten": refFlatten, "Transpose": refTranspose,
	"Conv": refConv, "Gemm": refGemm, "MatMul": refMatMul, "BatchNormalization": refBatchNorm, "Softmax": refSoftmax,
	"MaxPool": refPool, "AveragePool": refPool, "GlobalMaxPool": refGlobal, "GlobalAveragePool": refGlobal,
	"Concat": refConcat, "Slice": refSlice, "Pad": refPad, "ReduceMean": refMean,
	"Add":  binary2(func(x, y float64) float64 { return x + y }),
	"Sum":  binary2(func(x, y float64) float64 { return x + y }),
	"Sub":  binary2(func(x, y float64) float64 { return x - y }),
	"Mul":  binary2(func(x, y float64) float64 { return x * y }),
	"Div":  binary2(func(x, y float64) float64 { return x / y }),
	"Relu": elementwise(func(_ *refCall, x float64) float64 { return max(x, 0) }),
	"Tanh": elementwise(func(_ *refCall, x float64) float64 { return math.Tanh(x) }),
	"Erf":  elementwise(func(_ *refCall, x float64) float64 { return math.Erf(x) }),
	"Sigmoid": elementwise(func(_ *refCall, x float64) float64 {
		return 1 / (1 + math.Exp(-x))
	}),
	"Softplus": elementwise(func(_ *refCall, x float64) float64 { return math.Log1p(math.Exp(x)) }),
	"Softsign": elementwise(func(_ *refCall, x float64) float64 { return x / (1 + math.Abs(x)) }),
	"LeakyRelu": elementwise(func(r *refCall, x float64) float64 {
		if x < 0 {
			return float64(r.attribute("alpha").Float) * x
		}
		return x
	}),
	"Elu": elementwise(func(r *refCall, x float64) float64 {
		if x < 0 {
			return float64(r.attribute("alpha").Float) * math.Expm1(x)
		}
		return x
	}),
	"Selu": elementwise(func(_ *refCall, x float64) float64 {
		const alpha, gamma = 1.67326319217681884765625, 1.05070102214813232421875
		if x < 0 {
			return gamma * alpha * math.Expm1(x)
		}
		return gamma * x
	}),
	"PRelu": binary2(func(x, slope float64) float64 {
		if x < 0 {
			return slope * x
		}
		return x
	}),
	"Clip": func(r *refCall) *array {
		return elementwise(func(r *refCall, x float64) float64 { return min(max(x, r.in[1].v[0]), r.in[2].v[0]) })(r)
	},
}

func refConv(r *refCall) *array {
	x, w := r.in[0], r.in[1]
	stride, dilate, pads, groups := r.ints("strides"), r.ints("dilations"), r.ints("pads"), int(r.attribute("group").Int)
	n, filters, channels := x.dims[0], w.dims[0], w.dims[1]
	size := func(i int) int {
		return (x.dims[2+i]+pads[i]+pads[2+i]-dilate[i]*(w.dims[2+i]-1)-1)/stride[i] + 1
	}
	height, width := x.dims[2], x.dims[3]
	out := zeros(n, filters, size(0), size(1))
	at := 0
	for b := range n {
		for f := range filters {
			first := f / (filters / groups) * channels
			for row := range out.dims[2] {
				for column := range out.dims[3] {
					sum := 0.0
					if len(r.in) > 2 {
						sum = r.in[2].v[f]
					}
					for c := range channels {
						for i := range w.dims[2] {
							y := row*stride[0] - pads[0] + i*dilate[0]
							if y < 0 || y >= height {
								continue
							}
							line := x.v[((b*x.dims[1]+first+c)*height+y)*width:][:width]
							kernel := w.v[((f*channels+c)*w.dims[2]+i)*w.dims[3]:][:w.dims[3]]
							for j, k := range kernel {
								if z := column*stride[1] - pads[1] + j*dilate[1]; z >= 0 && z < width {
									sum += line[z] * k
								}
							}
						}
					}
					out.v[at] = sum
					at++
				}
			}
		}
	}
	return out
}

func refGemm(r *refCall) *array {
	x, w := r.in[0], r.in[1]
	mustFit(r.attribute("transB").Int == 1 && x.dims[1] == w.dims[1], "Gemm of %v and %v", x.dims, w.dims)
	return each([]int{x.dims[0], w.dims[0]}, func(index []int) float64 {
		sum := 0.0
		if len(r.in) > 2 {
			sum = r.in[2].v[index[1]]
		}
		for k := range x.dims[1] {
			sum += x.v[index[0]*x.dims[1]+k] * w.v[index[1]*x.dims[1]+k]
		}
		return sum
	})
}

func refMatMul(r *refCall) *array {
	x, w := r.in[0], r.in[1]
	last := len(x.dims) - 1
	dims := slices.Clone(x.dims)
	dims[last] = w.dims[1]
	return each(dims, func(index []int) float64 {
		from, to := slices.Clone(index), index[last]
		sum := 0.0
		for k := range x.dims[last] {
			from[last] = k
			sum += x.at(from) * w.v[k*w.dims[1]+to]
		}
		return sum
	})
}

func refBatchNorm(r *refCall) *array {
	scale, bias, mean, variance := r.in[1].v, r.in[2].v, r.in[3].v, r.in[4].v
	epsilon := float64(r.attribute("epsilon").Float)
	return each(r.in[0].dims, func(index []int) float64 {
		c := index[1]
		return (r.in[0].at(index)-mean[c])/math.Sqrt(variance[c]+epsilon)*scale[c] + bias[c]
	})
}

func refSoftmax(r *refCall) *array {
	x := r.in[0]
	along := axisOf(int(r.attribute("axis").Int), len(x.dims))
	return each(x.dims, func(index []int) float64 {
		at := slices.Clone(index)
		sum := 0.0
		for i := range x.dims[along] {
			at[along] = i
			sum += math.Exp(x.at(at) - x.at(index))
		}
		return 1 / sum
	})
}

func refPool(r *refCall) *array {
	x, kernel, stride, pads := r.in[0], r.ints("kernel_shape"), r.ints("strides"), r.ints("pads")
	mustFit(r.attribute("ceil_mode").Int == 0, "ceil_mode")
	dims := slices.Clone(x.dims)
	for i := range 2 {
		dims[2+i] = (x.dims[2+i]+pads[i]+pads[2+i]-kernel[i])/stride[i] + 1
	}
	return each(dims, func(index []int) float64 {
		largest, sum, count := math.Inf(-1), 0.0, 0
		for i := range kernel[0] {
			for j := range kernel[1] {
				y, z := index[2]*stride[0]-pads[0]+i, index[3]*stride[1]-pads[1]+j
				if y < 0 || z < 0 || y >= x.dims[2] || z >= x.dims[3] {
					continue
				}
				v := x.at([]int{index[0], index[1], y, z})
				largest, sum, count = max(largest, v), sum+v, count+1
			}
		}
		switch {
		case r.Operator == "MaxPool":
			return largest
		case r.attribute("count_include_pad").Int == 1:
			return sum / float64(kernel[0]*kernel[1])
		}
		return sum / float64(count)
	})
}

func refGlobal(r *refCall) *array {
	x := r.in[0]
	area := x.dims[2] * x.dims[3]
	return each([]int{x.dims[0], x.dims[1], 1, 1}, func(index []int) float64 {
		values := x.v[(index[0]*x.dims[1]+index[1])*area:][:area]
		if r.Operator == "GlobalMaxPool" {
			return slices.Max(values)
		}
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum / float64(area)
	})
}

func refConcat(r *refCall) *array {
	along := int(r.attribute("axis").Int)
	dims := slices.Clone(r.in[0].dims)
	for _, x := range r.in[1:] {
		dims[along] += x.dims[along]
	}
	return each(dims, func(index []int) float64 {
		at := slices.Clone(index)
		for _, x := range r.in {
			if at[along] < x.dims[along] {
				return x.at(at)
			}
			at[along] -= x.dims[along]
		}
		panic("index out of range")
	})
}

func refSlice(r *refCall) *array {
	x, from, to, along := r.in[0], r.list(1)[0], r.list(2)[0], r.list(3)[0]
	dims := slices.Clone(x.dims)
	dims[along] = to - from
	return each(dims, func(index []int) float64 {
		at := slices.Clone(index)
		at[along] += from
		return x.at(at)
	})
}

func refPad(r *refCall) *array {
	x, pads := r.in[0], r.list(1)
	n := len(x.dims)
	fill := 0.0
	if len(r.in) > 2 {
		fill = r.in[2].v[0]
	}
	dims := slices.Clone(x.dims)
	for i := range dims {
		dims[i] += pads[i] + pads[n+i]
	}
	mode := r.attribute("mode").String
	return each(dims, func(index []int) float64 {
		at := slices.Clone(index)
		for i, d := range x.dims {
			at[i] -= pads[i]
			if at[i] >= 0 && at[i] < d {
				continue
			}
			switch mode {
			case "edge":
				at[i] = min(max(at[i], 0), d-1)
			case "reflect":
				if at[i] < 0 {
					at[i] = -at[i]
				} else {
					at[i] = 2*(d-1) - at[i]
				}
			default:
				return fill
			}
		}
		return x.at(at)
	})
}

func refMean(r *refCall) *array {
	x, axes := r.in[0], r.ints("axes")
	kept := slices.Clone(x.dims)
	count := 1
	for _, a := range axes {
		count *= kept[a]
		kept[a] = 1
	}
	sums := zeros(kept...)
	each(x.dims, func(index []int) float64 {
		place := 0
		for i, d := range kept {
			place *= d
			if d > 1 {
				place += index[i]
			}
		}
		sums.v[place] += x.at(index) / float64(count)
		return 0
	})
	if r.attribute("keepdims").Int == 0 {
		var dims []int
		for i, d := range x.dims {
			if !slices.Contains(axes, i) {
				dims = append(dims, d)
			}
		}
		sums.dims = dims
	}
	return sums
}
