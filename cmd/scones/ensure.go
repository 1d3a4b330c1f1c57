package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
)

// seekRuntime begins to look for ONNX Runtime, whose 22 MB are read and checked beside whatever else the start needs. The function
// that it returns waits for the answer, and installs the library when there is none, with one line that says what and why, and a bar
// on a terminal.
func seekRuntime(c *cli.Context, device infer.Device) (ensure func() (ort.Library, error)) {
	gpu := device.WantsGPU()
	options := ort.Options{Path: c.String("onnxruntime"), GPU: gpu}
	find := sync.OnceValues(func() (ort.Library, error) { return ort.Find(options) })
	go find()
	return func() (ort.Library, error) {
		if lib, err := find(); !errors.Is(err, ort.ErrNotFound) {
			return lib, err
		}
		return ort.Ensure(c.Context, options, installOptions(c, gpu && device != infer.Auto))
	}
}

// ensureRuntime is seekRuntime for a command that has nothing else to do meanwhile.
func ensureRuntime(c *cli.Context, device infer.Device) (ort.Library, error) {
	return seekRuntime(c, device)()
}

// installOptions show an installation to the user.
func installOptions(c *cli.Context, gpu bool) ort.InstallOptions {
	var bar *progressbar.ProgressBar
	return ort.InstallOptions{
		GPU: gpu,
		Say: func(line string) { fmt.Fprintf(c.App.ErrWriter, "scones: %s\n", line) },
		Progress: func(done, total int64) {
			if bar == nil {
				bar = newProgress(c.App.ErrWriter, "download", total, true)
			}
			bar.ChangeMax64(total)
			_ = bar.Set64(done)
		},
	}
}
