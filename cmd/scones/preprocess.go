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
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/npy"
)

func preprocessCommand() *cli.Command {
	return &cli.Command{
		Name:      "preprocess",
		Usage:     "write what a model would see of pictures",
		ArgsUsage: "PICTURE...",
		Description: "Writes NAME.png for each picture, as it is after resize and crop and before normalisation, and prints a line with\n" +
			"both paths. PICTURE may be a folder, a .lst file or - as in classify.\n\n" +
			"Examples:\n  scones preprocess --out seen photos/\n" +
			"  scones preprocess --resize short-side:256 --crop center:224 --filter bilinear --scale 1/255 --tensor npy --out seen cat.jpg",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write into `FOLDER`, which is made"},
			&cli.StringFlag{Name: "tensor", Usage: "also write the tensor of each picture, as `FORMAT` npy: NAME.npy, with a batch of one"},
			&cli.StringFlag{Name: "root", Usage: "`FOLDER` that the paths in .lst files start from (default: the list's own)"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
			&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
		}, modelFlags(), recipeFlags()),
		Action: func(c *cli.Context) error {
			o, err := preprocessFromFlags(c)
			if err != nil {
				return err
			}
			return o.run(c)
		},
	}
}

// preprocessOptions is a preprocess command line.
type preprocessOptions struct {
	paths     []string
	root, out string
	tensor    bool
	limits    preprocess.Limits
}

func preprocessFromFlags(c *cli.Context) (*preprocessOptions, error) {
	o := &preprocessOptions{
		paths: c.Args().Slice(), root: c.String("root"), out: c.String("out"), tensor: c.IsSet("tensor"),
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
	}
	switch {
	case len(o.paths) == 0:
		return nil, &usageError{"no pictures named", "scones preprocess --out seen photos/"}
	case o.out == "":
		return nil, &usageError{"--out is missing: the folder to write into", "scones preprocess --out seen photos/"}
	case o.tensor && c.String("tensor") != "npy":
		return nil, &usageError{fmt.Sprintf("--tensor %q: must be npy", c.String("tensor")), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	}
	return o, nil
}

// run writes the pictures one after the other. One that fails is told on stderr and the run goes on.
func (o *preprocessOptions) run(c *cli.Context) error {
	in, err := inputFromFlags(c)
	if err != nil {
		return err
	}
	pipeline, err := preprocess.New(in, o.limits)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return fmt.Errorf("making --out: %w", err)
	}
	root, err := os.OpenRoot(o.out)
	if err != nil {
		return fmt.Errorf("opening --out: %w", err)
	}
	defer root.Close()
	seen := &seenWriter{pipeline: pipeline, out: root, tensor: o.tensor, taken: map[string]bool{}}
	var skipped preprocess.Skipped
	total, failed := 0, 0
	for img, err := range preprocess.Paths(c.Context, o.paths, o.root, c.App.Reader, &skipped) {
		if err == nil {
			err = c.Context.Err()
		}
		if err != nil {
			return err
		}
		total++
		file, err := seen.write(img)
		if err != nil {
			failed++
			fmt.Fprintf(c.App.ErrWriter, "scones: %s: %v\n", img.Name, err)
			continue
		}
		if _, err := fmt.Fprintf(c.App.Writer, "%s\t%s\n", img.Name, filepath.Join(o.out, file)); err != nil {
			return fmt.Errorf("writing the list of pictures: %w", err)
		}
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: %s, %d failed%s\n", counted(total, "picture"), failed, leftOut(skipped))
	if failed > 0 {
		return &picturesError{failed, total}
	}
	return nil
}

// inputFromFlags is the contract of --model with the recipe flags laid over it; without --model the flags alone, and without
// either the built-in model's.
func inputFromFlags(c *cli.Context) (*model.Input, error) {
	if in, set, err := recipeFromFlags(c, nil); !c.IsSet("model") && set {
		return in, err
	}
	s, err := openSource(c)
	if err != nil {
		return nil, err
	}
	return &s.Model.Input, nil
}

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
