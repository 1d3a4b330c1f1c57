package preprocess

import "github.com/scones-unlimited/scones/model"

// rows makes the window of n rows of src, from row first; rows of src lie stride apart, those of dst pitch.
func (r *resampler) rows(dst []uint8, pitch int, src []uint8, stride, first, n int) {
	if r.weighs(r.across) {
		r.rowsVector(dst, pitch, src, stride, first, n)
		return
	}
	width := r.across.n * r.channels
	for i := range n {
		r.across.apply(dst[i*pitch:][:width], src[(first+i)*stride:][:stride], r.channels)
	}
}

// rowsVector makes four rows at a time; where fewer are left the last stands in for those missing. Near the end of src a row is
// read from a copy, as reading goes beyond its end.
func (r *resampler) rowsVector(dst []uint8, pitch int, src []uint8, stride, first, n int) {
	reach := r.across.split.reach
	r.edge = sized(r.edge, 4*reach)
	var to, from [4]*uint8
	for i := 0; i < n; i += 4 {
		for k := range 4 {
			y := min(i+k, n-1)
			row := src[(first+y)*stride:]
			if len(row) < reach {
				edge := r.edge[k*reach:][:reach]
				copy(edge, row)
				row = edge
			}
			to[k], from[k] = &dst[y*pitch], &row[0]
		}
		r.across.applyVector(&to, &from, r.channels)
	}
}

// apply makes the window of one row.
func (a *axis) apply(dst, row []uint8, channels int) {
	switch {
	case a.copies():
		copy(dst, row[a.from*channels:])
	case a.filter == model.Nearest && channels == 1:
		for i, x := range a.first[:a.n] {
			dst[i] = row[x]
		}
	case a.filter == model.Nearest:
		for i, x := range a.first[:a.n] {
			to, from := dst[3*i:][:3], row[3*x:][:3]
			to[0], to[1], to[2] = from[0], from[1], from[2]
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
		for len(weights) >= 4 && len(from) >= 12 {
			w, p := (*[4]int32)(weights), (*[12]uint8)(from)
			red += w[0]*int32(p[0]) + w[1]*int32(p[3]) + w[2]*int32(p[6]) + w[3]*int32(p[9])
			green += w[0]*int32(p[1]) + w[1]*int32(p[4]) + w[2]*int32(p[7]) + w[3]*int32(p[10])
			blue += w[0]*int32(p[2]) + w[1]*int32(p[5]) + w[2]*int32(p[8]) + w[3]*int32(p[11])
			weights, from = weights[4:], from[12:]
		}
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
