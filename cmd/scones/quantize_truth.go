package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/scones-unlimited/scones/model"
)

// truth gives the true class of a picture of a folder by its name: nil for none, folders for the name of the folder it lies in, or
// what a .lst file says.
func truth(from, folder string, m *model.Model) (func(name string) (int, bool), error) {
	switch {
	case from == "":
		return nil, nil
	case from == "folders":
		return classFolders(folder, m)
	case strings.EqualFold(filepath.Ext(from), ".lst"):
		return listedClasses(from, folder, len(m.Labels))
	}
	return nil, &usageError{fmt.Sprintf("--labels-from %q: must be folders or a .lst file", from), ""}
}

// classFolders takes the first folder below the calibration folder for the label.
func classFolders(folder string, m *model.Model) (func(string) (int, bool), error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading --calibration: %w", err)
	}
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return slices.Contains(m.Labels, e.Name()) }) {
		return nil, fmt.Errorf("--labels-from folders: no folder in %q has the name of a label, such as %q", folder, m.Label(0))
	}
	return func(name string) (int, bool) {
		within, err := filepath.Rel(folder, name)
		if err != nil {
			return 0, false
		}
		first, _, _ := strings.Cut(filepath.ToSlash(within), "/")
		class := slices.Index(m.Labels, first)
		return class, class >= 0
	}, nil
}

// maxListLine bounds a line of a .lst file; Linux limits a path to 4096 bytes.
const maxListLine = 64 << 10

// listedClasses reads a .lst file: index, class and path, separated by tabs. Paths are relative to the calibration folder or to the
// list's.
func listedClasses(list, folder string, classes int) (func(string) (int, bool), error) {
	in, err := os.Open(list)
	if err != nil {
		return nil, fmt.Errorf("reading --labels-from: %w", err)
	}
	defer in.Close()
	known := map[string]int{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxListLine)
	for number := 1; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		fields := strings.Split(strings.TrimRight(lines.Text(), "\r"), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("reading --labels-from %q: line %d: %d fields, want index, class and path", list, number, len(fields))
		}
		class, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || class != float64(int(class)) || class < 0 || int(class) >= classes {
			return nil, fmt.Errorf("reading --labels-from %q: line %d: class %q, want 0 to %d", list, number, fields[1], classes-1)
		}
		known[filepath.Clean(filepath.FromSlash(fields[2]))] = int(class)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading --labels-from %q: %w", list, err)
	}
	return func(name string) (int, bool) {
		for _, root := range []string{folder, filepath.Dir(list)} {
			if within, err := filepath.Rel(root, name); err == nil {
				if class, ok := known[within]; ok {
					return class, true
				}
			}
		}
		return 0, false
	}, nil
}
