package preprocess

import "github.com/scones-unlimited/scones/model"

// A resampler resizes 8-bit pictures as Pillow's ImagingResample does: one direction first, rounded to 8 bits, then the other. It
// computes only the window of the output that is kept. Its buffers are reused; it serves one goroutine at a time.
type resampler struct {
	across, down axis
	line         []uint8 // one row of the intermediate picture
	sums         []int32 // output rows in the making
}

// rounding is half a unit of the result.
const rounding = 1 << (precision - 1)

// resample writes the window of the prepared axes to dst, whose rows are stride samples apart.
func (r *resampler) resample(dst []uint8, stride int, src *Picture) {
	n := r.across.n * src.Channels
	switch {
	case r.down.copies() || r.down.filter == model.Nearest:
		for i := range r.down.n {
			y := r.down.from + i
			if !r.down.copies() {
				y = int(r.down.first[i])
			}
			r.across.apply(dst[i*stride:][:n], src.row(y), src.Channels)
		}
	case r.columnsFirst():
		low, high := r.across.needs()
		low, high = low*src.Channels, high*src.Channels
		r.line = sized(r.line, src.Width*src.Channels)
		r.vertical(high-low, func(y int) []uint8 { return src.row(y)[low:high] }, func(i int, sums []int32) {
			clipRow(r.line[low:high], sums)
			r.across.apply(dst[i*stride:][:n], r.line, src.Channels)
		})
	default:
		r.line = sized(r.line, n)
		r.vertical(n, func(y int) []uint8 {
			r.across.apply(r.line, src.row(y), src.Channels)
			return r.line
		}, func(i int, sums []int32) { clipRow(dst[i*stride:][:n], sums) })
	}
}

// columnsFirst is Pillow's choice of order since release 13.0: columns first when the height is reduced, and by more than twice
// the pixels that the width is. Earlier releases always began with the rows. The two orders round differently, by one unit or,
// where a filter overshoots, by more.
func (r *resampler) columnsFirst() bool {
	less := r.down.in - r.down.out
	return less > 0 && less > 2*(r.across.in-r.across.out)
}

// vertical takes the rows of the source once, from the top, adds each to the output rows that it belongs to and hands these on as
// they are complete. The whole intermediate picture is never held: for a tall picture it would be larger than the file lets
// expect. Sums of integers have no order, so the result is the same.
func (r *resampler) vertical(n int, row func(y int) []uint8, done func(i int, sums []int32)) {
	a := &r.down
	depth := a.overlap()
	r.sums = sized(r.sums, depth*n)
	begun, ended := 0, 0 // output rows [ended, begun) are in the making, row i in place i modulo depth
	for y := int(a.first[0]); ended < a.n; y++ {
		for begun < a.n && int(a.first[begun]) <= y {
			sums := r.sums[begun%depth*n:][:n]
			for i := range sums {
				sums[i] = rounding
			}
			begun++
		}
		if begun == ended {
			continue // without antialias some rows belong to no output
		}
		from := row(y)
		for i := ended; i < begun; i++ {
			if j := y - int(a.first[i]); j < int(a.count[i]) {
				addRow(r.sums[i%depth*n:][:n], from, a.weights[i*a.taps+j])
			}
		}
		for ended < begun && int(a.first[ended]+a.count[ended]) <= y+1 {
			done(ended, r.sums[ended%depth*n:][:n])
			ended++
		}
	}
}

// addRow adds a weighted row to sums.
func addRow(sums []int32, row []uint8, weight int32) {
	row = row[:len(sums)]
	for i, v := range row {
		sums[i] += weight * int32(v)
	}
}

// clipRow rounds finished sums to samples.
func clipRow(to []uint8, sums []int32) {
	to = to[:len(sums)]
	for i, sum := range sums {
		to[i] = clip8(sum >> precision)
	}
}

// overlap is the largest number of output samples of the window that share one input sample.
func (a *axis) overlap() int {
	most, begun := 1, 0
	for ended := range a.n {
		for begun < a.n && a.first[begun] < a.first[ended]+a.count[ended] {
			begun++
		}
		most = max(most, begun-ended)
	}
	return most
}

// needs is the range of input samples on which the window depends.
func (a *axis) needs() (low, high int) {
	if a.copies() {
		return a.from, a.from + a.n
	}
	last := a.n - 1
	return int(a.first[0]), int(a.first[last] + a.count[last])
}

// apply makes the window of one row.
func (a *axis) apply(dst, row []uint8, channels int) {
	switch {
	case a.copies():
		copy(dst, row[a.from*channels:])
	case a.filter == model.Nearest:
		for i, x := range a.first[:a.n] {
			copy(dst[i*channels:][:channels], row[int(x)*channels:])
		}
	case channels == 1:
		a.applyGrey(dst, row)
	default:
		a.applyRGB(dst, row)
	}
}

func (a *axis) applyGrey(dst, row []uint8) {
	for i := range dst {
		first, count := int(a.first[i]), int(a.count[i])
		weights, from := a.weights[i*a.taps:][:count], row[first:][:count]
		sum := int32(rounding)
		for j, w := range weights {
			sum += w * int32(from[j])
		}
		dst[i] = clip8(sum >> precision)
	}
}

func (a *axis) applyRGB(dst, row []uint8) {
	for i := 0; len(dst) >= 3; i, dst = i+1, dst[3:] {
		first, count := int(a.first[i]), int(a.count[i])
		weights, from := a.weights[i*a.taps:][:count], row[3*first:][:3*count]
		red, green, blue := int32(rounding), int32(rounding), int32(rounding)
		for _, w := range weights {
			if len(from) < 3 {
				break
			}
			red += w * int32(from[0])
			green += w * int32(from[1])
			blue += w * int32(from[2])
			from = from[3:]
		}
		dst[0], dst[1], dst[2] = clip8(red>>precision), clip8(green>>precision), clip8(blue>>precision)
	}
}
