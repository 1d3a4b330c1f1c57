package preprocess

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// brokenCode is the code that a file of testdata/broken must give by its name, or "" where any code will do.
func brokenCode(name string) Code {
	switch {
	case strings.Contains(name, "-bomb-") || strings.Contains(name, "-size-overflow"):
		return CodeTooManyPix
	case strings.Contains(name, "-truncated") || strings.Contains(name, "-hollow-"):
		return CodeTruncated
	case strings.HasPrefix(name, "empty"):
		return CodeEmpty
	case strings.HasPrefix(name, "html") || strings.HasPrefix(name, "random-bytes") || strings.HasPrefix(name, "text"):
		return CodeUnsupported
	}
	return ""
}

func TestBrokenPictures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "broken", "*"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d broken pictures (%v), want at least 20", len(files), err)
	}
	p := mustPipeline(t, recipes()["squash32"])
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		pic, err := p.Decode(data)
		known, ok := errors.AsType[*ImageError](err)
		if pic != nil || !ok {
			t.Errorf("%s: Decode gave %v and %v, want an ImageError", name, pic, err)
			continue
		}
		if want := brokenCode(name); want != "" && known.Code != want {
			t.Errorf("%s: code %s (%v), want %s", name, known.Code, err, want)
		}
	}
}

// A few kilobytes that declare a large picture cost next to nothing, whatever the format.
func TestHugeHeadersAreCheap(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "broken", "*-bomb-*"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d bombs (%v), want at least 6", len(files), err)
	}
	hollow, err := filepath.Glob(filepath.Join("..", "testdata", "broken", "*-hollow-*"))
	if err != nil {
		t.Fatal(err)
	}
	p := mustPipeline(t, recipes()["squash32"])
	for _, file := range append(files, hollow...) {
		if strings.HasPrefix(filepath.Base(file), "webp-hollow") {
			continue // WebP codes a picture of one colour in a few bytes, so only the limit of pixels can hold
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := p.Decode(data); err == nil {
			t.Errorf("%s: decoded", file)
		}
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
			t.Errorf("%s: %d bytes were allocated, want at most 1 MB", filepath.Base(file), taken)
		}
	}
}

func TestGoodPictures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "images", "*"))
	if err != nil || len(files) < 24 {
		t.Fatalf("%d pictures (%v), want at least 24", len(files), err)
	}
	p := mustPipeline(t, recipes()["squash32"])
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pic, err := p.Decode(data)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		p.Release(pic)
	}
}
