package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
)

// libraryFlag names a library. Its environment variable is read by package ort, so that messages can tell which of the two it was.
func libraryFlag() cli.Flag {
	return &cli.StringFlag{Name: "onnxruntime", Usage: "look at this ONNX Runtime library `FILE` (also from " + ort.EnvLibrary + ")"}
}

func runtimeCommand() *cli.Command {
	jsonFlag := func() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print one JSON object"} }
	return &cli.Command{
		Name:  "runtime",
		Usage: "show, install or verify ONNX Runtime, which computes the scores",
		Description: "Without a subcommand it shows which library would be used, and what it can do.\n\n" +
			"Example:\n  scones runtime --json",
		Flags:  []cli.Flag{jsonFlag(), libraryFlag()},
		Action: showRuntime,
		Subcommands: []*cli.Command{
			{
				Name:        "install",
				Usage:       "install ONNX Runtime " + ort.Version + " into the user's cache",
				Description: "Example:\n  scones runtime install --gpu",
				Flags:       []cli.Flag{&cli.BoolFlag{Name: "gpu", Usage: "install the build for NVIDIA's CUDA and TensorRT (250 MB to download)"}},
				Action:      installRuntime,
			},
			{
				Name:        "path",
				Usage:       "print the path of the library that would be used",
				Description: "Example:\n  export " + ort.EnvLibrary + "=$(scones runtime path)",
				Flags:       []cli.Flag{libraryFlag()},
				Action:      printRuntimePath,
			},
			{
				Name:        "verify",
				Usage:       "compare the library with the published files' SHA-256",
				Description: "Example:\n  scones runtime verify",
				Flags:       []cli.Flag{jsonFlag(), libraryFlag()},
				Action:      verifyRuntime,
			},
			graphsCommand(),
		},
	}
}

// A runtimeReport is what scones runtime --json prints.
type runtimeReport struct {
	Library      ort.Library             `json:"library"`
	Devices      []infer.Device          `json:"devices"`
	Missing      map[infer.Device]string `json:"missing"`
	TelemetryOff bool                    `json:"telemetry_off"`
	// JPEG is the decoder, and how to get the faster one where it is not found.
	JPEG string `json:"jpeg"`
	// Problem tells why the library could not be asked what it can do, as in a build without cgo.
	Problem string `json:"problem,omitempty"`
}

func showRuntime(c *cli.Context) error {
	if c.Args().Present() {
		return unknownCommand(c.Command.Subcommands, c.Args().First())
	}
	library, err := ort.Find(ort.Options{Path: c.String("onnxruntime")})
	if err != nil {
		return err
	}
	report := runtimeReport{JPEG: jpegDecoder(), Library: library, Devices: []infer.Device{}, Missing: make(map[infer.Device]string)}
	info, missing, err := infer.Probe(infer.SessionOptions{Library: library})
	if err != nil && !errors.Is(err, infer.ErrNoRuntime) {
		return err
	} else if err != nil {
		report.Problem = err.Error()
	} else {
		report.Library, report.TelemetryOff = info.Library, info.TelemetryOff
		for _, device := range infer.Devices {
			if reason := missing[device]; reason != nil {
				if unavailable, ok := errors.AsType[*infer.DeviceError](reason); ok {
					reason = unavailable.Reason
				}
				report.Missing[device] = reason.Error()
			} else if device != infer.Auto {
				report.Devices = append(report.Devices, device)
			}
		}
	}
	if c.Bool("json") {
		return writeJSON(c.App.Writer, report)
	}
	return report.write(c.App.Writer)
}

// write prints the report as people read it.
func (r *runtimeReport) write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	writeLibrary(table, r.Library)
	fmt.Fprintf(table, "jpeg\t%s\n", r.JPEG)
	if r.Problem != "" {
		fmt.Fprintf(table, "problem\t%s\n", r.Problem)
		return table.Flush()
	}
	for _, device := range infer.Devices {
		if reason, missing := r.Missing[device]; missing {
			fmt.Fprintf(table, "%s\tnot available: %s\n", device, reason)
		} else if device != infer.Auto {
			fmt.Fprintf(table, "%s\tavailable\n", device)
		}
	}
	telemetry := "on"
	if r.TelemetryOff {
		telemetry = "off"
	}
	fmt.Fprintf(table, "telemetry\t%s\n", telemetry)
	return table.Flush()
}

func writeLibrary(table io.Writer, library ort.Library) {
	known := "not one of the published files'"
	if library.Pinned {
		known = "published"
	}
	found := map[ort.Source]string{
		ort.Named: "named by the user", ort.Cache: "the user's cache", ort.System: "a system folder",
	}[library.Source]
	fmt.Fprintf(table, "library\t%s\nfound\t%s\nversion\t%s\nsha256\t%s (%s)\n", library.Path, found, library.Version, library.SHA256, known)
}

func installRuntime(c *cli.Context) error {
	if c.Args().Present() {
		return &usageError{fmt.Sprintf("install takes no argument, got %q", c.Args().First()), "scones runtime install --gpu installs the GPU build"}
	}
	gpu := c.Bool("gpu")
	library, err := ort.Installed("", gpu)
	if err != nil {
		if library, err = ort.Install(c.Context, installOptions(c, gpu)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.App.Writer, library.Path)
	return err
}

func printRuntimePath(c *cli.Context) error {
	library, err := ort.Find(ort.Options{Path: c.String("onnxruntime")})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.App.Writer, library.Path)
	return err
}

func verifyRuntime(c *cli.Context) error {
	library, err := ort.Find(ort.Options{Path: c.String("onnxruntime")})
	if err != nil {
		return err
	}
	source := library.Source
	if library, err = ort.Verify(library.Path); err != nil {
		return err
	}
	library.Source = source
	if c.Bool("json") {
		return writeJSON(c.App.Writer, library)
	}
	table := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	writeLibrary(table, library)
	return table.Flush()
}
