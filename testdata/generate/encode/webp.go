package encode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"github.com/gen2brain/webp"
)

// ErrSystemWebP says that the WebP encoder is the machine's libwebp, whose bytes depend on its version.
var ErrSystemWebP = errors.New("writing WebP: a libwebp of this machine would be used; add -tags nodynamic to use the module's own")

// WebP writes RGB or RGBA without loss, or with loss at a quality from 1 to 99. Colours under transparent
// pixels stay as they are.
func WebP(r Raster, lossless bool, quality int) ([]byte, error) {
	if err := r.check(3, 4); err != nil {
		return nil, err
	}
	if webp.Dynamic() == nil {
		return nil, ErrSystemWebP
	}
	m := image.NewNRGBA(image.Rect(0, 0, r.W, r.H))
	for i := range r.W * r.H {
		m.Pix[4*i+3] = 255
		copy(m.Pix[4*i:4*i+4], r.Pix[i*r.Channels:(i+1)*r.Channels])
	}
	var b bytes.Buffer
	err := webp.Encode(&b, m, webp.Options{Lossless: lossless, Quality: quality, Method: 6, Exact: true})
	return b.Bytes(), err
}

// WebPWithEXIF rewraps a simple WebP file of one chunk in the extended form, with an EXIF block behind.
func WebPWithEXIF(file []byte, w, h int, exif []byte) []byte {
	le := binary.LittleEndian
	const hasEXIF = 8
	head := []byte{hasEXIF, 0, 0, 0}
	for _, v := range []int{w - 1, h - 1} {
		head = append(head, byte(v), byte(v>>8), byte(v>>16))
	}
	body := []byte("WEBPVP8X")
	body = le.AppendUint32(body, uint32(len(head)))
	body = append(body, head...)
	body = append(body, file[12:]...)
	body = append(body, "EXIF"...)
	body = le.AppendUint32(body, uint32(len(exif)))
	body = append(body, exif...)
	if len(exif)%2 == 1 {
		body = append(body, 0)
	}
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}
