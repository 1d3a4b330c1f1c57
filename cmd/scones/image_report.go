package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/scones-unlimited/scones/infer/container"
)

// An imageReport is what scones image build --json prints.
type imageReport struct {
	File   string          `json:"file"`
	Images []reportedImage `json:"images"`
}

type reportedImage struct {
	Arch     container.Arch      `json:"arch"`
	Digest   string              `json:"digest"`
	Manifest container.Format    `json:"manifest"`
	Base     string              `json:"base,omitempty"`
	Layers   []container.Layer   `json:"layers"`
	Contents []container.Content `json:"contents"`
}

func newImageReport(images []*container.Image, format container.Format) (*imageReport, error) {
	r := new(imageReport)
	for _, image := range images {
		digest, err := image.Digest(format)
		if err != nil {
			return nil, err
		}
		r.Images = append(r.Images, reportedImage{image.Arch, digest, format, image.Base, image.Layers, image.Contents})
	}
	return r, nil
}

// write prints a table for each architecture.
func (r *imageReport) write(w io.Writer) error {
	for i, image := range r.Images {
		if i > 0 {
			fmt.Fprintln(w)
		}
		var size int64
		for _, l := range image.Layers {
			size += l.Bytes
		}
		base := image.Base
		if base == "" {
			base = "none; the C libraries are from this machine"
		}
		head := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(head, "image\t%s for linux/%s, %s\ndigest\t%s\nbase\t%s\n", r.File, image.Arch, byteText(size), image.Digest, base)
		if err := head.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(w)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "LAYER\tSIZE\tFILES\tWHAT")
		for _, l := range image.Layers {
			files, what := describeLayer(image.Contents, l.Name)
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", l.Name, byteText(l.Bytes), files, what)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// describeLayer counts a layer's files, and names their packages or the files themselves.
func describeLayer(contents []container.Content, layer string) (files int, what string) {
	var packages, names []string
	for _, c := range contents {
		if c.Layer != layer {
			continue
		}
		files++
		if c.Package == "" {
			names = append(names, c.Path)
		} else if !slices.Contains(packages, c.Package) {
			packages = append(packages, c.Package)
		}
	}
	if len(packages) == 0 {
		return files, strings.Join(names, ", ")
	}
	slices.Sort(packages)
	return files, strings.Join(packages, ", ")
}
