package main

import (
	"errors"
	"image/png"
	"io"

	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/npy"
)

// seenWriter writes what the model sees into a folder.
type seenWriter struct {
	*outFolder
	pipeline *preprocess.Pipeline
	tensor   bool
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
	if err := w.create(name+".png", func(to io.Writer) error { return png.Encode(to, rendered.Image()) }); err != nil {
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
