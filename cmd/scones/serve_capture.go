package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/serve"
)

// captureFlags say what of the requests is recorded.
func captureFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "capture", Usage: "record requests and answers below `DIR`, as SageMaker's data capture does"},
		&cli.IntFlag{Name: "capture-percent", Value: 100, Usage: "record `N` of a hundred answered requests, 0 to 100"},
		&cli.StringFlag{Name: "capture-mode", Value: "both", Usage: "record `WHAT`: input, output or both"},
		&cli.StringFlag{Name: "capture-max", Value: "1GiB", Usage: "keep at most `SIZE` of records; the oldest files go first"},
	}
}

// captureFromFlags is nil where nothing is recorded.
func captureFromFlags(c *cli.Context) (*serve.Capture, error) {
	if c.String("capture") == "" {
		for _, flag := range []string{"capture-percent", "capture-mode", "capture-max"} {
			if c.IsSet(flag) {
				return nil, &usageError{fmt.Sprintf("--%s without --capture", flag), "name a folder: --capture DIR"}
			}
		}
		return nil, nil
	}
	o := &serve.Capture{Dir: c.String("capture"), Percent: c.Int("capture-percent")}
	if o.Percent < 0 || o.Percent > 100 {
		return nil, &usageError{fmt.Sprintf("--capture-percent %d: must be 0 to 100", o.Percent), ""}
	}
	switch mode := c.String("capture-mode"); mode {
	case "both":
		o.Input, o.Output = true, true
	case "input":
		o.Input = true
	case "output":
		o.Output = true
	default:
		return nil, &usageError{fmt.Sprintf("--capture-mode %q: must be input, output or both", mode), ""}
	}
	var err error
	if o.MaxBytes, err = parseBytes(c.String("capture-max")); err != nil {
		return nil, &usageError{fmt.Sprintf("--capture-max: %v", err), ""}
	}
	return o, nil
}
