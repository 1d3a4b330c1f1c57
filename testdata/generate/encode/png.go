package encode

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zlib"
)

// PNGOptions are the parts of a PNG file that its picture does not decide.
type PNGOptions struct {
	Interlaced bool   // Adam7
	Clear      []byte // tRNS: an alpha for each palette entry, or the one transparent colour as 16-bit samples
	EXIF       []byte // eXIf
}

// PNGSignature opens every PNG file.
const PNGSignature = "\x89PNG\r\n\x1a\n"

// PNG writes grey, grey with alpha, RGB or RGBA of 8 or 16 bits.
func PNG(r Raster, o PNGOptions) []byte {
	colour := []uint8{0, 0, 4, 2, 6}[r.Channels]
	size := r.Channels * r.Depth / 8
	return writePNG(r.W, r.H, uint8(r.Depth), colour, nil, o, func(xs, ys stride) [][]byte {
		return passRows(r.W, r.H, xs, ys, func(x, y int) []byte {
			at := (y*r.W + x) * size
			return r.Pix[at : at+size]
		})
	}, size)
}

// PNGPalette writes indices of 1, 2, 4 or 8 bits with their palette.
func PNGPalette(p Indexed, bits int, o PNGOptions) []byte {
	var plte []byte
	for _, c := range p.Palette {
		plte = append(plte, c[:]...)
	}
	return p.png(bits, 3, plte, o)
}

// PNGSteps writes grey of 1, 2 or 4 bits, made by [BlackWhite] or [Levels].
func PNGSteps(p Indexed, bits int, o PNGOptions) []byte { return p.png(bits, 0, nil, o) }

func (p Indexed) png(bits int, colour uint8, plte []byte, o PNGOptions) []byte {
	return writePNG(p.W, p.H, uint8(bits), colour, plte, o, func(xs, ys stride) [][]byte {
		rows := passRows(p.W, p.H, xs, ys, func(x, y int) []byte { return p.Pix[y*p.W+x : y*p.W+x+1] })
		for i := range rows {
			rows[i] = packBits(rows[i], bits)
		}
		return rows
	}, 0)
}

// stride is every which pixel of an axis a pass takes.
type stride struct{ first, step int }

// passRows gathers the rows of one pass.
func passRows(w, h int, xs, ys stride, pixel func(x, y int) []byte) [][]byte {
	var rows [][]byte
	for y := ys.first; y < h; y += ys.step {
		var row []byte
		for x := xs.first; x < w; x += xs.step {
			row = append(row, pixel(x, y)...)
		}
		if row != nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// writePNG assembles the file. The size of a pixel in bytes is what filters look back by; 0 means that
// rows are not filtered, which is best for palettes.
func writePNG(w, h int, depth, colour uint8, plte []byte, o PNGOptions, pass func(xs, ys stride) [][]byte, size int) []byte {
	out := []byte(PNGSignature)
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	interlace := uint8(0)
	passes := [][2]stride{{{0, 1}, {0, 1}}}
	if o.Interlaced {
		interlace = 1
		passes = [][2]stride{
			{{0, 8}, {0, 8}}, {{4, 8}, {0, 8}}, {{0, 4}, {4, 8}}, {{2, 4}, {0, 4}}, {{0, 2}, {2, 4}}, {{1, 2}, {0, 2}}, {{0, 1}, {1, 2}},
		}
	}
	out = Chunk(out, "IHDR", append(head, depth, colour, 0, 0, interlace))
	if o.EXIF != nil {
		out = Chunk(out, "eXIf", o.EXIF)
	}
	if plte != nil {
		out = Chunk(out, "PLTE", plte)
	}
	if o.Clear != nil {
		out = Chunk(out, "tRNS", o.Clear)
	}
	var data []byte
	for _, p := range passes {
		var above []byte
		for _, row := range pass(p[0], p[1]) {
			data = append(data, filterRow(row, above, size)...)
			above = row
		}
	}
	out = Chunk(out, "IDAT", Deflated(data))
	return Chunk(out, "IEND", nil)
}

// Chunk appends a PNG chunk with its length and checksum.
func Chunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	body := append([]byte(kind), data...)
	out = append(out, body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
}

// Deflated returns data in zlib's wrapping.
func Deflated(data []byte) []byte {
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err == nil {
		_, err = z.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // a buffer takes every write, and the level is valid
	}
	return b.Bytes()
}
