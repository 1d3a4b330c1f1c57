package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// maxLabelBytes bounds a file of labels. The longest known, ImageNet-21k's, has 0.6 MB.
const maxLabelBytes = 16 << 20

// artifactFlags are the choices that reading an artifact leaves open.
func artifactFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "labels", Usage: "the classes' `NAMES` in order, separated by commas; an artifact holds none"},
		&cli.StringFlag{Name: "labels-file", Usage: "read the classes' names from `FILE`, one a line"},
		&cli.IntFlag{Name: "epoch", Usage: "take the checkpoint of epoch `N` (default: the last)"},
		&cli.StringFlag{Name: "filter", Value: string(model.Bilinear), Usage: "resize pictures with nearest, bilinear, bicubic or lanczos"},
	}
}

func artifactFromFlags(c *cli.Context) (from mxnet.Options, to onnx.ExportOptions, err error) {
	if from.Epoch = c.Int("epoch"); from.Epoch < 0 || c.IsSet("epoch") && from.Epoch == 0 {
		return from, to, &usageError{fmt.Sprintf("--epoch %d: must be 1 or more", from.Epoch), ""}
	}
	switch to.Filter = model.Filter(c.String("filter")); to.Filter {
	case model.Nearest, model.Bilinear, model.Bicubic, model.Lanczos:
	default:
		return from, to, &usageError{fmt.Sprintf("--filter %q: must be nearest, bilinear, bicubic or lanczos", to.Filter), ""}
	}
	to.Labels, err = labelsFromFlags(c)
	return from, to, err
}

// labelsFromFlags gives the labels of --labels or --labels-file, none when neither is set.
func labelsFromFlags(c *cli.Context) ([]string, error) {
	flag, text := "labels", strings.ReplaceAll(c.String("labels"), ",", "\n")
	switch {
	case c.IsSet("labels") && c.IsSet("labels-file"):
		return nil, &usageError{"--labels and --labels-file exclude each other", ""}
	case c.IsSet("labels") && c.String("labels") == c.String("truth"): // a table of true classes, see truthFromFlags
		return nil, nil
	case c.IsSet("labels-file"):
		flag = "labels-file"
		in, err := os.Open(c.String(flag))
		if err != nil {
			return nil, fmt.Errorf("reading --labels-file: %w", err)
		}
		defer in.Close()
		data, err := io.ReadAll(io.LimitReader(in, maxLabelBytes+1))
		if err != nil {
			return nil, fmt.Errorf("reading --labels-file: %w", err)
		}
		if len(data) > maxLabelBytes {
			return nil, fmt.Errorf("reading --labels-file: more than %d bytes", maxLabelBytes)
		}
		text = strings.TrimRight(strings.TrimPrefix(string(data), "\ufeff"), "\r\n")
	case !c.IsSet("labels"):
		return nil, nil
	}
	labels := strings.Split(text, "\n")
	for i, label := range labels {
		if labels[i] = strings.TrimSpace(label); labels[i] == "" {
			return nil, &usageError{fmt.Sprintf("--%s: label %d is empty", flag, i), ""}
		}
	}
	return labels, nil
}
