package main

import (
	"bytes"
	"slices"
)

// segment returns the offset of a JPEG marker; its length follows, then its data.
func segment(file []byte, marker byte) int { return bytes.Index(file, []byte{0xff, marker}) }

func (w whole) jpegFaults() []fault {
	const (
		startOfFrame = 0xc0
		huffman      = 0xc4
		scan         = 0xda
	)
	frame, table, start := segment(w.jpeg, startOfFrame), segment(w.jpeg, huffman), segment(w.jpeg, scan)
	sized := func(width, height int) []byte {
		return set(w.jpeg, frame+5, append(be16(height), be16(width)...)...)
	}
	middle := start + (len(w.jpeg)-start)/2
	// No code consists of ones alone, so a reader that meets many is lost; 0xff is followed by a zero.
	ones := slices.Repeat([]byte{0xff, 0}, 8)
	end := []byte{0xff, 0xd9}
	return []fault{
		{"jpeg-corrupt-huffman-data.jpg", set(w.jpeg, middle, ones...)},
		// The table counts 255 codes of one bit, of which there can be two.
		{"jpeg-corrupt-huffman-table.jpg", set(w.jpeg, table+5, 255)},
		{"jpeg-missing-huffman-tables.jpg", slices.Concat(w.jpeg[:table], w.jpeg[start:])},
		{"jpeg-missing-frame.jpg", slices.Concat(w.jpeg[:frame], w.jpeg[table:])},
		{"jpeg-missing-scan.jpg", slices.Concat(w.jpeg[:start], end)},
		{"jpeg-bad-component-count.jpg", set(w.jpeg, frame+9, 7)},
		{"jpeg-zero-width.jpg", sized(0, 48)},
		{"jpeg-zero-height.jpg", sized(64, 0)},
		{"jpeg-bomb-65535x65535.jpg", sized(65535, 65535)},
		{"jpeg-hollow-9000x9000.jpg", sized(9000, 9000)},
	}
}
