package ort

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// InstallOptions tune [Install]. The zero value installs the CPU build into the user's cache without a word.
type InstallOptions struct {
	// Dir is the cache; empty means [Dir].
	Dir string
	// GPU installs the build for NVIDIA's CUDA and TensorRT, about 250 MB to download, instead of the CPU build, about 17 MB.
	GPU bool
	// Platform is the GOOS/GOARCH that the library is for; empty means this machine's. What is installed for another one does no harm.
	Platform string
	// Say, when not nil, gets one line that says what is installed, where and from where, before anything is downloaded.
	Say func(string)
	// Progress, when not nil, gets the bytes done and the bytes in all, -1 when unknown. It starts again at zero when one way fails and
	// the next is tried.
	Progress func(done, total int64)

	releases string // address of the release archives, for tests; empty means the official one
	pins     []pin  // for tests; nil means the published ones
}

// An InstallError lists the ways that were tried and why each failed.
type InstallError struct {
	Tried    []error
	dir      string // that the library belongs into
	platform string
	gpu      bool
}

// Error lists the ways.
func (e *InstallError) Error() string {
	text := make([]string, len(e.Tried))
	for i, err := range e.Tried {
		text[i] = err.Error()
	}
	return fmt.Sprintf("install ONNX Runtime %s: %s", Version, strings.Join(text, "; "))
}

// Unwrap returns the ways' errors.
func (e *InstallError) Unwrap() []error { return e.Tried }

// Hint says how to put the library in place by hand.
func (e *InstallError) Hint() string {
	if len(e.Tried) == 0 {
		return ""
	}
	foreign := ""
	if e.platform != platform {
		foreign = " --platform " + wheelPlatforms[e.platform]
	}
	return fmt.Sprintf("on a machine with a network run: pip download %s --no-deps%s; unpack %s of the wheel's capi folder into %s, or name it with --onnxruntime or %s",
		requirement(e.gpu), foreign, libraryNameOf(e.platform), e.dir, EnvLibrary)
}

// Ensure returns the library that [Find] finds, and installs it first when there is none.
func Ensure(ctx context.Context, find Options, install InstallOptions) (Library, error) {
	lib, err := Find(find)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return lib, err
	}
	if install.Dir == "" {
		install.Dir = find.Dir
	}
	lib, installErr := Install(ctx, install)
	if installErr != nil {
		if ctx.Err() == nil && errors.Is(err, ErrHash) { // what lies in the cache may be why the user is here
			installErr = fmt.Errorf("%w (%w)", installErr, err)
		}
		return Library{}, installErr
	}
	return lib, nil
}

// EnsureFor returns the library for another platform, such as linux/arm64, from the cache or newly installed. It cannot be loaded here,
// but be put into a container.
func EnsureFor(ctx context.Context, o InstallOptions) (Library, error) {
	dir := o.Dir
	if dir == "" {
		var err error
		if dir, err = Dir(); err != nil {
			return Library{}, err
		}
	}
	if lib, err := installed(dir, o.Platform, o.GPU); err == nil {
		return lib, nil
	}
	return Install(ctx, o)
}

