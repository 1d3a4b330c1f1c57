package stage

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scones-unlimited/scones/preprocess"
)

// A TableRow is a picture's path below a folder, and its class.
type TableRow struct {
	Path  string
	Class int
}

// Table makes a source of rows that say the class of each picture. Nothing outside the folder is opened.
func Table(dir string, classes []string, rows []TableRow) (*Source, error) {
	root, err := os.OpenRoot(dir) // pictures are opened later; the garbage collector closes it
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", dir, err)
	}
	src := &Source{Name: dir, Classes: classes}
	for _, r := range rows {
		path := filepath.ToSlash(r.Path)
		src.Pictures = append(src.Pictures, Picture{
			Name: path, File: path, Label: classes[r.Class], Row: -1,
			Open: func() (io.ReadCloser, error) { return preprocess.OpenIn(root, path) },
		})
	}
	return src, nil
}
