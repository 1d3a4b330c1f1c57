package main

import (
	"fmt"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
)

// ensureRuntime finds ONNX Runtime, or installs it with one line that says what and why, and a bar on a terminal.
func ensureRuntime(c *cli.Context, device infer.Device) (ort.Library, error) {
	gpu := device.WantsGPU()
	return ort.Ensure(c.Context, ort.Options{Path: c.String("onnxruntime"), GPU: gpu}, installOptions(c, gpu && device != infer.Auto))
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
