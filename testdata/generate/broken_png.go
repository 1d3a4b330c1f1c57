package main

import (
	"encoding/binary"
	"slices"

	"github.com/scones-unlimited/scones/testdata/generate/encode"
)

// header returns the data of an IHDR chunk, not interlaced.
func header(w, h int, depth, colour byte) []byte {
	return append(append(be32(w), be32(h)...), depth, colour, 0, 0, 0)
}

// chunks assembles a PNG file of kinds and data by turns.
func chunks(parts ...any) []byte {
	out := []byte(encode.PNGSignature)
	for i := 0; i < len(parts); i += 2 {
		out = encode.Chunk(out, parts[i].(string), parts[i+1].([]byte))
	}
	return out
}

// data returns the content of the first chunk of a kind.
func data(file []byte, kind string) []byte {
	at := after(file, kind)
	n := binary.BigEndian.Uint32(file[at-8:])
	return slices.Clone(file[at : at+int(n)])
}

func (w whole) pngFaults() []fault {
	head, idat := data(w.png, "IHDR"), data(w.png, "IDAT")
	rows := slices.Repeat([]byte{9}, (1+3*64)*48) // filters are numbered from 0 to 4
	empty := []byte{}
	return []fault{
		{"png-bad-checksum-of-header.png", set(w.png, after(w.png, "IHDR")+13, 0, 0, 0, 0)},
		{"png-bad-checksum-of-data.png", set(w.png, after(w.png, "IDAT")+len(idat), 0, 0, 0, 0)},
		{"png-corrupt-deflate.png", chunks("IHDR", head, "IDAT", set(idat, len(idat)/3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "IEND", empty)},
		{"png-bad-filter.png", chunks("IHDR", head, "IDAT", encode.Deflated(rows), "IEND", empty)},
		{"png-bad-color-type.png", chunks("IHDR", header(64, 48, 8, 5), "IDAT", idat, "IEND", empty)},
		{"png-missing-header.png", chunks("IDAT", idat, "IEND", empty)},
		{"png-missing-palette.png", chunks("IHDR", data(w.palette, "IHDR"), "IDAT", data(w.palette, "IDAT"), "IEND", empty)},
		{"png-missing-data.png", chunks("IHDR", head, "IEND", empty)},
		{"png-too-few-rows.png", chunks("IHDR", head, "IDAT", encode.Deflated(make([]byte, (1+3*64)*20)), "IEND", empty)},
		{"png-zero-width.png", chunks("IHDR", header(0, 48, 8, 2), "IDAT", idat, "IEND", empty)},
		{"png-zero-height.png", chunks("IHDR", header(64, 0, 8, 2), "IDAT", idat, "IEND", empty)},
		{"png-bomb-60000x60000.png", chunks("IHDR", header(60000, 60000, 8, 2), "IDAT", encode.Deflated(make([]byte, 1<<20)), "IEND", empty)},
		{"png-size-overflow.png", chunks("IHDR", header(0x7fffffff, 0x7fffffff, 16, 6), "IDAT", idat, "IEND", empty)},
		{"png-hollow-9000x9000.png", chunks("IHDR", header(9000, 9000, 8, 2), "IDAT", idat, "IEND", empty)},
	}
}
