package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

func preprocessCommand() *cli.Command {
	return &cli.Command{
		Name:      "preprocess",
		Usage:     "write what a model would see of pictures",
		ArgsUsage: "PICTURE...",
		Description: "Writes NAME.png for each picture, as it is after resize and crop and before normalisation, and prints a line with\n" +
			"both paths. The recipe is the model's, or that of the preprocessing flags alone when no --model is named.\n" +
			"PICTURE may be a folder, a .lst file or - as in classify.\n\n" +
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
	out, err := openOutFolder(o.out)
	if err != nil {
		return err
	}
	defer out.close()
	seen := &seenWriter{outFolder: out, pipeline: pipeline, tensor: o.tensor}
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

// inputFromFlags is the contract of the recipe flags alone when they say everything and no model is named, else the model's with
// the flags laid over it.
func inputFromFlags(c *cli.Context) (*model.Input, error) {
	if set := recipeSet(c); !c.IsSet("model") && len(set) > 0 && !slices.Equal(set, []string{"decode"}) {
		in, _, err := recipeFromFlags(c, nil)
		return in, err
	}
	s, err := openSource(c)
	if err != nil {
		return nil, err
	}
	return &s.Model.Input, nil
}
