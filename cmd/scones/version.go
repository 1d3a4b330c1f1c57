package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print version and build information",
		Description: "Example:\n  scones version",
		Action: func(c *cli.Context) error {
			printVersion(c.App.Writer)
			return nil
		},
	}
}

// printVersion writes what a bug report needs, a line each.
func printVersion(w io.Writer) {
	build := buildInfo()
	fmt.Fprintf(w, "scones %s\n", build.version)
	if build.revision != "" {
		fmt.Fprintf(w, "revision %s\n", build.revision)
	}
	fmt.Fprintf(w, "go %s %s/%s cgo %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, build.cgo)
	fmt.Fprintf(w, "onnxruntime %s\n", ort.Version)
	fmt.Fprintf(w, "jpeg %s\n", jpegDecoder())
}

// jpegDecoder says what decodes JPEG, and how to get the faster decoder where it is not found.
func jpegDecoder() string {
	lib, err := turbojpeg.Default()
	switch {
	case err == nil:
		return lib.Name()
	case errors.Is(err, turbojpeg.ErrNotFound):
		return fmt.Sprintf("go %s (%v; with it JPEG decodes as in Pillow and several times as fast: %s)", runtime.Version(), err, turbojpeg.Hint())
	}
	return fmt.Sprintf("none: %v", err)
}

type build struct{ version, revision, cgo string }

// buildInfo reads what the go command wrote into the binary.
func buildInfo() build {
	b := build{version: "devel", cgo: "off"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.version = v
	}
	modified := ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.revision = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				modified = " (modified)"
			}
		case "CGO_ENABLED":
			if setting.Value == "1" {
				b.cgo = "on"
			}
		}
	}
	if b.revision != "" {
		b.revision += modified
	}
	return b
}
