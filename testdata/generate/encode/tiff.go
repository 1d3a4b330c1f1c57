package encode

import "slices"

// Compression of a TIFF file, by its number in the format.
type Compression uint32

// The compressions that every reader should know.
const (
	Uncompressed Compression = 1
	LZW          Compression = 5
	Deflate      Compression = 8
	PackBits     Compression = 32773
)

// TIFFOptions are the parts of a TIFF file that its picture does not decide.
type TIFFOptions struct {
	Compression Compression
	Predictor   bool // samples are stored as differences from their left neighbours; 8 bits only
	BigEndian   bool
	Tile        int // side of square tiles, a multiple of 16; 0 = strips of 16 rows
	Orientation int // 0 = no such field
}

// Photometric interpretations: what a sample of 0 means.
const (
	blackIsZero = 1
	rgbColour   = 2
	paletteUsed = 3
)

// TIFF writes grey, RGB or RGBA of 8 or 16 bits.
func TIFF(r Raster, o TIFFOptions) []byte {
	photometric := uint32(rgbColour)
	if r.Channels == 1 {
		photometric = blackIsZero
	}
	rows := make([][]byte, r.H)
	for y := range rows {
		rows[y] = slices.Clone(r.row(y))
		if r.Depth == 16 && !o.BigEndian {
			for i := 0; i < len(rows[y]); i += 2 {
				rows[y][i], rows[y][i+1] = rows[y][i+1], rows[y][i]
			}
		}
	}
	return writeTIFF(r.W, r.H, r.Channels, r.Depth, photometric, nil, rows, o)
}

// TIFFPalette writes 8-bit indices with their palette.
func TIFFPalette(p Indexed, o TIFFOptions) []byte {
	rows := make([][]byte, p.H)
	for y := range rows {
		rows[y] = p.packed(y, 8)
	}
	// The colour map holds all reds, then all greens, then all blues, of 16 bits each.
	colours := make([]uint32, 3*256)
	for i, c := range p.Palette {
		for ch := range 3 {
			colours[256*ch+i] = uint32(c[ch]) * 257
		}
	}
	return writeTIFF(p.W, p.H, 1, 8, paletteUsed, colours, rows, o)
}

// TIFFBlackWhite writes one bit a pixel, made by [BlackWhite].
func TIFFBlackWhite(p Indexed, o TIFFOptions) []byte {
	rows := make([][]byte, p.H)
	for y := range rows {
		rows[y] = p.packed(y, 1)
	}
	return writeTIFF(p.W, p.H, 1, 1, blackIsZero, nil, rows, o)
}

func writeTIFF(w, h, channels, depth int, photometric uint32, colours []uint32, rows [][]byte, o TIFFOptions) []byte {
	b := tiffBuilder{little: !o.BigEndian}
	b.header()
	pixel := channels * depth / 8
	var offsets, counts []uint32
	for _, part := range parts(rows, pixel, o.Tile) {
		if o.Predictor {
			for _, row := range part {
				for i := len(row) - 1; i >= channels; i-- {
					row[i] -= row[i-channels]
				}
			}
		}
		data := compress(part, o.Compression)
		offsets = append(offsets, uint32(len(b.data)))
		counts = append(counts, uint32(len(data)))
		b.data = append(b.data, data...)
		if len(b.data)%2 == 1 {
			b.data = append(b.data, 0)
		}
	}
	fields := []field{
		{tagWidth, longType, []uint32{uint32(w)}},
		{tagHeight, longType, []uint32{uint32(h)}},
		{tagBits, shortType, slices.Repeat([]uint32{uint32(depth)}, channels)},
		{tagCompression, shortType, []uint32{uint32(o.Compression)}},
		{tagPhotometric, shortType, []uint32{photometric}},
	}
	if o.Tile == 0 {
		fields = append(fields, field{tagStripOffsets, longType, offsets})
	}
	if o.Orientation != 0 {
		fields = append(fields, field{tagOrientation, shortType, []uint32{uint32(o.Orientation)}})
	}
	fields = append(fields, field{tagSamples, shortType, []uint32{uint32(channels)}})
	if o.Tile == 0 {
		fields = append(fields, field{tagRowsPerStrip, longType, []uint32{stripRows}}, field{tagStripCounts, longType, counts})
	}
	if o.Predictor {
		fields = append(fields, field{tagPredictor, shortType, []uint32{2}})
	}
	if colours != nil {
		fields = append(fields, field{tagColorMap, shortType, colours})
	}
	if o.Tile != 0 {
		side := []uint32{uint32(o.Tile)}
		fields = append(fields, field{tagTileWidth, longType, side}, field{tagTileHeight, longType, side},
			field{tagTileOffsets, longType, offsets}, field{tagTileCounts, longType, counts})
	}
	if channels == 4 {
		fields = append(fields, field{tagExtraSamples, shortType, []uint32{2}}) // alpha, not premultiplied
	}
	b.directory(fields)
	return b.data
}

const stripRows = 16

// parts cuts the picture into strips, or into tiles filled up at the right and lower edge.
func parts(rows [][]byte, pixel, tile int) [][][]byte {
	if tile == 0 {
		return slices.Collect(slices.Chunk(rows, stripRows))
	}
	var out [][][]byte
	for y := 0; y < len(rows); y += tile {
		for x := 0; x < len(rows[0]); x += tile * pixel {
			part := make([][]byte, tile)
			for i := range part {
				part[i] = make([]byte, tile*pixel)
				if y+i < len(rows) {
					copy(part[i], rows[y+i][x:])
				}
			}
			out = append(out, part)
		}
	}
	return out
}

func compress(rows [][]byte, c Compression) []byte {
	switch c {
	case LZW:
		return lzw(slices.Concat(rows...))
	case Deflate:
		return Deflated(slices.Concat(rows...))
	case PackBits:
		var out []byte
		for _, row := range rows {
			out = append(out, runLengths(row)...)
		}
		return out
	default:
		return slices.Concat(rows...)
	}
}
