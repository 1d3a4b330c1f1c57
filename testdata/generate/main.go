// Command generate draws the pictures of testdata/images, lists what is on them in testdata/truth.csv and truth.lst, and writes the faulty files of
// testdata/broken.
//
//	cd testdata/generate && go run .            # writes beside itself, into ../images and ../broken
//	cd testdata/generate && go run . -out DIR   # writes DIR/images and DIR/broken
//
// Every file is a function of this program alone. Its tests write all of them again and compare.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	out := flag.String("out", "..", "folder that gets images and broken")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// write makes both folders and the list under dir, replacing files of the same names.
func write(dir string) error {
	sets := []struct {
		folder string
		files  func(yield func(name string, data []byte) error) error
	}{{"images", images}, {"broken", broken}}
	for _, set := range sets {
		folder := filepath.Join(dir, set.folder)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		err := set.files(func(name string, data []byte) error {
			return os.WriteFile(filepath.Join(folder, name), data, 0o644)
		})
		if err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "truth.lst"), list(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "truth.csv"), truth(), 0o644)
}

// names of the good pictures, in order.
func names() []string {
	var names []string
	for _, f := range fixtures() {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// list is what scones train reads: index, class and path. Bicycles are class 0.
func list() []byte {
	var text []byte
	for i, name := range names() {
		class := 0
		if strings.HasPrefix(name, "motorcycle") {
			class = 1
		}
		text = fmt.Appendf(text, "%d\t%d\timages/%s\n", i, class, name)
	}
	return text
}

// truth is what scones evaluate --labels-csv reads: each picture with the label that begins its name.
func truth() []byte {
	text := []byte("path,label\n")
	for _, name := range names() {
		label, _, _ := strings.Cut(name, "-")
		text = fmt.Appendf(text, "images/%s,%s\n", name, label)
	}
	return text
}

// images makes each good picture.
func images(yield func(name string, data []byte) error) error {
	for _, f := range fixtures() {
		data, err := f.encode(f.shot.Draw())
		if err != nil {
			return fmt.Errorf("making %s: %w", f.name, err)
		}
		if err := yield(f.name, data); err != nil {
			return err
		}
	}
	return nil
}
