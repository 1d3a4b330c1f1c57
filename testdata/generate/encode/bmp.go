package encode

import "encoding/binary"

// BMPOptions are the parts of a BMP file that its picture does not decide.
type BMPOptions struct {
	TopDown bool // rows from the top; most files begin at the bottom
	Wide    bool // RGB in 32 bits a pixel, the fourth byte unused
}

// BMP writes RGB in 24 or 32 bits with the classic header of 40 bytes, or RGBA in 32 bits with a header of
// version 4, which says where alpha is.
func BMP(r Raster, o BMPOptions) []byte {
	size, header := 3, 40
	if o.Wide {
		size = 4
	}
	if r.Channels == 4 {
		size, header = 4, 108
	}
	rows := make([][]byte, r.H)
	for y := range rows {
		for x := range r.W {
			p := r.Pix[(y*r.W+x)*r.Channels:]
			rows[y] = append(rows[y], p[2], p[1], p[0])
			switch {
			case r.Channels == 4:
				rows[y] = append(rows[y], p[3])
			case o.Wide:
				rows[y] = append(rows[y], 0)
			}
		}
	}
	return writeBMP(r.W, header, 8*size, nil, rows, o.TopDown)
}

// BMPPalette writes 8-bit indices with their palette.
func BMPPalette(p Indexed) []byte {
	rows := make([][]byte, p.H)
	for y := range rows {
		rows[y] = p.packed(y, 8)
	}
	var palette []byte
	for _, c := range p.Palette {
		palette = append(palette, c[2], c[1], c[0], 0)
	}
	return writeBMP(p.W, 40, 8, palette, rows, false)
}

func writeBMP(w, header, bits int, palette []byte, rows [][]byte, topDown bool) []byte {
	h := len(rows)
	stride := (len(rows[0]) + 3) / 4 * 4
	start := 14 + header + len(palette)
	le := binary.LittleEndian
	b := []byte("BM")
	b = le.AppendUint32(b, uint32(start+stride*h))
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(start))
	b = le.AppendUint32(b, uint32(header))
	b = le.AppendUint32(b, uint32(w))
	height := int32(h)
	if topDown {
		height = -height
	}
	b = le.AppendUint32(b, uint32(height))
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, uint16(bits))
	method := uint32(0)
	if header == 108 {
		method = 3 // the masks below tell the channels
	}
	b = le.AppendUint32(b, method)
	b = le.AppendUint32(b, uint32(stride*h))
	b = le.AppendUint32(b, 2835) // pixels a metre: 72 an inch
	b = le.AppendUint32(b, 2835)
	b = le.AppendUint32(b, uint32(len(palette)/4))
	b = le.AppendUint32(b, 0)
	if header == 108 {
		for _, m := range []uint32{0xff0000, 0xff00, 0xff, 0xff000000} {
			b = le.AppendUint32(b, m)
		}
		b = append(b, "BGRs"...) // sRGB, spelt backwards as the format has it
		b = append(b, make([]byte, 48)...)
	}
	b = append(b, palette...)
	for y := range h {
		row := rows[y]
		if !topDown {
			row = rows[h-1-y]
		}
		b = append(b, row...)
		b = append(b, make([]byte, stride-len(row))...)
	}
	return b
}
