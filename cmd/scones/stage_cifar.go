package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/download"
	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/infer/stage/cifar"
)

func stageCIFARCommand() *cli.Command {
	return &cli.Command{
		Name:  "cifar100",
		Usage: "stage classes of CIFAR-100 from its archive",
		Description: "The archive is the published one, its Python or its binary version, known by its SHA-256. Without --archive it is downloaded once,\n" +
			"169 MB, into the user's cache. Pictures keep the archive's own split, their names and their rows; --resplit splits anew.\n\n" +
			"Example:\n  scones stage cifar100 --classes bicycle,motorcycle -o data/",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "classes", Usage: "`LABELS` to take, with commas between, in the order of their numbers (default: all 100)"},
			&cli.StringFlag{Name: "archive", Usage: "read `FILE`, cifar-100-python.tar.gz or cifar-100-binary.tar.gz"},
			&cli.StringFlag{Name: "url", Value: cifar.URL, Usage: "download the archive from `URL`"},
			&cli.StringFlag{Name: "sha256", Usage: "the archive's `HASH`, where it is not a published one"},
		}, stageFlags()...),
		Action: stageCIFAR,
	}
}

// hexHash is a SHA-256 in hexadecimal digits.
var hexHash = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

// stageCIFAR runs scones stage cifar100.
func stageCIFAR(c *cli.Context) error {
	o, err := stageFromFlags(c)
	if err != nil {
		return err
	}
	name, hash := c.String("archive"), c.String("sha256")
	switch {
	case c.NArg() > 0:
		return &usageError{fmt.Sprintf("%q: stage cifar100 takes no paths", c.Args().First()), "scones stage cifar100 --archive " + c.Args().First()}
	case hash != "" && !hexHash.MatchString(hash):
		return &usageError{fmt.Sprintf("--sha256 %q: must be 64 hexadecimal digits", hash), ""}
	case name != "" && c.IsSet("url"):
		return &usageError{"--archive and --url exclude each other", ""}
	case name == "":
		if name, err = cachedArchive(c, hash); err != nil {
			return err
		}
	}
	archive, err := cifar.Open(c.Context, name, hash)
	if err != nil {
		return err
	}
	src, err := stage.CIFAR(archive, "CIFAR-100", o.classes)
	if err != nil {
		return &usageError{"--classes: " + err.Error(), ""}
	}
	return o.run(c, src)
}

// cachedArchive downloads the archive unless the cache has it. What has another hash is not kept: it would be found again and again.
func cachedArchive(c *cli.Context, hash string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", &hintedError{fmt.Errorf("finding the cache: %w", err), "--archive FILE reads one that is here"}
	}
	if hash == "" {
		hash = cifar.PythonSHA256
	}
	dir := filepath.Join(cache, "scones", "data")
	name := filepath.Join(dir, "cifar-100-"+hash[:12]+".tar.gz")
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the cache: %w", err)
	}
	address := c.String("url")
	fmt.Fprintf(c.App.ErrWriter, "scones: downloading %s into %s\n", address, dir)
	part, err := os.CreateTemp(dir, ".cifar-*.part")
	if err != nil {
		return "", fmt.Errorf("making the cache: %w", err)
	}
	part.Close()
	defer os.Remove(part.Name())
	bar := newProgress(c.App.ErrWriter, "downloading", -1, true)
	err = download.File(c.Context, address, part.Name(), cifar.MaxBytes, func(done, total int64) {
		bar.ChangeMax64(total)
		_ = bar.Set64(done)
	})
	_ = bar.Exit()
	if err != nil {
		return "", &hintedError{fmt.Errorf("download %s: %w", address, err), "--archive FILE reads one that is here"}
	}
	if err := cifar.CheckHash(part.Name(), hash); err != nil {
		return "", fmt.Errorf("download %s: %w", address, err)
	}
	return name, os.Rename(part.Name(), name)
}
