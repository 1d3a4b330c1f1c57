package encode

import (
	"fmt"
	"slices"
)

// Colour is how a JPEG file stores colour.
type Colour int

// The ways to store colour.
const (
	YCbCr Colour = iota // luminance and two colour differences, as nearly all files do
	Luma                // one component
	Plain               // red, green and blue as they are
	CMYK                // four inks, inverted as Adobe's programs write them
	YCCK                // the same, with three of the inks as luminance and colour differences
)

// JPEGOptions are the parts of a JPEG file that its picture does not decide.
type JPEGOptions struct {
	Colour      Colour
	Sampling    [2]int // pixels across and down that share one colour difference; zero = 1, 1
	Quality     int    // 1 to 100, as in libjpeg
	Progressive bool
	Restart     int    // blocks of pixels between restart markers, 0 = none; not in progressive files
	EXIF        []byte // see [Orientation]
}

// component is one plane of a JPEG picture and its coefficients.
type component struct {
	id, across, down, quant int
	w, h                    int       // blocks that show something
	stride                  int       // blocks in a row, filled up to whole groups
	blocks                  [][64]int // quantized, in zigzag order
}

// JPEG writes a picture of three channels, or of one for [Luma].
func JPEG(r Raster, o JPEGOptions) ([]byte, error) {
	if err := r.check(3, 1); err != nil {
		return nil, err
	}
	if (o.Colour == Luma) != (r.Channels == 1) {
		return nil, fmt.Errorf("a JPEG of colour %d from %d channels is not possible", o.Colour, r.Channels)
	}
	if o.Sampling == [2]int{} {
		o.Sampling = [2]int{1, 1}
	}
	f := jpegFile{r: r, o: o, out: []byte{0xff, 0xd8}}
	f.quant = [2][64]int{scaleTable(lumaTable, o.Quality), scaleTable(chromaTable, o.Quality)}
	f.split()
	f.headers()
	if o.Progressive {
		f.progressive()
	} else {
		f.scan(scan{components: f.all(), last: 63})
	}
	return append(f.out, 0xff, 0xd9), nil
}

type jpegFile struct {
	r     Raster
	o     JPEGOptions
	quant [2][64]int
	comps []*component
	// mcus are the groups of blocks in a row and in a column.
	mcusAcross, mcusDown int
	out                  []byte
}

func (f *jpegFile) all() []int {
	n := make([]int, len(f.comps))
	for i := range n {
		n[i] = i
	}
	return n
}

// split converts colours, shares colour differences among pixels, and transforms blocks.
func (f *jpegFile) split() {
	sx, sy := f.o.Sampling[0], f.o.Sampling[1]
	planes := separate(f.r, f.o.Colour)
	f.mcusAcross, f.mcusDown = ceilDiv(f.r.W, 8*sx), ceilDiv(f.r.H, 8*sy)
	for i, plane := range planes {
		c := &component{id: i + 1, across: sx, down: sy}
		if f.o.Colour == Plain {
			c.id = int("RGB"[i])
		}
		w, h := f.r.W, f.r.H
		if i == 1 || i == 2 {
			c.across, c.down = 1, 1
			plane = share(plane, w, h, sx, sy)
			w, h = ceilDiv(w, sx), ceilDiv(h, sy)
			if f.o.Colour == YCbCr || f.o.Colour == YCCK {
				c.quant = 1
			}
		}
		c.w, c.h = ceilDiv(w, 8), ceilDiv(h, 8)
		c.stride = f.mcusAcross * c.across
		c.blocks = make([][64]int, c.stride*f.mcusDown*c.down)
		for b := range c.blocks {
			c.blocks[b] = block(plane, w, h, b%c.stride*8, b/c.stride*8, &f.quant[c.quant])
		}
		f.comps = append(f.comps, c)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// share averages the colour differences of sx·sy pixels.
func share(plane []uint8, w, h, sx, sy int) []uint8 {
	if sx == 1 && sy == 1 {
		return plane
	}
	var out []uint8
	for y := 0; y < h; y += sy {
		for x := 0; x < w; x += sx {
			sum := 0
			for dy := range sy {
				for dx := range sx {
					sum += int(plane[min(y+dy, h-1)*w+min(x+dx, w-1)])
				}
			}
			out = append(out, uint8((sum+sx*sy/2)/(sx*sy)))
		}
	}
	return out
}

// segment appends a marker and its data.
func (f *jpegFile) segment(marker byte, data ...byte) {
	n := len(data) + 2
	f.out = append(f.out, 0xff, marker, byte(n>>8), byte(n))
	f.out = append(f.out, data...)
}

func (f *jpegFile) headers() {
	if f.o.Colour == YCbCr || f.o.Colour == Luma {
		f.segment(0xe0, append([]byte("JFIF\x00"), 1, 1, 1, 0, 72, 0, 72, 0, 0)...)
	} else {
		transform := byte(0)
		if f.o.Colour == YCCK {
			transform = 2
		}
		f.segment(0xee, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, transform)...)
	}
	if f.o.EXIF != nil {
		f.segment(0xe1, append([]byte("Exif\x00\x00"), f.o.EXIF...)...)
	}
	tables := 1
	if f.o.Colour == YCbCr || f.o.Colour == YCCK {
		tables = 2
	}
	for i := range tables {
		data := []byte{byte(i)}
		for _, v := range f.quant[i] {
			data = append(data, byte(v))
		}
		f.segment(0xdb, data...)
	}
	frame := []byte{8, byte(f.r.H >> 8), byte(f.r.H), byte(f.r.W >> 8), byte(f.r.W), byte(len(f.comps))}
	for _, c := range f.comps {
		frame = append(frame, byte(c.id), byte(c.across<<4|c.down), byte(c.quant))
	}
	marker := byte(0xc0)
	if f.o.Progressive {
		marker = 0xc2
	}
	f.segment(marker, frame...)
	if f.o.Restart > 0 {
		f.segment(0xdd, byte(f.o.Restart>>8), byte(f.o.Restart))
	}
}

// progressive sends a blurred picture first and refines it: first the means of blocks, then waves, each
// without its lowest bits, then those bits, one scan each.
func (f *jpegFile) progressive() {
	f.scan(scan{components: f.all(), low: 1})
	for i := range f.comps {
		f.scan(scan{components: []int{i}, first: 1, last: 5, low: 2})
		f.scan(scan{components: []int{i}, first: 6, last: 63, low: 2})
		f.scan(scan{components: []int{i}, first: 1, last: 63, high: 2, low: 1})
	}
	f.scan(scan{components: f.all(), high: 1})
	for _, i := range slices.Backward(f.all()) {
		f.scan(scan{components: []int{i}, first: 1, last: 63, high: 1})
	}
}
