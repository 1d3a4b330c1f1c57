package preprocess

import "github.com/scones-unlimited/scones/model"

// A resampler resizes 8-bit pictures as Pillow's ImagingResample does: one direction first, rounded to 8 bits, then the other. It
// computes only the window of the output that is kept. Its buffers are reused; it serves one goroutine at a time.
type resampler struct {
	vector       bool // use vector instructions
	channels     int
	swapped      bool // the picture lies on its side: what are its rows were columns to Pillow
	across, down *axis
	kept         [2]axes
	block        []uint8 // rows of the intermediate picture
	sums         []int32 // output rows in the making
	edge         []uint8 // the picture's last rows, with room after them
}

// rounding is half a unit of the result.
const rounding = 1 << (precision - 1)

// prepare sets the two directions of the picture as it is stored. Swapped says that it lies on its side.
func (r *resampler) prepare(channels int, across, down direction, swapped bool) {
	r.swapped = swapped
	if r.channels != channels { // the split weights are made for one
		r.channels, r.kept = channels, [2]axes{}
	}
	var fresh bool
	if r.across, fresh = r.kept[0].of(across); fresh && r.weighs(r.across) {
		r.across.splitRows(channels)
	}
	if r.down, fresh = r.kept[1].of(down); fresh && r.weighs(r.down) {
		r.down.splitColumns()
	}
}

// weighs reports whether the axis has weights that vector instructions take.
func (r *resampler) weighs(a *axis) bool {
	return r.vector && !a.copies() && a.filter != model.Nearest
}

// resample writes the window of the prepared axes to dst, whose rows are stride samples apart.
func (r *resampler) resample(dst []uint8, stride int, src *Picture) {
	from := src.Width * src.Channels
	switch {
	case r.down.copies():
		r.rows(dst, stride, src.Pix, from, r.down.from, r.down.n)
	case r.down.filter == model.Nearest:
		for i, y := range r.down.first[:r.down.n] {
			r.rows(dst[i*stride:], stride, src.Pix, from, int(y), 1)
		}
	case r.across.copies():
		n := r.across.n * src.Channels
		r.sums = sized(r.sums, n)
		for i := range r.down.n {
			r.column(dst[i*stride:][:n], src.Pix[r.across.from*src.Channels:], from, i)
		}
	case r.columnsFirst():
		r.columnsThenRows(dst, stride, src)
	default:
		r.rowsThenColumns(dst, stride, src)
	}
}

// columnsFirst is Pillow's choice of order since release 13.0: columns first when the height is reduced, and by more than twice
// the pixels that the width is. Earlier releases always began with the rows. The two orders round differently, by one unit or,
// where a filter overshoots, by more.
func (r *resampler) columnsFirst() bool {
	across, down := r.across, r.down
	if r.swapped {
		across, down = down, across
	}
	less := down.in - down.out
	return (less > 0 && less > 2*(across.in-across.out)) != r.swapped
}

// columnsThenRows makes four rows of the intermediate picture at a time.
func (r *resampler) columnsThenRows(dst []uint8, stride int, src *Picture) {
	from := src.Width * src.Channels
	low, high := r.across.needs()
	low, high = low*src.Channels, high*src.Channels
	r.block = sized(r.block, 4*from+r.across.split.reach)
	r.sums = sized(r.sums, high-low)
	for i := 0; i < r.down.n; i += 4 {
		n := min(4, r.down.n-i)
		for k := range n {
			r.column(r.block[k*from:][low:high], src.Pix[low:], from, i+k)
		}
		r.rows(dst[i*stride:], stride, r.block, from, 0, n)
	}
}

// blockBytes is about the size of a block of rows: small enough to stay in a core's cache beside four rows of the source.
const blockBytes = 48 << 10

// rowsThenColumns makes a block of rows of the intermediate picture at a time and hands it to the output rows that it belongs to.
// The whole intermediate picture is never held: for a tall picture it would be larger than the file lets expect. An output row
// that needs rows of several blocks waits in sums; sums of integers have no order, so the result is the same.
func (r *resampler) rowsThenColumns(dst []uint8, stride int, src *Picture) {
	a, n := r.down, r.across.n*src.Channels
	most := max(blockBytes/n, 4) &^ 3
	depth := a.overlap()
	r.block = sized(r.block, most*n)
	r.sums = sized(r.sums, depth*n)
	y := 0
	for ended := 0; ended < a.n; {
		y = max(y, int(a.first[ended])) // without antialias some rows belong to no output
		high := a.end(ended)
		for i := ended + 1; i < a.n && high < y+most && int(a.first[i]) <= high; i++ {
			high = a.end(i)
		}
		high = min(high, y+most)
		r.rows(r.block, n, src.Pix, src.Width*src.Channels, y, high-y)
		for i := ended; i < a.n && int(a.first[i]) < high; i++ {
			p := part{row: i, from: max(int(a.first[i]), y), to: min(a.end(i), high), sums: r.sums[i%depth*n:][:n]}
			var to []uint8
			if p.to == a.end(i) {
				to = dst[i*stride:][:n]
				ended = i + 1
			}
			r.add(to, p, r.block[(p.from-y)*n:], n)
		}
		y = high
	}
}
