package preprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Skipped counts what a walk left out, for the line at the end of a run. It is not safe for concurrent use: read it when the
// sequence has ended.
type Skipped struct {
	Hidden int // files and folders whose name starts with a dot
	Other  int // files without a picture's extension
}

// pictureExtensions are the file names that a walk takes for pictures. What a file really is, its content says.
var pictureExtensions = map[string]bool{
	".png": true, ".jpg": true, ".jpeg": true, ".jpe": true, ".jfif": true, ".webp": true,
	".gif": true, ".bmp": true, ".dib": true, ".tif": true, ".tiff": true,
}

// IsPictureName tells whether a file of this name is taken for a picture.
func IsPictureName(name string) bool { return pictureExtensions[strings.ToLower(path.Ext(name))] }

// Folder yields the pictures of a folder and the folders in it, in lexical order of their paths. Hidden files and files without a
// picture's extension are left out and counted in skipped, which may be nil. A name that cannot be opened as a file in this
// folder (a folder or pipe named x.png, a symbolic link that leads out) is an Image whose Open says so. An error in the second
// value is final: the folder itself cannot be read, or ctx was cancelled.
func Folder(ctx context.Context, root string, skipped *Skipped) iter.Seq2[Image, error] {
	if skipped == nil {
		skipped = new(Skipped)
	}
	return func(yield func(Image, error) bool) {
		dir, err := os.OpenRoot(root)
		if err != nil {
			yield(Image{}, fmt.Errorf("open folder: %w", err))
			return
		}
		// Images are opened while and after the walk goes on, so the garbage collector closes dir when the last one is gone.
		w := walk{dir, root, skipped, yield}
		if err := w.folder(ctx, "."); err != nil && !errors.Is(err, errStop) {
			yield(Image{}, fmt.Errorf("walk folder %q: %w", root, err))
		}
	}
}

// errStop ends a walk whose consumer has enough.
var errStop = errors.New("stop")

// A walk is one pass over a folder.
type walk struct {
	dir     *os.Root
	root    string
	skipped *Skipped
	yield   func(Image, error) bool
}

// folder yields what a folder holds. It reads names alone, not what they are: a million of them take 32 MB less.
func (w *walk) folder(ctx context.Context, at string) error {
	names, err := w.names(at)
	if err != nil && at == "." {
		return err
	}
	if err != nil { // a folder that cannot be listed is one row; its name says which
		return w.give(failed(filepath.Join(w.root, at), openError(err)))
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		within := filepath.Join(at, name)
		switch {
		case strings.HasPrefix(name, "."):
			w.skipped.Hidden++
		case IsPictureName(name): // a folder of such a name is a row with its error, and is not entered
			err = w.give(Image{filepath.Join(w.root, within), func() (io.ReadCloser, error) { return OpenIn(w.dir, within) }})
		case w.isFolder(within):
			err = w.folder(ctx, within)
		default:
			w.skipped.Other++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) give(image Image) error {
	if !w.yield(image, nil) {
		return errStop
	}
	return nil
}

// names lists a folder in lexical order.
func (w *walk) names(at string) ([]string, error) {
	folder, err := w.dir.Open(at)
	if err != nil {
		return nil, err
	}
	names, err := folder.Readdirnames(-1)
	slices.Sort(names)
	return names, errors.Join(err, folder.Close())
}

// isFolder does not follow links, so that a walk ends.
func (w *walk) isFolder(at string) bool {
	info, err := w.dir.Lstat(at)
	return err == nil && info.IsDir()
}

// failed is an Image that is known to be bad before it is opened.
func failed(name string, err error) Image {
	return Image{name, func() (io.ReadCloser, error) { return nil, err }}
}

// OpenIn opens a file inside dir, and nothing that a link leads to outside. Errors are *ImageError.
func OpenIn(dir *os.Root, name string) (io.ReadCloser, error) {
	file, err := dir.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlocking, 0)
	return regular(file, err)
}

// OpenFile opens a picture that the user named. Errors are *ImageError: a folder, pipe or device is refused without reading it.
func OpenFile(name string) (io.ReadCloser, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	return regular(file, err)
}

// regular lets only regular files through. It looks at the open file, so nothing can change between the look and the read.
func regular(file *os.File, err error) (io.ReadCloser, error) {
	if err != nil {
		return nil, openError(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &ImageError{CodeNotAFile, fmt.Errorf("is a %s, not a file", kind(info.Mode()))}
	}
	if err != nil {
		file.Close()
		return nil, openError(err)
	}
	return file, nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "folder"
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// openError gives an error of opening a file its code. os.Root has no exported error for a path that leads out; its text is
// stable and tested here.
func openError(err error) error {
	if _, done := errors.AsType[*ImageError](err); done {
		return err
	}
	cause := err
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		cause = pathError.Err // the row has the path already
	}
	if strings.Contains(cause.Error(), "escapes from parent") {
		return &ImageError{CodeOutside, errors.New("is a link that leads out of the folder")}
	}
	return &ImageError{CodeOf(err), cause}
}
