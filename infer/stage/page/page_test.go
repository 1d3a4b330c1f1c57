package page_test

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/pagetest"
	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/infer/stage/page"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// written is the page of a folder with a leak, a copy, a wrong label, a file that cannot be read, and names that a page must not obey.
func written(t *testing.T, faults bool) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, seed uint64, side int) {
		var out bytes.Buffer
		if err := png.Encode(&out, phashtest.Scene(seed, side, side*3/4)); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(24) {
		part := []string{"train", "train", "test"}[i%3]
		put(fmt.Sprintf("%s/cats/cat_%02d.png", part, i), i, 64)
		put(fmt.Sprintf("%s/dogs/dog_%02d %s.png", part, i, strings.Repeat("long", 20)), 150+i, 64)
	}
	if faults {
		put("test/cats/<script>alert(1)<!script>.png", 0, 64)
		put("train/cats/copy.png", 1, 160)
		put("train/dogs/cat_77.png", 77, 64)
		put("train/dogs/small.png", 78, 6)
		if err := os.WriteFile(filepath.Join(dir, "train/dogs/broken.png"), []byte("no"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	src, err := stage.Folder(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stage.Check(t.Context(), src, stage.Options{Validation: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	s.Scones = "test"
	var out bytes.Buffer
	if err := page.Write(t.Context(), &out, s, preprocess.Limits{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPageShowsWhatWasFound(t *testing.T) {
	text := written(t, true)
	for _, want := range []string{"should not be trained on yet", "<code>leakage</code>", "<code>unreadable</code>", "<code>label-mismatch</code>", "<code>odd</code>", "&lt;script&gt;alert(1)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("a name became a script")
	}
	if clean := written(t, false); !strings.Contains(clean, "Nothing speaks against") || !strings.Contains(clean, "can be trained on") {
		t.Error("the page of a clean folder does not say so")
	}
}

// TestPageInABrowser lays the page out on a phone and on a desk, by day and by night.
func TestPageInABrowser(t *testing.T) {
	text := written(t, true)
	widths := []int{390, 1280}
	var frames []pagetest.Frame
	for _, w := range widths {
		frames = append(frames, pagetest.Frame{HTML: text, Width: w})
	}
	for _, dark := range []bool{true, false} {
		for i, found := range pagetest.Lay(t, frames, dark) {
			t.Run(fmt.Sprintf("%d px, dark %v", widths[i], dark), func(t *testing.T) {
				pagetest.Check(t, found, widths[i], dark, strings.Count(text, "<img"))
			})
		}
	}
	if name := os.Getenv("SCONES_KEEP_PAGE"); name != "" { // to look at it
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
