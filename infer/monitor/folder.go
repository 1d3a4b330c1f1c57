package monitor

import (
	"context"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Path is the source of a file of any kind, or of a folder's captures, histories and lists. A table within a folder is no source, because
// classify's results often lie beside the captures that they are of.
func Path(ctx context.Context, name string) Source {
	s := Source{Name: name, Files: capture.Folder(ctx, name)}
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		s.Files = only(name)
	}
	return s
}

// only is one file.
func only(name string) iter.Seq2[capture.File, error] {
	return func(yield func(capture.File, error) bool) {
		yield(capture.File{Name: filepath.ToSlash(name), Open: func(ctx context.Context) (io.ReadCloser, error) { return openAddress(ctx, name, nil) }}, nil)
	}
}
