package preprocess

// A part is a range of the input rows of one output row.
type part struct {
	row      int     // of the window
	from, to int     // input rows
	sums     []int32 // of the output row, one a sample, while parts are missing
}

// column makes row i of the window from the rows of src, which has all of them.
func (r *resampler) column(dst, src []uint8, stride, i int) {
	a := r.down
	p := part{row: i, from: int(a.first[i]), to: a.end(i), sums: r.sums}
	r.add(dst, p, src[p.from*stride:], stride)
}

// add adds the rows of the part, which lie stride apart from the start of src, to its sums. The part that begins the output row
// sets them; dst is nil but for the part that ends it.
func (r *resampler) add(dst []uint8, p part, src []uint8, stride int) {
	a := r.down
	begins := p.from == int(a.first[p.row])
	at, taps := p.row*a.taps+p.from-int(a.first[p.row]), p.to-p.from
	done := 0
	if r.vector {
		if done = len(p.sums) &^ 7; done > 0 {
			addVector(dst, p.sums[:done], begins, src, stride, a.split.upper[at:][:taps+1], a.split.lower[at:][:taps+1])
		}
		if done == len(p.sums) {
			return
		}
	}
	sums := p.sums[done:]
	if begins {
		for i := range sums {
			sums[i] = rounding
		}
	}
	addRows(sums, src[done:], stride, a.weights[at:][:taps])
	if dst != nil {
		clipRow(dst[done:], sums)
	}
}

// addRows adds weighted rows to sums, four at a time, so that each sum is loaded and stored a quarter as often.
func addRows(sums []int32, src []uint8, stride int, weights []int32) {
	for len(weights) >= 4 {
		a, b, c, d := src[:len(sums)], src[stride:][:len(sums)], src[2*stride:][:len(sums)], src[3*stride:][:len(sums)]
		wa, wb, wc, wd := weights[0], weights[1], weights[2], weights[3]
		for i := range sums {
			sums[i] += wa*int32(a[i]) + wb*int32(b[i]) + wc*int32(c[i]) + wd*int32(d[i])
		}
		if weights = weights[4:]; len(weights) > 0 {
			src = src[4*stride:]
		}
	}
	for i, w := range weights {
		row := src[i*stride:][:len(sums)]
		for k, v := range row {
			sums[k] += w * int32(v)
		}
	}
}

// clipRow rounds finished sums to samples.
func clipRow(to []uint8, sums []int32) {
	to = to[:len(sums)]
	for i, sum := range sums {
		to[i] = clip8(sum >> precision)
	}
}
