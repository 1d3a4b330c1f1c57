package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/infer/stage/page"
)

// run checks a source, shows what was found, and stages it when nothing stops.
func (o *stageOptions) run(c *cli.Context, src *stage.Source) error {
	config, err := o.connect(c)
	if err != nil {
		return err
	}
	bar := newProgress(c.App.ErrWriter, "checking", int64(len(src.Pictures)), false)
	o.check.Progress = func() { _ = bar.Add(1) }
	s, err := stage.Check(c.Context, src, o.check)
	_ = bar.Clear()
	if errors.Is(err, stage.ErrNothing) {
		return &hintedError{err, "a folder for each class, with pictures in it, is what is read; see scones stage folder --help"}
	}
	if err != nil {
		return err
	}
	s.Scones = buildInfo().version
	stops := s.Stops()
	out := o.out
	if o.upload.dryRun {
		temp, remove, err := tempOut()
		if err != nil {
			return err
		}
		defer remove()
		out = temp
	}
	written := out != "" && len(stops) == 0
	if written {
		if err := o.write(c, s, out); err != nil {
			return err
		}
	}
	if o.html != "" {
		if err := writeFile(o.html, func(w io.Writer) error { return page.Write(c.Context, w, s, o.limits) }); err != nil {
			return err
		}
	}
	if o.json {
		err = writeJSON(c.App.Writer, s.Report)
	} else {
		err = writeStaged(c.App.Writer, &s.Report)
	}
	if err != nil {
		return err
	}
	if len(stops) > 0 {
		nothing := ""
		if o.out != "" {
			nothing = "; nothing was written"
		}
		return &hintedError{&gateError{stops[0].Text + more(len(stops)-1) + nothing}, stops[0].Hint()}
	}
	if config != nil {
		if err := o.upload.upload(c, config, out); err != nil {
			return uploadFailed(err)
		}
		if !o.upload.dryRun {
			o.upload.channels(c.App.Writer, &s.Report, o.records)
		}
	}
	if written && !o.upload.dryRun {
		fmt.Fprintf(c.App.ErrWriter, "scones: staged into %s: num_classes=%d num_training_samples=%d\n", o.out, len(s.Classes), s.Count(stage.Train))
	}
	return nil
}

// more says how many other kinds of errors there are.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %s", plural(n, "other kind of error", "other kinds of errors"))
}

// connect finds the account where one is needed.
func (o *stageOptions) connect(c *cli.Context) (*aws.Config, error) {
	if o.upload.to == "" {
		return nil, nil
	}
	return o.upload.connect(c.Context)
}

// write stages into the folder.
func (o *stageOptions) write(c *cli.Context, s *stage.Stage, out string) error {
	bar := newProgress(c.App.ErrWriter, "writing", int64(s.Pictures), false)
	err := s.Write(c.Context, out, stage.WriteOptions{Records: o.records, Progress: func() { _ = bar.Add(1) }})
	_ = bar.Clear()
	if errors.Is(err, stage.ErrNotStaged) {
		return &hintedError{err, "name a new folder, or an empty one"}
	}
	return err
}
