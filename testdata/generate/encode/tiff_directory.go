package encode

import "encoding/binary"

// Types of a TIFF field's values.
const (
	shortType = 3 // 16 bits
	longType  = 4 // 32 bits
)

// Tags, in the ascending order in which a directory must list them.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagStripOffsets = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripCounts  = 279
	tagPredictor    = 317
	tagColorMap     = 320
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTileOffsets  = 324
	tagTileCounts   = 325
	tagExtraSamples = 338
)

// field is one entry of a TIFF directory.
type field struct {
	tag, kind uint16
	values    []uint32
}

// tiffBuilder grows a TIFF file: header, data, directory.
type tiffBuilder struct {
	little bool
	data   []byte
}

func (b *tiffBuilder) order() binary.AppendByteOrder {
	if b.little {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

func (b *tiffBuilder) header() {
	mark := "MM"
	if b.little {
		mark = "II"
	}
	b.data = append(b.data, mark...)
	b.data = b.order().AppendUint16(b.data, 42)
	b.data = b.order().AppendUint32(b.data, 0) // the directory's offset, known later
}

// directory appends the only directory and points the header at it. Values that do not fit into an entry
// follow behind.
func (b *tiffBuilder) directory(fields []field) {
	start := len(b.data)
	at := b.order().AppendUint32(nil, uint32(start))
	copy(b.data[4:8], at)
	behind := start + 2 + 12*len(fields) + 4
	var extra []byte
	b.data = b.order().AppendUint16(b.data, uint16(len(fields)))
	for _, f := range fields {
		var v []byte
		for _, x := range f.values {
			if f.kind == shortType {
				v = b.order().AppendUint16(v, uint16(x))
			} else {
				v = b.order().AppendUint32(v, x)
			}
		}
		b.data = b.order().AppendUint16(b.data, f.tag)
		b.data = b.order().AppendUint16(b.data, f.kind)
		b.data = b.order().AppendUint32(b.data, uint32(len(f.values)))
		if len(v) <= 4 {
			b.data = append(b.data, append(v, make([]byte, 4-len(v))...)...)
			continue
		}
		b.data = b.order().AppendUint32(b.data, uint32(behind+len(extra)))
		extra = append(extra, v...)
	}
	b.data = b.order().AppendUint32(b.data, 0) // no further directory
	b.data = append(b.data, extra...)
}
