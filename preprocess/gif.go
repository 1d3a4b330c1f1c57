package preprocess

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"io"
)

// gifSource is the first frame of a GIF file.
//
// The blocks are walked here and only the frame's compressed indices go to package image/gif, because that package makes the
// transparent colour black, where Pillow keeps the palette's colour, and refuses extensions and frames that Pillow accepts.
type gifSource struct {
	head header
	// Frame is the rectangle of the first frame on the canvas.
	frame image.Rectangle
	// Colours of the palette; a grey ramp when the file has none.
	colours [256][3]uint8
	// Fill is the index that the canvas has outside the frame.
	fill       uint8
	interlaced bool
	// Packed holds the frame's code size and its compressed blocks up to the empty one.
	packed []byte
}

func isGIF(data []byte) bool {
	return bytes.HasPrefix(data, []byte("GIF87a")) || bytes.HasPrefix(data, []byte("GIF89a"))
}

// openGIF walks the file up to the end of its first frame.
func openGIF(data []byte) (encoded, error) {
	truncated := fail(CodeTruncated, "decode GIF: the file ends before its first frame does: %w", io.ErrUnexpectedEOF)
	r := gifReader{rest: data}
	screen, ok := r.take(13)
	if !ok {
		return nil, truncated
	}
	s := new(gifSource)
	for i := range s.colours { // a file without any palette is grey
		s.colours[i] = [3]uint8{uint8(i), uint8(i), uint8(i)}
	}
	if !r.palette(screen[10], &s.colours) {
		return nil, truncated
	}
	for {
		kind, ok := r.take(1)
		if !ok {
			return nil, truncated
		}
		switch kind[0] {
		case '!':
			label, ok := r.take(1)
			if !ok {
				return nil, truncated
			}
			block, ok := r.blocks()
			if !ok {
				return nil, truncated
			}
			if label[0] == 0xf9 && len(block) >= 4 && block[0]&1 != 0 { // graphic control: a transparent index
				s.fill = block[3]
			}
		case ',':
			if !s.readFrame(&r) {
				return nil, truncated
			}
			return s, s.place(screen)
		case ';':
			return nil, fail(CodeCorrupt, "decode GIF: the file holds no frame")
		default: // Pillow looks for the next block that it knows
		}
	}
}

// readFrame reads the image descriptor, the local palette and the compressed indices.
func (s *gifSource) readFrame(r *gifReader) bool {
	d, ok := r.take(9)
	if !ok {
		return false
	}
	left, top := int(binary.LittleEndian.Uint16(d)), int(binary.LittleEndian.Uint16(d[2:]))
	width, height := int(binary.LittleEndian.Uint16(d[4:])), int(binary.LittleEndian.Uint16(d[6:]))
	s.frame = image.Rect(left, top, left+width, top+height)
	s.interlaced = d[8]&0x40 != 0
	if !r.palette(d[8], &s.colours) {
		return false
	}
	start := r.rest
	if _, ok := r.take(1); !ok { // code size
		return false
	}
	if _, ok := r.blocks(); !ok {
		return false
	}
	s.packed = start[:len(start)-len(r.rest)]
	return true
}

// place sizes the canvas: the screen, grown when the frame reaches beyond it, as Pillow grows it.
func (s *gifSource) place(screen []byte) error {
	s.head = header{
		width:       max(int(binary.LittleEndian.Uint16(screen[6:])), s.frame.Max.X),
		height:      max(int(binary.LittleEndian.Uint16(screen[8:])), s.frame.Max.Y),
		orientation: 1,
	}
	if s.frame.Empty() {
		return fail(CodeCorrupt, "decode GIF: the first frame has no pixels")
	}
	return nil
}

// maxLZW is more than any LZW code of 9 to 12 bits can expand to: an entry of the table is at most 4,095 bytes long.
const maxLZW = 4096

// holds compares the frame with the most that LZW can make of its data.
func (s *gifSource) holds() error {
	if s.frame.Dx() > maxLZW*len(s.packed)/s.frame.Dy() {
		return tooShort("GIF", s.packed, s.head)
	}
	return nil
}

func (s *gifSource) header() header { return s.head }

func (s *gifSource) decode(dst *Picture, channels int) error {
	img, err := gif.Decode(s.bare())
	if err != nil {
		return err
	}
	indices, ok := img.(*image.Paletted)
	if !ok {
		return fail(CodeUnsupported, "decode GIF: unexpected colour model %T", img)
	}
	dst.reset(s.head.width, s.head.height, channels)
	outside := bytes.Repeat([]byte{s.fill}, s.head.width)
	line := make([]byte, s.head.width)
	for y := range s.head.height {
		from := outside
		if y >= s.frame.Min.Y && y < s.frame.Max.Y {
			copy(line, outside)
			copy(line[s.frame.Min.X:s.frame.Max.X], indices.Pix[(y-s.frame.Min.Y)*indices.Stride:])
			from = line
		}
		dst.paletteRow(dst.row(y), from, &s.colours)
	}
	return nil
}

// bare is a GIF file with the frame alone: a screen of the frame's size, 256 colours, no extensions.
func (s *gifSource) bare() io.Reader {
	size := binary.LittleEndian.AppendUint16(nil, uint16(s.frame.Dx()))
	size = binary.LittleEndian.AppendUint16(size, uint16(s.frame.Dy()))
	start := append([]byte("GIF89a"), size...)
	start = append(start, 0xf7, 0, 0) // a palette of 256 colours follows
	start = append(start, make([]byte, 3*256)...)
	start = append(start, ',', 0, 0, 0, 0)
	start = append(start, size...)
	if s.interlaced {
		start = append(start, 0x40)
	} else {
		start = append(start, 0)
	}
	return io.MultiReader(bytes.NewReader(start), bytes.NewReader(s.packed), bytes.NewReader([]byte{';'}))
}
