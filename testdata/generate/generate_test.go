package main

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// exact tells whether this machine's arithmetic gives the committed bytes. Go may fuse multiplications
// with additions on other architectures, which moves the last bits of what is drawn.
const exact = runtime.GOARCH == "amd64"

// TestImages draws every good file again, compares it with the committed one, and decodes the committed
// one with Go's decoders, to see that it shows what was drawn, upright and in its colours.
func TestImages(t *testing.T) {
	var names []string
	for _, f := range fixtures() {
		names = append(names, f.name)
		t.Run(f.name, func(t *testing.T) {
			want := f.shot.Draw()
			made, err := f.encode(want)
			if err != nil {
				t.Fatal(err)
			}
			committed, err := os.ReadFile(filepath.Join("..", "images", f.name))
			if err != nil {
				t.Fatal(err)
			}
			if exact && !bytes.Equal(made, committed) {
				t.Errorf("%d bytes are made, %d other bytes are committed; run: go run .", len(made), len(committed))
			}
			m, err := decode(f.name, committed)
			if err != nil {
				t.Fatalf("decoding the committed file: %v", err)
			}
			compare(t, f.name, want, m)
		})
	}
	sameNames(t, "images", names)
}

// TestTruth compares the list of true classes with the committed one.
func TestTruth(t *testing.T) {
	committed, err := os.ReadFile(filepath.Join("..", "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(truth(), committed) {
		t.Errorf("truth.csv is not what is made; run: go run .")
	}
	if committed, err = os.ReadFile(filepath.Join("..", "truth.lst")); err != nil || !bytes.Equal(list(), committed) {
		t.Errorf("truth.lst is not what is made; run: go run . (%v)", err)
	}
}

// TestBroken makes every faulty file again, compares it with the committed one, and sees that no
// decoder of Go makes a picture of at most 100 million pixels from it.
func TestBroken(t *testing.T) {
	const limit = 100_000_000
	var names []string
	err := broken(func(name string, made []byte) error {
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			committed, err := os.ReadFile(filepath.Join("..", "broken", name))
			if err != nil {
				t.Fatal(err)
			}
			if exact && !bytes.Equal(made, committed) {
				t.Errorf("%d bytes are made, %d other bytes are committed; run: go run .", len(made), len(committed))
			}
			c, _, err := image.DecodeConfig(bytes.NewReader(committed))
			if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > limit/c.Height {
				return
			}
			if _, err := decode(name, committed); err == nil {
				t.Errorf("decodes to %d by %d pixels", c.Width, c.Height)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sameNames(t, "broken", names)
}

// sameNames compares a folder's files with the names that the program gives, and their number with the README's.
func sameNames(t *testing.T, folder string, want []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("..", folder))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", folder, got, want)
	}
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if row := fmt.Sprintf("| `%s` | %d ", folder, len(got)); !bytes.Contains(readme, []byte(row)) {
		t.Errorf("README.md has no row that begins %q", row)
	}
}
