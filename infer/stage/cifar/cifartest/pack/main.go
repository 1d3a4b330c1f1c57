// Command pack builds an archive of CIFAR-100's shape from a folder that scones stage folder reads, because the real one is not
// everywhere: 100 classes of which those of the folder have pictures, 32 × 32 pixels, a fifth of them in test.
//
//	go run ./infer/stage/cifar/cifartest/pack -classes bicycle,motorcycle -o cifar.tar.gz ../photos
//	scones stage cifar100 --archive cifar.tar.gz --sha256 HASH --classes bicycle,motorcycle -o data/
//
// It prints the archive's SHA-256.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"image"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/infer/stage/cifar"
	"github.com/scones-unlimited/scones/infer/stage/cifar/cifartest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

func main() {
	out := flag.String("o", "cifar.tar.gz", "archive to write")
	classes := flag.String("classes", "", "classes, with commas between, in the order of the numbers in lists")
	binary := flag.Bool("binary", false, "the binary version instead of Python's")
	flag.Parse()
	if err := pack(*out, *classes, *binary, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(out, classes string, binary bool, folder string) error {
	var labels []string
	if classes != "" {
		labels = strings.Split(classes, ",")
	}
	src, err := stage.Folder(context.Background(), folder, labels)
	if err != nil {
		return err
	}
	a := &cifartest.Archive{Coarse: []string{"others", "ours"}}
	for i := range 100 - len(src.Classes) {
		a.Fine = append(a.Fine, fmt.Sprintf("class_%d", i))
	}
	a.Fine = append(a.Fine, src.Classes...)
	pipeline, err := preprocess.New(&model.Input{
		Name: "picture", Element: model.Uint8, Layout: model.NHWC, Width: cifar.Side, Height: cifar.Side, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, ApplyEXIF: true,
	}, preprocess.Limits{})
	if err != nil {
		return err
	}
	for i, p := range src.Pictures {
		picture, err := pipeline.Load(preprocess.Image{Name: p.Name, Open: p.Open})
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		small := image.NewNRGBA(image.Rect(0, 0, cifar.Side, cifar.Side))
		draw.BiLinear.Scale(small, small.Rect, picture.Image(), image.Rect(0, 0, picture.Width, picture.Height), draw.Src, nil)
		one := cifartest.Picture{File: path.Base(p.File), Fine: slices.Index(a.Fine, p.Label), Coarse: 1, Image: small}
		pipeline.Release(picture)
		if p.Part == stage.Test || p.Part == stage.Unsplit && i%5 == 4 {
			a.Test = append(a.Test, one)
		} else {
			a.Train = append(a.Train, one)
		}
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	write := a.WritePython
	if binary {
		write = a.WriteBinary
	}
	if err := write(io.MultiWriter(f, sum)); err != nil {
		return err
	}
	fmt.Printf("%x\n", sum.Sum(nil))
	return f.Close()
}
