package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
)

// parseRecipe runs recipeFromFlags on a command line.
func parseRecipe(t *testing.T, base *model.Input, args ...string) (in *model.Input, set bool, err error) {
	t.Helper()
	app := &cli.App{
		Flags:                     recipeFlags(),
		DisableSliceFlagSeparator: true,
		Action: func(c *cli.Context) error {
			in, set, err = recipeFromFlags(c, base)
			return nil
		},
	}
	if runErr := app.RunContext(t.Context(), append([]string{"scones"}, args...)); runErr != nil {
		t.Fatal(runErr)
	}
	return in, set, err
}

func TestRecipeFromFlags(t *testing.T) {
	known := &model.Input{Name: "input", Element: model.Float32, Layout: model.NCHW, Width: 224, Height: 224, Channels: 3}
	whole := *known
	whole.ChannelOrder = model.RGB
	whole.Resize = model.Resize{Mode: model.Stretch, Filter: model.Bilinear}
	for _, c := range []struct {
		name string
		base *model.Input
		args string
		want model.Input
	}{
		{"torchvision", known, "--resize short-side:256 --crop center:224 --filter bilinear --scale 1/255 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
			model.Input{Name: "input", Element: model.Float32, Layout: model.NCHW, Width: 224, Height: 224, Channels: 3, ChannelOrder: model.RGB,
				Resize: model.Resize{Mode: model.ShortSide, ShortSide: 256, Filter: model.Bilinear},
				Scale:  1.0 / 255, Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225}}},
		{"size of the model", known, "--resize short-side:256 --filter lanczos --no-antialias --exif",
			model.Input{Name: "input", Element: model.Float32, Layout: model.NCHW, Width: 224, Height: 224, Channels: 3, ChannelOrder: model.RGB,
				Resize: model.Resize{Mode: model.ShortSide, ShortSide: 256, Filter: model.Lanczos, NoAntialias: true}, ApplyEXIF: true}},
		{"one flag over a contract", &whole, "--filter bicubic",
			model.Input{Name: "input", Element: model.Float32, Layout: model.NCHW, Width: 224, Height: 224, Channels: 3, ChannelOrder: model.RGB,
				Resize: model.Resize{Mode: model.Stretch, Filter: model.Bicubic}}},
		{"no model, pixels", nil, "--resize stretch:32x24 --filter nearest",
			model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: 32, Height: 24, Channels: 3, ChannelOrder: model.RGB,
				Resize: model.Resize{Mode: model.Stretch, Filter: model.Nearest}}},
		{"no model, numbers", nil, "--resize none --crop center:30x20 --grey --mean 0.5 --std 2",
			model.Input{Name: "data", Element: model.Float32, Layout: model.NCHW, Width: 30, Height: 20, Channels: 1,
				Resize: model.Resize{Mode: model.None}, Mean: []float64{0.5}, Std: []float64{2}}},
		{"one number for three channels", nil, "--resize pad:8x8 --filter bilinear --mean 127.5 --std 128 --layout nhwc --channel-order bgr",
			model.Input{Name: "data", Element: model.Float32, Layout: model.NHWC, Width: 8, Height: 8, Channels: 3, ChannelOrder: model.BGR,
				Resize: model.Resize{Mode: model.Pad, Filter: model.Bilinear}, Mean: []float64{127.5, 127.5, 127.5}, Std: []float64{128, 128, 128}}},
	} {
		got, set, err := parseRecipe(t, c.base, strings.Fields(c.args)...)
		if err != nil || !set {
			t.Errorf("%s: %v, set %v", c.name, err, set)
			continue
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("%s: input differs (-want +got):\n%s", c.name, diff)
		}
	}
	if got, set, err := parseRecipe(t, &whole); got != &whole || set || err != nil {
		t.Errorf("without flags: %v, %v, %v; want the model's own input", got, set, err)
	}
}

func TestRecipeNamesTheFlag(t *testing.T) {
	for args, flag := range map[string]string{
		"--filter bilinear":                    "--resize",
		"--resize short-side:256":              "--crop",
		"--resize none":                        "--crop",
		"--resize stretch:8x8":                 "--filter",
		"--resize cover:8x8 --filter bilinear": "--resize",
		"--resize short-side:8x8 --crop center:8 --filter bilinear":           "--resize",
		"--resize stretch:0x8 --filter bilinear":                              "--resize",
		"--resize stretch:99999x8 --filter bilinear":                          "--resize",
		"--resize stretch:8x8 --crop center:4 --filter bilinear":              "--crop",
		"--resize short-side:8 --crop 8 --filter bilinear":                    "--crop",
		"--resize short-side:8 --crop center:9 --filter bilinear":             "short_side",
		"--resize stretch:8x8 --filter cubic":                                 "--filter",
		"--resize none --crop center:8 --filter bilinear":                     "--filter",
		"--resize stretch:8x8 --filter bilinear --scale 1/0":                  "--scale",
		"--resize stretch:8x8 --filter bilinear --scale=-1":                   "--scale",
		"--resize stretch:8x8 --filter bilinear --mean 1,2":                   "--mean",
		"--resize stretch:8x8 --filter bilinear --std a":                      "--std",
		"--resize stretch:8x8 --filter bilinear --std 0":                      "std",
		"--resize stretch:8x8 --filter bilinear --layout HWCN":                "--layout",
		"--resize stretch:8x8 --filter bilinear --channel-order GBR":          "--channel-order",
		"--resize stretch:8x8 --filter bilinear --channel-order BGR --grey":   "--channel-order",
		"--resize stretch:8x8 --filter bilinear --mean NaN --layout NCHW":     "--mean",
		"--resize stretch:8x8 --filter bilinear --mean 1,1,1,1 --layout NCHW": "--mean",
	} {
		_, _, err := parseRecipe(t, nil, strings.Fields(args)...)
		if _, usage := errors.AsType[*usageError](err); !usage || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: error %v, want a usage error with %s", args, err, flag)
		}
	}
	pixels := &model.Input{Name: "x", Element: model.Uint8, Layout: model.NHWC, Channels: 3}
	if _, _, err := parseRecipe(t, pixels, "--resize", "stretch:8x8", "--filter", "bilinear", "--scale", "1/255"); err == nil || !strings.Contains(err.Error(), "--scale") {
		t.Errorf("--scale for a uint8 model: %v, want an error", err)
	}
}