// Install puts the library into the cache: from the official release archive, or else through the user's own Python package client,
// which also serves people behind a mirror. Only files whose SHA-256 stands in this package's source are installed; they are written
// beside their place, checked and renamed, so that a cancelled or failed installation leaves nothing and several at once do no harm.
// Errors are [*InstallError], or ctx's.
func Install(ctx context.Context, o InstallOptions) (Library, error) {
	if o.Platform == "" {
		o.Platform = platform
	}
	dir, err := o.dir()
	if err != nil {
		return Library{}, err
	}
	if o.pins == nil {
		o.pins = pins
	}
	if o.Say != nil {
		o.Say(announcement(o, dir))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Library{}, fmt.Errorf("install ONNX Runtime: %w", err)
	}
	sweep(filepath.Dir(dir))
	failed := &InstallError{dir: dir, platform: o.Platform, gpu: o.GPU}
	for _, way := range []struct {
		origin origin
		fetch  func(context.Context, InstallOptions, []pin, string) error
	}{{release, fetchRelease}, {wheel, fetchWheel}} {
		files := pinsFor(o.pins, o.Platform, o.GPU, way.origin)
		if len(files) == 0 {
			if way.origin == wheel || !o.GPU { // the GPU build is taken from the package alone
				failed.Tried = append(failed.Tried, fmt.Errorf("%s: none is published for %s", way.origin, o.Platform))
			}
			continue
		}
		lib, err := installFrom(ctx, o, files, dir, way.fetch)
		if err == nil {
			return lib, nil
		}
		if ctx.Err() != nil {
			return Library{}, fmt.Errorf("install ONNX Runtime: %w", ctx.Err())
		}
		failed.Tried = append(failed.Tried, fmt.Errorf("%s: %w", way.origin, err))
	}
	os.Remove(dir) // when it is empty
	return Library{}, failed
}

// announcement says what is installed and why, where and from where.
func announcement(o InstallOptions, dir string) string {
	if o.Platform != platform {
		return fmt.Sprintf("ONNX Runtime %s for %s is not on this machine: installing it into %s from its official release, or else through pip", Version, o.Platform, dir)
	}
	if o.GPU {
		return fmt.Sprintf("the GPU build of ONNX Runtime %s is not on this machine: installing it into %s through pip", Version, dir)
	}
	return fmt.Sprintf("ONNX Runtime %s is not on this machine: installing it into %s from its official release, or else through pip", Version, dir)
}

func (o InstallOptions) dir() (string, error) {
	root := o.Dir
	if root == "" {
		var err error
		if root, err = Dir(); err != nil {
			return "", err
		}
	}
	return filepath.Abs(buildDir(root, o.Platform, o.GPU))
}

// tempPattern names the folders that installations work in.
const tempPattern = ".install-*"

// installFrom fetches files into a folder of its own, checks them and moves them into place, the library itself last.
func installFrom(ctx context.Context, o InstallOptions, files []pin, dir string, fetch func(context.Context, InstallOptions, []pin, string) error) (Library, error) {
	temp, err := os.MkdirTemp(filepath.Dir(dir), tempPattern)
	if err != nil {
		return Library{}, err
	}
	defer os.RemoveAll(temp)
	if err := fetch(ctx, o, files, temp); err != nil {
		return Library{}, err
	}
	for _, f := range files {
		sum, err := HashFile(filepath.Join(temp, f.file))
		if err != nil {
			return Library{}, err
		}
		if sum != f.sha256 {
			return Library{}, fmt.Errorf("%s: %w: %s, want %s; it was not installed", f.file, ErrHash, sum, f.sha256)
		}
	}
	if err := ctx.Err(); err != nil {
		return Library{}, err
	}
	for _, f := range files {
		if err := place(filepath.Join(temp, f.file), filepath.Join(dir, f.file), f.sha256); err != nil {
			return Library{}, err
		}
	}
	library := files[len(files)-1]
	return Library{Path: filepath.Join(dir, library.file), Version: Version, SHA256: library.sha256, Pinned: true, Source: Cache}, nil
}

// place renames a file into place. Windows refuses to replace a library that a process has loaded; when it is the same, all is well.
func place(from, to, sha256 string) error {
	err := os.Rename(from, to)
	if err != nil {
		if sum, hashErr := HashFile(to); hashErr == nil && sum == sha256 {
			return nil
		}
	}
	return err
}

// stale is the age from which a folder of an installation that was killed is removed; none takes this long.
const stale = 24 * time.Hour

// sweep removes what killed installations left behind.
func sweep(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, tempPattern))
	if err != nil {
		return
	}
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > stale {
			os.RemoveAll(path)
		}
	}
}
