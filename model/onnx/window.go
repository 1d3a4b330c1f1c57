package onnx

// window is the geometry of a two-dimensional convolution or pooling: rows, then columns.
type window struct {
	kernel, stride, dilate, pad []int64
}

// window reads the geometry. Only a convolution has a dilation. A pooling over everything needs no kernel.
func (c *conversion) window(convolution bool) (w window, err error) {
	if layout := c.Text("layout", "NCHW"); layout != "NCHW" {
		return w, c.problem("attribute \"layout\" is %.20q, only \"NCHW\" can be converted", layout)
	}
	if w.kernel, err = c.Tuple("kernel"); err != nil {
		return w, err
	}
	if len(w.kernel) != 2 {
		return w, c.problem("a kernel of %d dimensions, only 2 can be converted", len(w.kernel))
	}
	for _, part := range []struct {
		name   string
		to     *[]int64
		absent int64
	}{{"stride", &w.stride, 1}, {"dilate", &w.dilate, 1}, {"pad", &w.pad, 0}} {
		*part.to = []int64{part.absent, part.absent}
		if part.name == "dilate" && !convolution {
			continue
		}
		given, err := c.Tuple(part.name)
		if err != nil {
			return w, err
		}
		if len(given) != 0 {
			*part.to = given
		}
	}
	for _, list := range [][]int64{w.kernel, w.stride, w.dilate, w.pad} {
		if len(list) != 2 || min(list[0], list[1]) < 0 || max(list[0], list[1]) > maxWindow {
			return w, c.problem("a window with kernel %v, stride %v, dilation %v and padding %v", w.kernel, w.stride, w.dilate, w.pad)
		}
	}
	if min(w.kernel[0], w.kernel[1], w.stride[0], w.stride[1], w.dilate[0], w.dilate[1]) < 1 {
		return w, c.problem("a window with kernel %v, stride %v and dilation %v", w.kernel, w.stride, w.dilate)
	}
	return w, nil
}

// maxWindow bounds kernels, strides, dilations and paddings, so that products of them fit.
const maxWindow = 1 << 20

// free is how far the window can move along axis i over size.
func (w *window) free(size int64, i int) int64 {
	return size + 2*w.pad[i] - (w.dilate[i]*(w.kernel[i]-1) + 1)
}

// places is the number of positions that fit, rounded down; less than 1 when none does.
func (w *window) places(size int64, i int) int64 {
	if w.free(size, i) < 0 {
		return 0
	}
	return w.free(size, i)/w.stride[i] + 1
}
