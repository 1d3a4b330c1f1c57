package preprocess

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// pngReader decodes the PNG files that nearly all are: 8 bits a sample, not interlaced, no transparent colour. It keeps what package
// png makes anew for each file, which is most of the time that a small picture takes. It accepts a file only when nothing in it is out
// of order; about all others package png decides.
type pngReader struct {
	inflate   io.ReadCloser // also a zlib.Resetter
	from      bytes.Reader
	joined    []byte // the content of several IDAT chunks
	last, row []byte // unfiltered, of the row above and this one; the first byte is the filter
	colours   [256][3]uint8
}

var pngReaders = sync.Pool{New: func() any { return new(pngReader) }}

// decodeFast decodes the file, or reports false and leaves it to package png.
func (s *pngSource) decodeFast(dst *Picture, channels int) bool {
	samples := [7]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[s.colourType%7]
	if !s.plain || s.depth != 8 || s.interlaced {
		return false
	}
	r := pngReaders.Get().(*pngReader)
	defer func() {
		r.from.Reset(nil)
		if cap(r.joined) > maxKeptFile {
			r.joined = nil
		}
		pngReaders.Put(r)
	}()
	stream := r.stream(s)
	if stream == nil {
		return false
	}
	dst.reset(s.head.width, s.head.height, channels)
	return r.start(stream) == nil && r.rows(dst, samples, s.colourType == 3)
}

// stream checks every chunk and returns the content of the IDAT chunks, nil when anything is unusual.
func (r *pngReader) stream(s *pngSource) []byte {
	var stream []byte
	parts, ended, palette := 0, false, false
	var last [4]byte
	at := len(pngSignature)
	for kind, content := range pngChunks(s.data) {
		sum := at + 8 + len(content) // behind length, kind and content
		if crc32.ChecksumIEEE(s.data[at+4:sum]) != binary.BigEndian.Uint32(s.data[sum:]) {
			return nil
		}
		at = sum + 4
		switch string(kind[:]) {
		case "IDAT":
			if parts > 0 && last != kind || s.colourType == 3 && !palette {
				return nil
			}
			if parts++; parts == 1 {
				stream = content
			} else {
				if parts == 2 {
					r.joined = append(r.joined[:0], stream...)
				}
				r.joined = append(r.joined, content...)
				stream = r.joined
			}
		case "PLTE":
			if s.colourType != 3 || palette || parts > 0 || len(content) == 0 || len(content)%3 != 0 || len(content) > len(r.colours)*3 {
				return nil
			}
			palette = true
			clear(r.colours[:])
			for i := range len(content) / 3 {
				r.colours[i] = [3]uint8(content[3*i:])
			}
		case "tRNS":
			return nil
		case "IHDR":
			if last != [4]byte{} {
				return nil
			}
		case "IEND":
			if len(content) > 0 {
				return nil
			}
			ended = true
		}
		if last = kind; ended {
			break
		}
	}
	if !ended {
		return nil
	}
	return stream
}

// start begins to inflate.
func (r *pngReader) start(stream []byte) (err error) {
	r.from.Reset(stream)
	if r.inflate == nil {
		r.inflate, err = zlib.NewReader(&r.from)
		return err
	}
	return r.inflate.(zlib.Resetter).Reset(&r.from, nil)
}

// rows inflates, unfilters and converts all rows, and reports whether the stream held just these and its checksum is right.
func (r *pngReader) rows(dst *Picture, samples int, indexed bool) bool {
	n := 1 + dst.Width*samples
	r.last, r.row = sized(r.last, n), sized(r.row, n)
	clear(r.last)
	for y := range dst.Height {
		if _, err := io.ReadFull(r.inflate, r.row); err != nil || !unfilter(r.row[0], r.row[1:], r.last[1:], samples) {
			return false
		}
		to, from := dst.row(y), r.row[1:]
		switch {
		case indexed:
			dst.paletteRow(to, from, &r.colours)
		case samples == 1:
			dst.greyRow(to, from)
		case samples == 3 && dst.Channels == 3:
			copy(to, from)
		case samples == 2:
			for ; len(from) >= 2; from = from[2:] {
				to = dst.setGrey(to, from[0])
			}
		default:
			for ; len(from) >= samples; from = from[samples:] {
				to = dst.setRGB(to, from[0], from[1], from[2])
			}
		}
		r.last, r.row = r.row, r.last
	}
	n, err := r.inflate.Read(r.row[:1])
	return n == 0 && err == io.EOF && r.from.Len() == 0
}
