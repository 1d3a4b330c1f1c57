package turbojpeg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/scones-unlimited/scones/model/systemlib"
)

// Default finds the library once for the process: the one that TURBOJPEG_LIB names, or the first that can be used in the system's
// library folders. Errors wrap [ErrNotFound], or say what is wrong with the one that was named.
var Default = sync.OnceValues(func() (*Library, error) { return Find(os.Getenv(EnvLibrary), folders()) })

// Find opens the library file that the user names, or when named is empty the first usable one in the folders. A library that is
// named is used or refused, and no other is looked for; [None] finds none.
func Find(named string, folders []string) (*Library, error) {
	switch named {
	case "":
	case None:
		return nil, errDisabled
	default:
		lib, err := Open(named)
		if err != nil {
			return nil, fmt.Errorf("use the library %q of %s: %w", named, EnvLibrary, err)
		}
		return lib, nil
	}
	err := ErrNotFound
	for _, folder := range folders {
		for _, name := range systemNames() {
			lib, cause := Open(filepath.Join(folder, name))
			if cause == nil {
				return lib, nil
			}
			if !errors.Is(cause, fs.ErrNotExist) {
				err = fmt.Errorf("%w; %w", err, cause)
			}
		}
	}
	return nil, err
}

// Hint says how to get the library on this system.
func Hint() string {
	if runtime.GOOS == "darwin" {
		return "brew install jpeg-turbo"
	}
	return "apt-get install libturbojpeg0 (Debian, Ubuntu) or dnf install turbojpeg (Fedora), or name the file with " + EnvLibrary
}

// folders are where the library is looked for: the system's, and those of the project's own packages and of Homebrew's, which keeps it
// from the linker.
func folders() []string {
	dirs := systemlib.Dirs()
	switch runtime.GOOS {
	case "linux":
		dirs = append(dirs, "/opt/libjpeg-turbo/lib64")
	case "darwin":
		dirs = append(dirs, "/opt/homebrew/opt/jpeg-turbo/lib", "/usr/local/opt/jpeg-turbo/lib")
	}
	return dirs
}

// systemNames are the names in those folders. The number is of the binary interface, the same in all versions.
func systemNames() []string {
	if runtime.GOOS == "darwin" {
		return []string{"libturbojpeg.0.dylib", "libturbojpeg.dylib"}
	}
	return []string{"libturbojpeg.so.0"}
}

// nameOf identifies a library file, which holds no version: by its name after links and the begin of its SHA-256.
func nameOf(path string) (name string, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return filepath.Base(path) + " sha256 " + hex.EncodeToString(h.Sum(nil))[:12], nil
}
