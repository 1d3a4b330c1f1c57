package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// classNames are a model's labels, to find a class by what people call it.
type classNames struct {
	labels []string
	// Open is true where the labels are gathered from answers: a class that no answer named is one all the same.
	open bool
}

// index of a label, or of a class's number where no label has its digits.
func (c *classNames) index(name string) (int, bool) {
	if i := slices.Index(c.labels, name); i >= 0 {
		return i, true
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(c.labels) {
		return i, true
	}
	if !c.open || name == "" {
		return 0, false
	}
	c.labels = append(c.labels, name)
	return len(c.labels) - 1, true
}

// A truth gives the true class of a picture by its name.
type truth struct {
	// Listed pictures in the order of their file, with their classes; nil where folders are named by class.
	order  []string
	listed map[string]int
	// roots that a listed path may start from.
	roots []string
	// folder of class folders.
	folder  string
	classes *classNames
	// elsewhere lets a picture that is not in the folder be of the class whose folder it lies in, as in rows of another machine.
	elsewhere bool
}

// of gives a picture's class.
func (t *truth) of(name string) (int, bool) {
	if t.listed == nil {
		return t.byFolder(name)
	}
	for _, root := range t.roots {
		if within, ok := within(root, name); ok {
			if class, ok := t.listed[within]; ok {
				return class, true
			}
		}
	}
	class, ok := t.listed[filepath.Clean(name)]
	return class, ok
}

// byFolder takes the first folder below the folder for the label.
func (t *truth) byFolder(name string) (int, bool) {
	if within, ok := within(t.folder, name); ok {
		first, _, below := strings.Cut(filepath.ToSlash(within), "/")
		if !below {
			return 0, false
		}
		return t.classes.index(first)
	}
	if !t.elsewhere {
		return 0, false
	}
	folders := strings.Split(filepath.ToSlash(filepath.Dir(name)), "/")
	for _, folder := range slices.Backward(folders) {
		if class := slices.Index(t.classes.labels, folder); class >= 0 {
			return class, true
		}
	}
	return 0, false
}

// within gives a name relative to a folder that it lies in.
func within(folder, name string) (string, bool) {
	rel, err := filepath.Rel(folder, name)
	if err != nil { // one of them is absolute
		a, errA := filepath.Abs(folder)
		b, errB := filepath.Abs(name)
		if errA != nil || errB != nil {
			return "", false
		}
		if rel, err = filepath.Rel(a, b); err != nil {
			return "", false
		}
	}
	return rel, filepath.IsLocal(rel)
}

// folderTruth takes the folders of a folder for classes. One at least must have the name of a label.
func folderTruth(folder string, classes *classNames) (*truth, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the true classes: %w", err)
	}
	t := &truth{folder: folder, classes: classes}
	if classes.open {
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") && isDirectory(folder, e) {
				classes.index(e.Name())
			}
		}
		return t, nil
	}
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { _, ok := classes.index(e.Name()); return ok && isDirectory(folder, e) }) {
		return nil, fmt.Errorf("no folder in %q has the name of a label, such as %q", folder, classes.labels[0])
	}
	return t, nil
}

// isDirectory follows links.
func isDirectory(folder string, e os.DirEntry) bool {
	info, err := os.Stat(filepath.Join(folder, e.Name()))
	return err == nil && info.IsDir()
}

// maxListLine bounds a line of a .lst file; Linux limits a path to 4096 bytes.
const maxListLine = 64 << 10

// listTruth reads a .lst file: index, class and path, separated by tabs. Paths are relative to the folder, to the list's, or to the
// folder of the list's name.
func listTruth(list, folder string, classes *classNames) (*truth, error) {
	in, err := os.Open(list)
	if err != nil {
		return nil, fmt.Errorf("reading the true classes: %w", err)
	}
	defer in.Close()
	t := &truth{listed: map[string]int{}, classes: classes, roots: listRoots(list, folder)}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxListLine)
	for number := 1; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		fields := strings.Split(strings.TrimRight(lines.Text(), "\r"), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("reading %q: line %d: %d fields, want index, class and path", list, number, len(fields))
		}
		class, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || class != float64(int(class)) || class < 0 || int(class) >= maxClasses || !classes.open && int(class) >= len(classes.labels) {
			return nil, fmt.Errorf("reading %q: line %d: class %q, want 0 to %d", list, number, fields[1], len(classes.labels)-1)
		}
		for len(classes.labels) <= int(class) {
			classes.labels = append(classes.labels, fmt.Sprintf("class_%d", len(classes.labels)))
		}
		if err := t.add(fields[2], int(class)); err != nil {
			return nil, fmt.Errorf("reading %q: line %d: %w", list, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %q: %w", list, err)
	}
	return t, nil
}

// maxClasses bounds what a list may say where the labels are not known.
const maxClasses = 100_000

func listRoots(list, folder string) []string {
	roots := []string{filepath.Dir(list), strings.TrimSuffix(list, filepath.Ext(list))}
	if folder != "" {
		roots = append([]string{folder}, roots...)
	}
	return roots
}

// add notes a listed picture. Nothing can be of two classes.
func (t *truth) add(path string, class int) error {
	path = filepath.Clean(filepath.FromSlash(path))
	before, known := t.listed[path]
	if known && before != class {
		return fmt.Errorf("%q is of class %q here and of %q before", path, t.classes.labels[class], t.classes.labels[before])
	}
	if !known {
		t.order = append(t.order, path)
	}
	t.listed[path] = class
	return nil
}
