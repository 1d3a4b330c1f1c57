package lambdazip

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMake builds the workflow's program for both architectures: the zip has an executable of the architecture, is small, and is the same
// when it is made again.
func TestMake(t *testing.T) {
	for _, architecture := range []string{ARM64, X86} {
		z, err := Make(t.Context(), Options{Program: "cmd/scones-lambda", Architecture: architecture})
		if err != nil {
			t.Fatal(err)
		}
		if err := check(z.Data, architecture); err != nil {
			t.Error(err)
		}
		if len(z.Data) > 15<<20 || !strings.HasPrefix(z.From, "built from ") {
			t.Errorf("%s: %d bytes, %s", architecture, len(z.Data), z.From)
		}
		t.Logf("%s: %d bytes", architecture, len(z.Data))
		again, err := Make(t.Context(), Options{Program: "cmd/scones-lambda", Architecture: architecture})
		if err != nil || again.SHA256() != z.SHA256() {
			t.Errorf("%s: made again it is %s %v, it was %s", architecture, again.SHA256(), err, z.SHA256())
		}
		// A file that was made so is taken as it is, and so is the program in it.
		file := filepath.Join(t.TempDir(), "code.zip")
		if err := os.WriteFile(file, z.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		if read, err := Make(t.Context(), Options{Program: "cmd/scones-lambda", Architecture: architecture, File: file}); err != nil || read.SHA256() != z.SHA256() {
			t.Errorf("%s from a file: %v", architecture, err)
		}
		archive, err := zip.NewReader(bytes.NewReader(z.Data), int64(len(z.Data)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(t.TempDir(), archive); err != nil || len(archive.File) != 1 {
			t.Errorf("%d files: %v", len(archive.File), err)
		}
	}
}

// TestRefused: what Lambda could not run is refused before it is sent there.
func TestRefused(t *testing.T) {
	elfOf := func(machine byte) []byte {
		return append(append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 11)...), machine, 0, 1, 0)
	}
	pack := func(name string, mode os.FileMode, data []byte) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		file, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = file.Write(data)
		_ = w.Close()
		return out.Bytes()
	}
	for want, data := range map[string][]byte{
		"it is neither a zip nor a program for Linux": []byte("hello"),
		"the zip has no bootstrap at its root":        pack("main", 0o755, elfOf(183)),
		"the bootstrap in the zip is not executable":  pack("bootstrap", 0o644, elfOf(183)),
		"the bootstrap in the zip is no program":      pack("bootstrap", 0o755, []byte("#!/bin/sh\n                    ")),
		"the bootstrap in the zip is for EM_X86_64":   pack("bootstrap", 0o755, elfOf(62)),
		"is for EM_X86_64, not for arm64":             elfOf(62),
	} {
		file := filepath.Join(t.TempDir(), "code")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Make(t.Context(), Options{Program: "cmd/scones-lambda", Architecture: ARM64, File: file}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Make(t.Context(), Options{Architecture: "mips"}); err == nil {
		t.Error("mips is taken")
	}
	if _, err := Make(t.Context(), Options{Architecture: ARM64, File: "none"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Make(ctx, Options{Program: "cmd/scones-lambda", Architecture: ARM64})
	if failed, ok := errors.AsType[*BuildError](err); !ok || !strings.Contains(failed.Hint(), "scones-lambda-arm64.zip") {
		t.Errorf("a build that is cancelled: %v", err)
	}
}
