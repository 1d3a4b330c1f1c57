package main

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// entry returns the offset of the value in a TIFF file's directory entry for a tag; little endian.
func entry(file []byte, tag int) int {
	at := int(binary.LittleEndian.Uint32(file[4:])) + 2
	for !bytes.HasPrefix(file[at:], le16(tag)) {
		at += 12
	}
	return at + 8
}

// otherFaults are faults of GIF, WebP, BMP and TIFF files that have nothing to do with sizes.
func (w whole) otherFaults() []fault {
	const (
		bmpCompression  = 30
		bmpBits         = 28
		tiffCompression = 259
		tiffStrips      = 273
		tiffCounts      = 279
	)
	frame := w.gifFrame()
	codes := frame + 10 // the frame's data begins behind its descriptor and its palette
	if flags := w.gif[frame+9]; flags&0x80 != 0 {
		codes += 3 << (flags&7 + 1)
	}
	vp8l := after(w.lossless, "VP8L") + 4
	container := slices.Concat([]byte("WEBPVP8X"), le32(10), []byte{0, 0, 0, 0, 63, 0, 0, 47, 0, 0})
	return []fault{
		{"gif-no-frame.gif", append(slices.Clone(w.gif[:frame]), ';')},
		// The first byte of a frame's data is the length of its shortest codes, at most 8.
		{"gif-bad-code-length.gif", set(w.gif, codes, 99)},
		{"gif-corrupt-lzw.gif", set(w.gif, codes+2, bytes.Repeat([]byte{0xff}, 24)...)},
		{"gif-unknown-block.gif", set(w.gif, frame, 'X')},
		{"webp-no-frame.webp", slices.Concat([]byte("RIFF"), le32(len(container)), container)},
		{"webp-bad-start-code.webp", set(w.webp, after(w.webp, "VP8 ")+7, 1, 2, 3)},
		{"webp-corrupt-lossless.webp", set(w.lossless, vp8l+5, bytes.Repeat([]byte{0xff}, 40)...)},
		{"webp-bad-signature-lossless.webp", set(w.lossless, vp8l, 0x2e)},
		{"bmp-bad-compression.bmp", set(w.bmp, bmpCompression, le32(99)...)},
		{"bmp-bad-bit-count.bmp", set(w.bmp, bmpBits, 13)},
		{"tiff-directory-outside.tiff", set(w.tiff, 4, le32(1<<30)...)},
		{"tiff-bad-compression.tiff", set(w.tiff, entry(w.tiff, tiffCompression), le16(12345)...)},
		{"tiff-strips-outside.tiff", w.stripsOutside(entry(w.tiff, tiffStrips), entry(w.tiff, tiffCounts))},
	}
}

// gifFrame returns the offset of the first frame's descriptor: the comma behind header and palette.
func (w whole) gifFrame() int {
	const header, packed = 13, 10
	at := header
	if flags := w.gif[packed]; flags&0x80 != 0 {
		at += 3 << (flags&7 + 1)
	}
	return at + bytes.IndexByte(w.gif[at:], ',')
}

// stripsOutside moves every strip behind the end of the file; the entries hold offsets of lists.
func (w whole) stripsOutside(offsets, counts int) []byte {
	out := slices.Clone(w.tiff)
	n := int(binary.LittleEndian.Uint32(out[counts-4:]))
	list := int(binary.LittleEndian.Uint32(out[offsets:]))
	for i := range n {
		copy(out[list+4*i:], le32(1<<24+1024*i))
	}
	return out
}

// sizes declare a width or height of zero, more than any memory holds, or more than the file can fill.
func (w whole) sizes() []fault {
	const (
		gifScreen   = 6
		gifInFrame  = 5
		bmpSize     = 18
		tiffWidth   = 256
		tiffHeight  = 257
		webpLimit   = 1<<14 - 1
		losslessMax = 1 << 14
	)
	frame := w.gifFrame()
	gif := func(width, height int) []byte {
		size := append(le16(width), le16(height)...)
		return set(set(w.gif, gifScreen, size...), frame+gifInFrame, size...)
	}
	bmp := func(width, height int) []byte { return set(w.bmp, bmpSize, append(le32(width), le32(height)...)...) }
	tiff := func(width, height int) []byte {
		return set(set(w.tiff, entry(w.tiff, tiffWidth), le32(width)...), entry(w.tiff, tiffHeight), le32(height)...)
	}
	webp := func(width, height int) []byte {
		return set(w.webp, after(w.webp, "VP8 ")+10, append(le16(width), le16(height)...)...)
	}
	lossless := func(width, height int) []byte {
		// 14 bits each, less one, behind the signature byte; bits above are alpha and version.
		return set(w.lossless, after(w.lossless, "VP8L")+5, le32(width-1|(height-1)<<14)...)
	}
	return []fault{
		{"gif-zero-width.gif", gif(0, 48)},
		{"gif-bomb-65535x65535.gif", gif(65535, 65535)},
		{"gif-hollow-9000x9000.gif", gif(9000, 9000)},
		{"webp-zero-width.webp", webp(0, 48)},
		{"webp-bomb-16383x16383.webp", webp(webpLimit, webpLimit)},
		{"webp-hollow-9000x9000.webp", webp(9000, 9000)},
		{"webp-bomb-lossless-16384x16384.webp", lossless(losslessMax, losslessMax)},
		{"bmp-zero-width.bmp", bmp(0, 48)},
		{"bmp-zero-height.bmp", bmp(64, 0)},
		{"bmp-negative-width.bmp", bmp(-64, 48)},
		{"bmp-bomb-100000x100000.bmp", bmp(100000, 100000)},
		{"bmp-size-overflow.bmp", bmp(0x7fffffff, 0x7fffffff)},
		{"bmp-hollow-9000x9000.bmp", bmp(9000, 9000)},
		{"tiff-zero-width.tiff", tiff(0, 48)},
		{"tiff-bomb-100000x100000.tiff", tiff(100000, 100000)},
		{"tiff-size-overflow.tiff", tiff(0xffffffff, 0xffffffff)},
		{"tiff-hollow-9000x9000.tiff", tiff(9000, 9000)},
	}
}
