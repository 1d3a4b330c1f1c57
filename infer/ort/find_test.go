package ort_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// library is what a Windows build of a version looks like to [ort.Inspect], on every platform: short to write.
func library(version string) string { return "MZ OrtGetApiBase\x00" + version + "\x00" }

// put writes a file and the folders above it.
func put(t *testing.T, content string, path ...string) string {
	t.Helper()
	at := filepath.Join(path...)
	if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestFind(t *testing.T) {
	good := library(ort.Version)
	for name, c := range map[string]struct {
		flag, env, cache, system string // contents; empty means that there is no file
		published                bool   // good is
		want                     ort.Source
		wantErr                  error
		text                     string
	}{
		"flag first":              {flag: good, env: good, cache: good, system: good, want: ort.Named},
		"environment next":        {env: good, cache: good, system: good, published: true, want: ort.Named},
		"cache next":              {cache: good, system: good, published: true, want: ort.Cache},
		"system last":             {system: good, want: ort.System},
		"nothing":                 {wantErr: ort.ErrNotFound, text: "not found"},
		"flag of other version":   {flag: library("1.22.0"), cache: good, published: true, wantErr: ort.ErrVersion, text: "1.22.0"},
		"env of other version":    {env: library("1.29.1"), cache: good, published: true, wantErr: ort.ErrVersion, text: ort.EnvLibrary},
		"env is no library":       {env: "#!/bin/sh", wantErr: ort.ErrVersion, text: "neither an ELF"},
		"cache not published":     {cache: good, wantErr: ort.ErrHash, text: "wrong SHA-256"},
		"cache bad, system good":  {cache: good + "x", system: good, want: ort.System},
		"system of other version": {system: library("1.23.2"), wantErr: ort.ErrNotFound, text: "1.23.2"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := ort.Options{Dir: filepath.Join(dir, "cache"), System: []string{filepath.Join(dir, "none"), filepath.Join(dir, "system")}}
			paths := map[ort.Source]string{}
			t.Setenv(ort.EnvLibrary, "")
			if c.env != "" {
				paths[ort.Named] = put(t, c.env, dir, "env", "mine.so")
				t.Setenv(ort.EnvLibrary, paths[ort.Named])
			}
			if c.flag != "" {
				o.Path = put(t, c.flag, dir, "flag", "mine.so")
				paths[ort.Named] = o.Path
			}
			if c.cache != "" {
				paths[ort.Cache] = put(t, c.cache, o.Dir, installed(ort.LibraryName))
			}
			if c.system != "" {
				paths[ort.System] = put(t, c.system, o.System[1], ort.LibraryName)
			}
			if c.published {
				ort.Publish(t, ort.LibraryName, good)
			}
			got, err := ort.Find(o)
			if c.wantErr != nil {
				if !errors.Is(err, c.wantErr) || !strings.Contains(err.Error(), c.text) {
					t.Fatalf("error %v, want %v that says %q", err, c.wantErr, c.text)
				}
				if hinted, ok := err.(interface{ Hint() string }); !ok || hinted.Hint() == "" {
					t.Errorf("error %v has no hint", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := ort.Library{Path: paths[c.want], Version: ort.Version, Pinned: c.published, Source: c.want, SHA256: got.SHA256}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFindNamed refuses what is there but no file.
func TestFindNamed(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if _, err := ort.Find(ort.Options{Path: path}); err == nil || errors.Is(err, ort.ErrNotFound) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one about the path, and nothing else looked for", path, err)
		}
	}
}

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	good := library(ort.Version)
	path := put(t, good, dir, ort.LibraryName)
	if _, err := ort.Verify(path); !errors.Is(err, ort.ErrHash) {
		t.Errorf("a library that is not published: error %v, want %v", err, ort.ErrHash)
	}
	ort.Publish(t, ort.LibraryName, good)
	got, err := ort.Verify(path)
	if err != nil || !got.Pinned || got.Path != path {
		t.Errorf("a published library: %+v, %v", got, err)
	}
	put(t, "a provider from elsewhere", dir, "libonnxruntime_providers_cuda.so")
	if _, err := ort.Verify(path); !errors.Is(err, ort.ErrHash) || !strings.Contains(err.Error(), "providers_cuda") {
		t.Errorf("an unknown provider beside it: error %v, want %v that names it", err, ort.ErrHash)
	}
}

// TestEnsure installs only when nothing is there, and never instead of what the user names.
func TestEnsure(t *testing.T) {
	noPip(t)
	t.Setenv(ort.EnvLibrary, "")
	content := library(ort.Version)
	ort.Publish(t, ort.LibraryName, content)
	said := 0
	install := ort.InstallOptions{Say: func(string) { said++ }}
	install.ForTest(serveBytes(t, archive(t, member{"x/lib/" + ort.LibraryName, content})),
		map[string][][2]string{"release archive": {{ort.LibraryName, content}}})
	find := ort.Options{Dir: t.TempDir(), System: []string{}}
	for range 2 {
		lib, err := ort.Ensure(t.Context(), find, install)
		if err != nil || lib.Source != ort.Cache || said != 1 {
			t.Fatalf("got %+v, %v; said %d lines, want the cache's library and one line", lib, err, said)
		}
	}
	find.Path = filepath.Join(t.TempDir(), "none")
	if lib, err := ort.Ensure(t.Context(), find, install); err == nil || said != 1 {
		t.Errorf("with a path that is not there: %+v, %v; said %d lines", lib, err, said)
	}
}

// TestVersionOf reads each platform's format.
func TestVersionOf(t *testing.T) {
	// A Mach-O file of one load command, LC_ID_DYLIB (0xd), for arm64.
	name := "@rpath/libonnxruntime.1.24.4.dylib\x00\x00"
	var apple bytes.Buffer
	binary.Write(&apple, binary.LittleEndian, []uint32{0xfeedfacf, 0x0100000c, 0, 6, 1, uint32(24 + len(name)), 0, 0})
	binary.Write(&apple, binary.LittleEndian, []uint32{0xd, uint32(24 + len(name)), 24, 1, 0, 0})
	apple.WriteString(name)
	for name, c := range map[string]struct {
		content string
		want    string
	}{
		"apple":         {apple.String(), "1.24.4"},
		"windows":       {library("1.24.4"), "1.24.4"},
		"windows other": {library("1.17.1"), "1.17.1"},
		"windows none":  {"MZ a program", ""},
		"elf stump":     {"\x7fELF", ""},
		"short":         {"x", ""},
		"empty":         {"", ""},
		"text":          {"libonnxruntime.so.1.24.4", ""},
	} {
		got, err := ort.VersionOf(strings.NewReader(c.content))
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !errors.Is(err, ort.ErrVersion) {
			t.Errorf("%s: version %q, error %v, want %q", name, got, err, c.want)
		}
	}
}

// TestInspectReal reads the library of this machine.
func TestInspectReal(t *testing.T) {
	got, err := ort.Inspect(orttest.Library(t))
	if err != nil || got.Version != ort.Version {
		t.Errorf("got %+v, %v, want version %s", got, err, ort.Version)
	}
}
