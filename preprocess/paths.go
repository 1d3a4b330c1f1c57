package preprocess

import (
	"context"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// Paths yields the pictures of what a user names, in that order: a folder's pictures ([Folder]), a .lst file's ([List], with root),
// "-" for the paths that stdin lists ([Names]), anything else as a picture, whatever it turns out to be.
func Paths(ctx context.Context, names []string, root string, stdin io.Reader, skipped *Skipped) iter.Seq2[Image, error] {
	return func(yield func(Image, error) bool) {
		for _, name := range names {
			for image, err := range source(ctx, name, root, stdin, skipped) {
				if !yield(image, err) || err != nil {
					return
				}
			}
		}
	}
}

func source(ctx context.Context, name, root string, stdin io.Reader, skipped *Skipped) iter.Seq2[Image, error] {
	if name == "-" {
		return Names(ctx, stdin)
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return Folder(ctx, name, skipped)
	case err == nil && strings.EqualFold(filepath.Ext(name), ".lst"):
		return List(ctx, name, root)
	}
	return func(yield func(Image, error) bool) { yield(File(name), nil) }
}
