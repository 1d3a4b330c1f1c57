package ort_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort"
)

// TestInstalledReadsOnce proves that a hash is remembered, by changing what is remembered, and that a changed file is read again.
func TestInstalledReadsOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // which tells no time of a change, so that every start reads
	}
	ort.RememberAtOnce(t)
	content := library(ort.Version)
	ort.Publish(t, ort.LibraryName, content)
	dir := t.TempDir()
	build := filepath.Join(dir, ort.Version, runtime.GOOS+"-"+runtime.GOARCH)
	path := put(t, content, build, ort.LibraryName)
	remembered := filepath.Join(build, "checked.json")
	find := func() (ort.Library, error) { return ort.Installed(dir, false) }

	first, err := find()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(remembered)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := find(); err != nil || second != first {
		t.Errorf("the second time %+v, %v, want %+v", second, err, first)
	}
	put(t, strings.Replace(string(text), first.SHA256, strings.Repeat("0", 64), 1), build, "checked.json")
	if _, err := find(); !errors.Is(err, ort.ErrHash) || !strings.Contains(err.Error(), "000000") {
		t.Errorf("with another hash remembered: error %v, want %v: the file was read", err, ort.ErrHash)
	}
	if _, err := ort.Verify(path); err != nil {
		t.Errorf("Verify does not read the file: %v", err)
	}

	put(t, string(text), build, "checked.json")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, strings.Replace(content, " ", "-", 1), build, ort.LibraryName) // as long as before, and of the same version
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if _, err := find(); !errors.Is(err, ort.ErrHash) {
		t.Errorf("a changed file with its time set back: error %v, want %v", err, ort.ErrHash)
	}

	put(t, content, build, ort.LibraryName)
	for _, damage := range []string{"", "{", `{"x": 3}`, "null", strings.Repeat("[", 1<<20)} {
		put(t, damage, build, "checked.json")
		if got, err := find(); err != nil || got != first {
			t.Errorf("remembered %.20q: %+v, %v, want %+v", damage, got, err, first)
		}
	}
}
