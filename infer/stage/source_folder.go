package stage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/preprocess"
)

// Folder makes a source of a folder, which may be any of three: a folder for each class; folders train and test, and perhaps validation,
// with such folders in them; or lists train.lst and test.lst beside the folders that they name pictures of. Classes are the names of the
// class folders to take, in the order of their numbers, all in lexical order where none is named; with lists they are the names of the
// numbers. Pictures are those that [preprocess.Folder] finds.
func Folder(ctx context.Context, dir string, classes []string) (*Source, error) {
	src := &Source{Name: dir, Classes: slices.Clone(classes)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", dir, err)
	}
	var folders []string
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			folders = append(folders, e.Name())
		}
	}
	if isFile(filepath.Join(dir, "train.lst")) {
		err = src.lists(ctx, dir)
	} else if src.Split = splitFolders(folders); src.Split {
		for _, folder := range folders {
			if err = src.classFolders(ctx, filepath.Join(dir, folder), partNames[folder], len(classes) > 0); err != nil {
				break
			}
		}
	} else {
		err = src.classFolders(ctx, dir, Unsplit, len(classes) > 0)
	}
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", dir, err)
	}
	for i, class := range src.Classes {
		if slices.Index(src.Classes, class) != i {
			return nil, fmt.Errorf("class %q is named twice", class)
		}
	}
	return src, nil
}

// partNames are what people call the folders of the parts.
var partNames = map[string]Part{"train": Train, "test": Test, "validation": Validation, "val": Validation, "valid": Validation}

// splitFolders tells whether folders are parts: train is there and nothing that is no part.
func splitFolders(folders []string) bool {
	for _, f := range folders {
		if partNames[f] == Unsplit {
			return false
		}
	}
	return slices.Contains(folders, "train") && len(folders) > 1
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// classFolders adds the pictures of a folder of class folders. Named tells that the classes are given.
func (s *Source) classFolders(ctx context.Context, dir string, part Part, named bool) error {
	entries, err := os.ReadDir(dir) // in lexical order
	if err != nil {
		return err
	}
	for _, e := range entries {
		class := e.Name()
		info, err := os.Stat(filepath.Join(dir, class))
		if err != nil || !info.IsDir() || strings.HasPrefix(class, ".") {
			continue
		}
		if !slices.Contains(s.Classes, class) {
			if named {
				s.Known = append(s.Known, class)
				continue
			}
			s.Classes = append(s.Classes, class)
			slices.Sort(s.Classes)
		}
		folder := filepath.Join(dir, class)
		for image, err := range preprocess.Folder(ctx, folder, nil) {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(s.Name, image.Name)
			if err != nil {
				return err
			}
			below, err := filepath.Rel(dir, image.Name)
			if err != nil {
				return err
			}
			s.Pictures = append(s.Pictures, Picture{
				Name: filepath.ToSlash(name), File: filepath.ToSlash(below), Label: class, Part: part, Row: -1, Open: image.Open,
			})
		}
	}
	return nil
}
