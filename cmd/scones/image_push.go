package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/repository"
	"github.com/scones-unlimited/scones/infer/container"
)

// pushImage is scones image push.
func pushImage(c *cli.Context) error {
	o, err := imageFromFlags(c)
	if err != nil {
		return err
	}
	if c.NArg() != 1 {
		return &usageError{fmt.Sprintf("%d repositories named, want one", c.NArg()), "scones image push scones"}
	}
	if file := c.String("image"); file != "" {
		for _, flag := range []string{"model", "arch", "base", "binary", "onnxruntime", "sysroot", "ca"} {
			if c.IsSet(flag) {
				return &usageError{fmt.Sprintf("--%s says what to build, and --image that nothing is built", flag), "leave one out"}
			}
		}
	}
	to, err := imageTarget(c, c.Args().First())
	if err != nil {
		return err
	}
	to.Format = o.format
	images, err := imagesToPush(c, o)
	if err != nil {
		return err
	}
	defer closeImages(images)
	if o.format == container.OCI && to.User != "" || len(images) > 1 {
		fmt.Fprintln(c.App.ErrWriter, "scones: warning: SageMaker takes one architecture with Docker's manifest alone; Docker and Kubernetes take what is sent now")
	}
	var bar *progressbar.ProgressBar
	to.Progress = func(done, total int64) {
		if bar == nil {
			bar = newProgress(c.App.ErrWriter, "push", total, true)
		}
		bar.ChangeMax64(total)
		_ = bar.Set64(done)
	}
	pushed, err := container.Push(c.Context, to, images...)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return writeJSON(c.App.Writer, pushed)
	}
	fmt.Fprintf(c.App.ErrWriter, "%s: %d layers, %d were there; %s sent, %d bills of materials attached\n",
		pushed.Tag, pushed.Layers, pushed.Skipped, byteText(pushed.Sent), len(pushed.SBOMs))
	_, err = fmt.Fprintln(c.App.Writer, pushed.Reference)
	return err
}

func imagesToPush(c *cli.Context, o *imageInput) ([]*container.Image, error) {
	if file := c.String("image"); file != "" {
		return container.Open(file)
	}
	return buildImages(c, o)
}

// repositoryName is what ECR takes (the pattern of RepositoryName in its API model).
var repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

// imageTarget finds the registry that an argument means: the account's own for a bare name.
func imageTarget(c *cli.Context, reference string) (container.PushOptions, error) {
	to := container.PushOptions{Reference: reference, Insecure: c.Bool("insecure")}
	host, rest, hasSlash := strings.Cut(reference, "/")
	foreign := hasSlash && (strings.ContainsAny(host, ".:") || host == "localhost")
	if foreign && !strings.Contains(host, ".dkr.ecr.") {
		return to, nil
	}
	name := reference
	if foreign {
		name = rest
	}
	name, tag, tagged := strings.Cut(name, ":")
	if !repositoryName.MatchString(name) {
		return to, &usageError{fmt.Sprintf("%q is no name of a repository", name), "names are lower-case letters and digits with . _ - / in between, such as team/scones"}
	}
	config, err := aws.LoadConfig(c.Context, aws.ConfigOptions{Region: c.String("region"), Profile: c.String("profile")})
	if err != nil {
		return to, err
	}
	r, err := repository.Open(c.Context, config, name)
	if err != nil {
		return to, err
	}
	if foreign && !strings.HasPrefix(r.Address, host+"/") {
		return to, &hintedError{
			fmt.Errorf("the repository %q is of another account or region: the credentials open %s", host, r.Address),
			"name the repository without its host, or take other credentials with --profile and --region",
		}
	}
	if r.Created {
		fmt.Fprintf(c.App.ErrWriter, "scones: made the repository %s\n", r.Address)
	}
	if at := c.String("registry"); at != "" {
		r = r.At(at)
	}
	to.Reference, to.User, to.Password = r.Address, r.User, r.Password
	if tagged {
		to.Reference += ":" + tag
	}
	return to, nil
}
