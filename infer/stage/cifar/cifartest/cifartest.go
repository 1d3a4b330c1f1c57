// Package cifartest builds archives of CIFAR-100's shape, in both versions, from pictures of one's own: for tests, which have no archive.
package cifartest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"strings"
)

// A Picture is a row of the archive. Its image has 32 × 32 pixels.
type Picture struct {
	File         string
	Fine, Coarse int
	Image        image.Image
}

// An Archive is what is to be written.
type Archive struct {
	Fine, Coarse []string
	Train, Test  []Picture
}

// side of a picture.
const side = 32

// planes are the samples of a picture as the archive has them: red, green, blue.
func (p *Picture) planes() []byte {
	out := make([]byte, 3*side*side)
	at := p.Image.Bounds().Min
	for i := range side * side {
		r, g, b, _ := p.Image.At(at.X+i%side, at.Y+i/side).RGBA()
		out[i], out[side*side+i], out[2*side*side+i] = byte(r>>8), byte(g>>8), byte(b>>8)
	}
	return out
}

// A member of an archive.
type member struct {
	name string
	data []byte
}

func pack(w io.Writer, members []member) error {
	zipped := gzip.NewWriter(w)
	tw := tar.NewWriter(zipped)
	for _, m := range members {
		if err := tw.WriteHeader(&tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.data))}); err != nil {
			return err
		}
		if _, err := tw.Write(m.data); err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return err
	}
	return zipped.Close()
}

// WriteBinary writes the binary version.
func (a *Archive) WriteBinary(w io.Writer) error {
	records := func(pictures []Picture) (out []byte) {
		for i := range pictures {
			p := &pictures[i]
			out = append(append(out, byte(p.Coarse), byte(p.Fine)), p.planes()...)
		}
		return out
	}
	const folder = "cifar-100-binary/"
	return pack(w, []member{
		{folder + "coarse_label_names.txt", []byte(strings.Join(a.Coarse, "\n") + "\n")},
		{folder + "fine_label_names.txt", []byte(strings.Join(a.Fine, "\n") + "\n")},
		{folder + "test.bin", records(a.Test)}, {folder + "train.bin", records(a.Train)},
	})
}

// WritePython writes the Python version, pickled as Python 2 does at protocol 2, which is how the real archive was made.
func (a *Archive) WritePython(w io.Writer) error {
	half := func(name string, pictures []Picture) []byte {
		var p pickler
		p.raw("\x80\x02}(")
		p.text("filenames")
		p.list(len(pictures), func(i int) { p.text(pictures[i].File) })
		p.text("batch_label")
		p.text(name + "ing batch 1 of 1")
		p.text("fine_labels")
		p.list(len(pictures), func(i int) { p.int(pictures[i].Fine) })
		p.text("coarse_labels")
		p.list(len(pictures), func(i int) { p.int(pictures[i].Coarse) })
		p.text("data")
		var data []byte
		for i := range pictures {
			data = append(data, pictures[i].planes()...)
		}
		p.array(len(pictures), data)
		p.raw("u.")
		return p.Bytes()
	}
	var meta pickler
	meta.raw("\x80\x02}(")
	meta.text("fine_label_names")
	meta.list(len(a.Fine), func(i int) { meta.text(a.Fine[i]) })
	meta.text("coarse_label_names")
	meta.list(len(a.Coarse), func(i int) { meta.text(a.Coarse[i]) })
	meta.raw("u.")
	const folder = "cifar-100-python/"
	return pack(w, []member{
		{folder + "file.txt~", nil}, {folder + "train", half("train", a.Train)},
		{folder + "test", half("test", a.Test)}, {folder + "meta", meta.Bytes()},
	})
}

// A pickler writes the few opcodes that an archive needs.
type pickler struct{ bytes.Buffer }

func (p *pickler) raw(text string) { p.WriteString(text) }

func (p *pickler) text(s string) {
	p.WriteByte('U')
	p.WriteByte(byte(len(s)))
	p.WriteString(s)
}

func (p *pickler) int(n int) {
	p.WriteByte('J')
	_ = binary.Write(p, binary.LittleEndian, int32(n)) // a buffer takes everything
}

func (p *pickler) list(n int, item func(i int)) {
	p.raw("](")
	for i := range n {
		item(i)
	}
	p.raw("e")
}

func (p *pickler) array(rows int, data []byte) {
	p.raw("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85")
	p.text("b")
	p.raw("\x87R(K\x01")
	p.int(rows)
	p.int(3 * side * side)
	p.raw("\x86cnumpy\ndtype\n")
	p.text("u1")
	p.raw("K\x00K\x01\x87R(K\x03")
	p.text("|")
	p.raw("NNN")
	p.int(-1)
	p.int(-1)
	p.raw("K\x00tb\x89T")
	_ = binary.Write(p, binary.LittleEndian, uint32(len(data)))
	p.Write(data)
	p.raw("tb")
}

// Row makes the name that CIFAR-100 gives a picture: what it shows in the words of Tiny Images, and a number.
func Row(term string, number int) string { return fmt.Sprintf("%s_s_%06d.png", term, number) }
