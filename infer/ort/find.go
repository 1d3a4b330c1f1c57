package ort

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/scones-unlimited/scones/model/systemlib"
)

// Options say where [Find] looks. The zero value looks in the usual places.
type Options struct {
	// Path of the library that the user names. Empty means the environment variable ONNXRUNTIME_LIB. A library that is named is
	// used or refused, and no other is looked for.
	Path string
	// Dir is the cache; empty means [Dir].
	Dir string
	// System folders; nil means this platform's usual ones.
	System []string
	// GPU prefers the GPU build in the cache to the CPU build; false prefers the CPU build.
	GPU bool
}

// Dir returns the folder that libraries are installed into, scones/onnxruntime in the user's cache folder.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(cache, "scones", "onnxruntime"), nil
}

// A NotFoundError lists where a library was looked for and why nothing there can be used. It wraps [ErrNotFound].
type NotFoundError struct {
	// Tried are the places with what was wrong there, in order.
	Tried []error
}

// Error lists the places.
func (e *NotFoundError) Error() string {
	text := make([]string, len(e.Tried))
	for i, err := range e.Tried {
		text[i] = err.Error()
	}
	if len(text) == 0 {
		return ErrNotFound.Error()
	}
	return ErrNotFound.Error() + ": " + strings.Join(text, "; ")
}

// Unwrap returns [ErrNotFound] and the places' errors.
func (e *NotFoundError) Unwrap() []error { return append([]error{ErrNotFound}, e.Tried...) }

// Hint says how to get the library.
func (e *NotFoundError) Hint() string {
	return "run scones runtime install, or name a library file with --onnxruntime or " + EnvLibrary
}

// Find returns the library to use. It looks at Options.Path or ONNXRUNTIME_LIB, whose version must be [Version]; then in the cache,
// where the hash must be a pinned one; then in the system's library folders, where the version decides. Errors wrap [ErrNotFound]
// when there is none, or say what is wrong with the one that was named.
func Find(o Options) (Library, error) {
	if path := namedPath(o); path != "" {
		lib, err := Inspect(path)
		if err != nil {
			return Library{}, &namedError{path, o.Path == "", err}
		}
		lib.Source = Named
		return lib, nil
	}
	var failed NotFoundError
	for _, gpu := range []bool{o.GPU, !o.GPU} {
		lib, err := Installed(o.Dir, gpu)
		if err == nil {
			return lib, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			failed.Tried = append(failed.Tried, err)
		}
	}
	system := o.System
	if system == nil {
		system = systemlib.Dirs() // none on Windows, whose system folder holds an old onnxruntime.dll of its own
	}
	for _, dir := range system {
		for _, name := range systemNames() {
			lib, err := Inspect(filepath.Join(dir, name))
			if err == nil {
				lib.Source = System
				return lib, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				failed.Tried = append(failed.Tried, err)
			}
		}
	}
	return Library{}, &failed
}

// Installed returns a build that [Install] put into the cache folder dir (empty means [Dir]), after [Verify] found it whole. A file
// that was read once is read again only when its size, times or inode have changed, where the system tells the time of a change.
func Installed(dir string, gpu bool) (Library, error) {
	if dir == "" {
		var err error
		if dir, err = Dir(); err != nil {
			return Library{}, err
		}
	}
	return installed(dir, platform, gpu)
}

func installed(dir, platform string, gpu bool) (Library, error) {
	build := buildDir(dir, platform, gpu)
	remembered := openSums(build)
	lib, err := verify(filepath.Join(build, libraryNameOf(platform)), remembered.of)
	if err != nil {
		return Library{}, err
	}
	remembered.keep()
	lib.Source = Cache
	return lib, nil
}

// namedPath is the library that the user names, empty when none is.
func namedPath(o Options) string {
	if o.Path != "" {
		return o.Path
	}
	return os.Getenv(EnvLibrary)
}

// buildDir is where one build is installed below the cache.
func buildDir(dir, platform string, gpu bool) string {
	name := strings.ReplaceAll(platform, "/", "-")
	if gpu {
		name += "-gpu"
	}
	return filepath.Join(dir, Version, name)
}

// systemNames are the names to try in a system folder: the version's own first.
func systemNames() []string {
	if runtime.GOOS == "darwin" {
		return []string{libraryName(), "libonnxruntime.dylib"}
	}
	return []string{libraryName(), "libonnxruntime.so"}
}

// A namedError says that the library that the user named cannot be used.
type namedError struct {
	path    string
	fromEnv bool
	err     error
}

func (e *namedError) Error() string {
	by := "--onnxruntime"
	if e.fromEnv {
		by = EnvLibrary
	}
	return fmt.Sprintf("use the library %q of %s: %v", e.path, by, e.err)
}

func (e *namedError) Unwrap() error { return e.err }

// Hint says what may be named.
func (e *namedError) Hint() string {
	return "name the file " + libraryName() + " of ONNX Runtime " + Version + ", or nothing to have it found or installed"
}
