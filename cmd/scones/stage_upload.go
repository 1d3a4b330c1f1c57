package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/stage"
)

// uploadOptions say where a staged folder goes.
type uploadOptions struct {
	to              string
	dryRun, remove  bool
	region, profile string
}

// uploadFlags are those of commands that upload a folder.
func uploadFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to", Usage: "upload to `S3URI`, what is new or changed alone"},
		&cli.BoolFlag{Name: "dry-run", Usage: "with --to: say what would be uploaded, and write nothing, here or there"},
		&cli.BoolFlag{Name: "delete", Usage: "with --to: delete what is there below the prefix and not here"},
		&cli.StringFlag{Name: "region", Usage: "AWS `REGION` (default: that of the environment)"},
		&cli.StringFlag{Name: "profile", Usage: "AWS `PROFILE` of the shared configuration"},
	}
}

// uploadFromFlags checks them.
func uploadFromFlags(c *cli.Context, out string) (uploadOptions, error) {
	u := uploadOptions{to: c.String("to"), dryRun: c.Bool("dry-run"), remove: c.Bool("delete"), region: c.String("region"), profile: c.String("profile")}
	if u.to == "" {
		for _, name := range []string{"to", "dry-run", "delete", "region", "profile"} {
			if c.IsSet(name) {
				return u, &usageError{fmt.Sprintf("--%s needs --to", name), "--to s3://my-bucket/data"}
			}
		}
		return u, nil
	}
	_, prefix, ok := aws.ParseS3(u.to)
	switch {
	case !ok:
		return u, &usageError{fmt.Sprintf("--to %q: want s3://BUCKET/PREFIX", u.to), ""}
	case u.remove && prefix == "":
		return u, &usageError{"--delete needs a prefix in --to, so that nothing else in the bucket is deleted", "--to " + u.to + "/data"}
	case out == "" && !u.dryRun:
		return u, &usageError{"--to needs a folder to stage into", "-o data/"}
	}
	return u, nil
}

// connect finds region and credentials, before anything is done that would then be in vain.
func (u *uploadOptions) connect(ctx context.Context) (*aws.Config, error) {
	return aws.LoadConfig(ctx, aws.ConfigOptions{Region: u.region, Profile: u.profile})
}

// upload makes the prefix what the folder is.
func (u *uploadOptions) upload(c *cli.Context, config *aws.Config, dir string) error {
	bar := newProgress(c.App.ErrWriter, "comparing", -1, false)
	s, err := aws.PlanSync(c.Context, config, dir, u.to, aws.SyncOptions{
		Delete: u.remove, Hashed: func() { _ = bar.Add(1) },
	})
	_ = bar.Clear()
	if err != nil {
		return err
	}
	defer s.Close()
	writeSync(c.App.Writer, s, u.dryRun)
	if u.dryRun {
		return nil
	}
	_, fresh := s.Count(aws.SyncCreate)
	_, changed := s.Count(aws.SyncUpdate)
	sending := newProgress(c.App.ErrWriter, "uploading", fresh+changed, true)
	s.OnSent(func(bytes int64) { _ = sending.Add64(bytes) })
	err = s.Apply(c.Context)
	_ = sending.Clear()
	return err
}

// writeSync says what a sync does, or would do.
func writeSync(w io.Writer, s *aws.Sync, each bool) {
	fmt.Fprintf(w, "\ns3://%s/%s\n", printable(s.Bucket), printable(s.Prefix))
	for _, line := range []struct {
		action aws.SyncAction
		word   string
	}{
		{aws.SyncCreate, "to create"}, {aws.SyncUpdate, "to update"}, {aws.SyncKeep, "there already"}, {aws.SyncDelete, "to delete"},
		{aws.SyncLeave, "there and not here (--delete would delete them)"},
	} {
		if n, bytes := s.Count(line.action); n > 0 {
			fmt.Fprintf(w, "  %6d %s, %s\n", n, line.word, byteSize(bytes))
		}
	}
	if !each {
		return
	}
	shownChanges := 0
	for _, change := range s.Changes {
		if change.Action == aws.SyncKeep || change.Action == aws.SyncLeave {
			continue
		}
		if shownChanges++; shownChanges > shownDoubts {
			fmt.Fprintln(w, "  …")
			break
		}
		fmt.Fprintf(w, "  %s %s\n", change.Action, printable(change.Key))
	}
}

// channels says how a training names what was uploaded. Where there is no validation set the test set stands in, as in the course.
func (u *uploadOptions) channels(w io.Writer, r *stage.Report, records bool) {
	validation := stage.Validation
	if r.Count(stage.Validation) == 0 {
		validation = stage.Test
	}
	base := u.to
	if base[len(base)-1] != '/' {
		base += "/"
	}
	fmt.Fprintln(w, "\nchannel          uri")
	if records {
		fmt.Fprintf(w, "train            %strain.rec\nvalidation       %s%s.rec\n", base, base, validation)
		return
	}
	fmt.Fprintf(w, "train            %strain/\ntrain_lst        %strain.lst\nvalidation       %s%s/\nvalidation_lst   %s%s.lst\n", base, base, base, validation, base, validation)
}

// tempOut is a folder to stage into when nothing is to be written.
func tempOut() (dir string, remove func(), err error) {
	temp, err := os.MkdirTemp("", "scones-stage-*")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(temp, "data"), func() { os.RemoveAll(temp) }, nil
}

// uploadFailed adds what to do where AWS said no.
func uploadFailed(err error) error {
	if denied, ok := errors.AsType[*aws.StoreError](err); ok && denied.Type == "AccessDenied" {
		return &hintedError{err, "the caller needs s3:ListBucket on the bucket, and s3:GetObject and s3:PutObject on the prefix; with --delete s3:DeleteObject"}
	}
	return err
}
