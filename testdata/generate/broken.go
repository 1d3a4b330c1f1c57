package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/testdata/generate/draw"
	"github.com/scones-unlimited/scones/testdata/generate/encode"
)

// fault is one file that no reader can make a whole picture of. Its name tells why.
type fault struct {
	name string
	data []byte
}

// whole holds a good file of each format, from which most faults are made by cutting or overwriting.
type whole struct {
	png, palette, jpeg, progressive, gif, webp, lossless, bmp, tiff []byte
	picture                                                         encode.Raster
}

func newWhole() (w whole, err error) {
	p := bike(draw.Road, 0xc8202a).in(draw.Plaster, 200).size(64, 48).Draw()
	w.picture = rgb(p)
	for _, part := range []struct {
		to   *[]byte
		from encoder
	}{
		{&w.png, png(rgb, encode.PNGOptions{})},
		{&w.palette, pngPalette(8, encode.PNGOptions{})},
		{&w.jpeg, jpeg(encode.JPEGOptions{Quality: 85})},
		{&w.progressive, jpeg(encode.JPEGOptions{Quality: 85, Progressive: true})},
		{&w.gif, gif()},
		{&w.webp, webp(rgb, false, 80)},
		{&w.lossless, webp(rgb, true, 0)},
		{&w.bmp, bmp(rgb, encode.BMPOptions{})},
		{&w.tiff, tiff(rgb, encode.TIFFOptions{Compression: encode.Uncompressed})},
	} {
		if *part.to, err = part.from(p); err != nil {
			return whole{}, fmt.Errorf("making the files to damage: %w", err)
		}
	}
	return w, nil
}

// broken makes each faulty file.
func broken(yield func(name string, data []byte) error) error {
	w, err := newWhole()
	if err != nil {
		return err
	}
	for _, f := range slices.Concat(w.notPictures(), w.truncated(), w.pngFaults(), w.jpegFaults(), w.otherFaults(), w.sizes()) {
		if err := yield(f.name, f.data); err != nil {
			return err
		}
	}
	return nil
}

// notPictures have a picture's name and something else inside.
func (w whole) notPictures() []fault {
	noise := make([]byte, 512)
	x := uint32(12345)
	for i := range noise {
		// A linear congruential generator with Numerical Recipes' constants.
		x = 1664525*x + 1013904223
		noise[i] = byte(x >> 24)
	}
	return []fault{
		{"empty.png", nil},
		{"one-byte.jpg", []byte{0xff}},
		{"text.png", []byte("This is a text, whatever its name says.\n")},
		{"html.jpg", []byte("<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n")},
		{"random-bytes.jpg", noise},
		{"zeros.bmp", make([]byte, 256)},
	}
}

// truncated files end early, as after a broken download.
func (w whole) truncated() []fault {
	half := func(b []byte) []byte { return b[:len(b)/2] }
	return []fault{
		{"png-truncated.png", half(w.png)},
		{"png-signature-only.png", w.png[:8]},
		{"jpeg-truncated.jpg", half(w.jpeg)},
		{"jpeg-truncated-progressive.jpg", half(w.progressive)},
		{"jpeg-truncated-in-header.jpg", w.jpeg[:40]},
		{"gif-truncated.gif", half(w.gif)},
		{"webp-truncated.webp", half(w.webp)},
		{"webp-truncated-lossless.webp", half(w.lossless)},
		{"bmp-truncated.bmp", half(w.bmp)},
		{"bmp-truncated-in-header.bmp", w.bmp[:20]},
		{"tiff-truncated.tiff", half(w.tiff)},
		{"tiff-truncated-in-header.tiff", w.tiff[:6]},
	}
}

// set returns a copy of b with new bytes at an offset.
func set(b []byte, at int, with ...byte) []byte {
	out := slices.Clone(b)
	copy(out[at:], with)
	return out
}

// le16, le32, be16 and be32 spell a number as bytes.
func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }
func be16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func be32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

// after returns the offset behind the first occurrence of a mark, which must be there.
func after(b []byte, mark string) int { return bytes.Index(b, []byte(mark)) + len(mark) }
