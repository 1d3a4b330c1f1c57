package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/infer/serve"
)

// captureFlags say what of the requests is recorded.
func captureFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "capture", Usage: "record requests and answers below `DIR` or s3://bucket/prefix, as SageMaker's data capture does"},
		&cli.StringFlag{Name: "capture-spool", Usage: "let records wait in `DIR` on their way to S3", DefaultText: "scones/captures in the user's cache"},
		&cli.IntFlag{Name: "capture-percent", Value: 100, Usage: "record `N` of a hundred answered requests, 0 to 100"},
		&cli.StringFlag{Name: "capture-mode", Value: "both", Usage: "record `WHAT`: input, output or both"},
		&cli.StringFlag{Name: "capture-max", Value: "1GiB", Usage: "keep at most `SIZE` of records; the oldest files go first"},
	}
}

// captureFromFlags is nil where nothing is recorded.
func captureFromFlags(c *cli.Context) (*serve.Capture, error) {
	if c.String("capture") == "" {
		for _, flag := range []string{"capture-percent", "capture-mode", "capture-max", "capture-spool"} {
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
	spool := c.String("capture-spool")
	if _, _, ok := aws.ParseS3(o.Dir); !ok {
		if strings.HasPrefix(o.Dir, "s3:") {
			return nil, &usageError{fmt.Sprintf("--capture %q: want s3://BUCKET/PREFIX", o.Dir), ""}
		}
		if spool != "" {
			return nil, &usageError{"--capture-spool is for captures on their way to S3", "say --capture s3://BUCKET/PREFIX, or name the folder with --capture alone"}
		}
	}
	return o, nil
}

// shipCaptures lets the records go to S3 if that is where they are to be: files wait in a folder that is this process's alone. Close
// gives the folder back.
func shipCaptures(c *cli.Context, o *serve.Capture, endpoint string) (closing func(), err error) {
	closing = func() {}
	if o == nil {
		return closing, nil
	}
	uri := o.Dir
	if _, _, ok := aws.ParseS3(uri); !ok {
		return closing, nil
	}
	config, err := aws.LoadConfig(c.Context, aws.ConfigOptions{})
	if err != nil {
		return nil, err
	}
	if o.Ship, err = aws.Upload(config, uri); err != nil {
		return nil, err
	}
	if o.Dir = c.String("capture-spool"); o.Dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, &usageError{fmt.Sprintf("find a folder where captures wait: %v", err), "name one with --capture-spool DIR"}
		}
		// Records of one endpoint that go to different places wait in different folders.
		o.Dir = filepath.Join(cache, "scones", "captures", fmt.Sprintf("%.8x-%s", sha256.Sum256([]byte(uri)), endpoint))
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder where captures wait: %w", err)
	}
	lock, err := result.Lock(filepath.Join(o.Dir, "spool"))
	if errors.Is(err, result.ErrInUse) {
		return nil, &usageError{fmt.Sprintf("another scones serve lets its captures wait in %s", o.Dir), "give this one a folder of its own with --capture-spool DIR"}
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = result.Unlock(lock) }, nil
}
