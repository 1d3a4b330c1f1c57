package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/npy"
)

// seenWriter writes what the model sees into a folder.
type seenWriter struct {
	pipeline *preprocess.Pipeline
	out      *os.Root
	tensor   bool
	taken    map[string]bool // names of this run
}

// write gives the name of the PNG that it wrote.
func (w *seenWriter) write(img preprocess.Image) (string, error) {
	pic, err := w.pipeline.Load(img)
	if err != nil {
		return "", err
	}
	defer w.pipeline.Release(pic)
	rendered, err := w.pipeline.Render(pic)
	if err != nil {
		return "", err
	}
	name := w.name(img.Name)
	if w.isSource(name+".png", img.Name) {
		return "", errors.New("the result would replace the picture itself: choose another --out")
	}
	if err := w.create(name+".png", func(to io.Writer) error { return png.Encode(to, opaque(rendered)) }); err != nil {
		return "", err
	}
	if !w.tensor {
		return name + ".png", nil
	}
	in := w.pipeline.Input()
	tensor := preprocess.NewTensor(&in, 1)
	if err := w.pipeline.Fill(tensor, 0, pic); err != nil {
		return "", err
	}
	array := &npy.Array{Shape: tensor.Shape, U8: tensor.U8, F32: tensor.F32}
	return name + ".png", w.create(name+".npy", func(to io.Writer) error { return npy.Write(to, array) })
}

// name is the picture's name without folder and extension, with a number when it was taken before.
func (w *seenWriter) name(path string) string {
	base := filepath.Base(path)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	name := stem
	for i := 2; w.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", stem, i)
	}
	w.taken[name] = true
	return name
}

// isSource reports whether the file to write is the picture that was read.
func (w *seenWriter) isSource(name, source string) bool {
	old, err := w.out.Stat(name)
	if err != nil {
		return false
	}
	from, err := os.Stat(source)
	return err == nil && os.SameFile(old, from)
}

// create writes a file beside its place and then puts it there, so that it is whole or absent.
func (w *seenWriter) create(name string, write func(io.Writer) error) (err error) {
	part := name + ".part"
	f, err := w.out.Create(part)
	if err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	buffered := bufio.NewWriter(f)
	err = errors.Join(write(buffered), buffered.Flush(), f.Close())
	if err == nil {
		err = w.out.Rename(part, name)
	}
	if err != nil {
		_ = w.out.Remove(part)
		return fmt.Errorf("writing %q: %w", name, err)
	}
	return nil
}

// opaque shows a picture to package png, which writes three samples a pixel when none is transparent.
func opaque(pic *preprocess.Picture) image.Image {
	rect := image.Rect(0, 0, pic.Width, pic.Height)
	if pic.Channels == 1 {
		return &image.Gray{Pix: pic.Pix, Stride: pic.Width, Rect: rect}
	}
	out := image.NewNRGBA(rect)
	for from, to := pic.Pix, out.Pix; len(from) >= 3; from, to = from[3:], to[4:] {
		to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 0xff
	}
	return out
}
