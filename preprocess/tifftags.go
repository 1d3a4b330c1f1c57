package preprocess

import "encoding/binary"

// tiffTags are the tags of the first directory on which the checks here depend, with their defaults of TIFF 6.0.
type tiffTags struct {
	order                     binary.ByteOrder
	width, height             uint64
	compression, photometric  uint64
	fillOrder, samples        uint64
	planar, orientation       uint64
	rowsPerStrip              uint64
	tileWidth, tileHeight     uint64
	bits, offsets, byteCounts []uint64
	extra                     []uint64
}

// maxTiffValues bounds the values that are read of one tag; a strip a row of the longest side are fewer.
const maxTiffValues = maxLongSide

// readTiffTags reads the directory within the data. Values that lie outside are absent; package tiff gives the error.
func readTiffTags(data []byte) *tiffTags {
	order, _ := tiffByteOrder(data)
	t := &tiffTags{order: order, compression: 1, fillOrder: 1, samples: 1, planar: 1}
	for entry := range directory(data, order) {
		one := func(to *uint64) {
			if v := tiffValues(data, order, entry, 1); len(v) > 0 {
				*to = v[0]
			}
		}
		switch order.Uint16(entry) {
		case 256:
			one(&t.width)
		case 257:
			one(&t.height)
		case 258:
			t.bits = tiffValues(data, order, entry, 16)
		case 259:
			one(&t.compression)
		case 262:
			one(&t.photometric)
		case 266:
			one(&t.fillOrder)
		case 273, 324: // strips, tiles
			t.offsets = tiffValues(data, order, entry, maxTiffValues)
		case 277:
			one(&t.samples)
		case 278:
			one(&t.rowsPerStrip)
		case 279, 325:
			t.byteCounts = tiffValues(data, order, entry, maxTiffValues)
		case 284:
			one(&t.planar)
		case 322:
			one(&t.tileWidth)
		case 323:
			one(&t.tileHeight)
		case 338:
			t.extra = tiffValues(data, order, entry, 16)
		}
	}
	return t
}

// tiffValues reads up to most whole numbers (BYTE, SHORT or LONG) of a directory entry, nil when they lie outside the data.
func tiffValues(data []byte, order binary.ByteOrder, entry []byte, most int) []uint64 {
	var size uint64
	switch order.Uint16(entry[2:]) {
	case 1:
		size = 1
	case 3:
		size = 2
	case 4:
		size = 4
	default:
		return nil
	}
	count := uint64(order.Uint32(entry[4:]))
	values := entry[8:12]
	if count*size > 4 {
		offset := uint64(order.Uint32(values))
		if offset > uint64(len(data)) || count*size > uint64(len(data))-offset {
			return nil
		}
		values = data[offset:]
	}
	out := make([]uint64, min(count, uint64(most)))
	for i := range out {
		switch size {
		case 1:
			out[i] = uint64(values[i])
		case 2:
			out[i] = uint64(order.Uint16(values[2*i:]))
		case 4:
			out[i] = uint64(order.Uint32(values[4*i:]))
		}
	}
	return out
}

// checkTiles bounds what tiles hold beyond the picture.
func (t *tiffTags) checkTiles() error {
	if t.tileWidth > maxLongSide || t.tileHeight > maxLongSide {
		return fail(CodeTooManyPix, "decode TIFF: tiles of %d × %d pixels, the limit of a side is %d", t.tileWidth, t.tileHeight, maxLongSide)
	}
	across, down := (t.width+t.tileWidth-1)/t.tileWidth, (t.height+t.tileHeight-1)/t.tileHeight
	if padded := across * t.tileWidth * down * t.tileHeight; padded > maxTilePadding*t.width*t.height+1<<22 {
		return fail(CodeTooManyPix, "decode TIFF: tiles of %d × %d pixels take %d pixels for a picture of %d × %d",
			t.tileWidth, t.tileHeight, padded, t.width, t.height)
	}
	return nil
}

// maxTilePadding is how many times the picture's pixels its tiles may hold, with four million pixels above that for pictures
// smaller than one tile.
const maxTilePadding = 4
