package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/container"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// buildImage is scones image build.
func buildImage(c *cli.Context) error {
	o, err := imageFromFlags(c)
	if err != nil {
		return err
	}
	out := c.String("out")
	switch {
	case c.Args().Present():
		return &usageError{fmt.Sprintf("image build takes no argument, got %q", c.Args().First()), "name a model with --model"}
	case out == "":
		return &usageError{"--out is missing: the file to write", "scones image build -o image.tar"}
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		return &usageError{fmt.Sprintf("--out %q is a folder", out), "name a file, such as image.tar"}
	}
	images, err := buildImages(c, o)
	if err != nil {
		return err
	}
	defer closeImages(images)
	if err := writeImage(c, o, out, images); err != nil {
		return err
	}
	if err := writeSBOMs(c.String("sbom"), images); err != nil {
		return err
	}
	report, err := newImageReport(images, o.format)
	if err != nil {
		return err
	}
	report.File = out
	if c.Bool("json") {
		return writeJSON(c.App.Writer, report)
	}
	return report.write(c.App.Writer)
}

func writeImage(c *cli.Context, o *imageInput, out string, images []*container.Image) error {
	file, err := atomicfile.Create(out)
	if err != nil {
		return fmt.Errorf("writing %q: %w", out, err)
	}
	defer file.Close()
	if err = container.Write(c.Context, file, o.format, c.String("name"), images...); err == nil {
		err = file.Commit()
	}
	if err != nil {
		return fmt.Errorf("writing %q: %w", out, err)
	}
	return nil
}

// writeSBOMs writes the bills of materials, under the name that was given when there is one.
func writeSBOMs(name string, images []*container.Image) error {
	if name == "" {
		return nil
	}
	var failed []error
	for _, image := range images {
		to := name
		if len(images) > 1 {
			to += "-" + string(image.Arch)
		}
		if err := atomicfile.Write(to, image.SBOM); err != nil {
			failed = append(failed, fmt.Errorf("writing %q: %w", to, err))
		}
	}
	return errors.Join(failed...)
}
