package ort_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/ort"
)

// The two libraries that the tests' release and package hold.
const (
	released = "library of the release"
	packaged = "library of the package"
)

var published = map[string][][2]string{
	"release archive": {{ort.LibraryName, released}},
	"Python package":  {{ort.LibraryName, packaged}},
}

// member of an archive.
type member struct{ name, content string }

// archive packs members as this platform's release is packed.
func archive(t *testing.T, members ...member) []byte {
	t.Helper()
	if strings.HasSuffix(ort.Archive, ".zip") {
		return zipped(t, members...)
	}
	var packed bytes.Buffer
	gz := gzip.NewWriter(&packed)
	w := tar.NewWriter(gz)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(m.content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func zipped(t *testing.T, members ...member) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// serve answers for the one archive.
func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	if ort.Archive == "" {
		t.Skip("no release is published for this platform")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+ort.Archive, answer)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func serveBytes(t *testing.T, data []byte) string {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(data) })
}

// fakePip puts a shell script named python3 alone on PATH. It gets the folder that pip would write to in $dest, and its arguments in a
// file beside it.
func fakePip(t *testing.T, script string) (arguments string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	arguments = filepath.Join(dir, "arguments")
	for _, tool := range []string{"cp", "sleep"} {
		for _, at := range []string{"/bin/", "/usr/bin/"} {
			if _, err := os.Stat(at + tool); err == nil {
				os.Symlink(at+tool, filepath.Join(dir, tool))
				break
			}
		}
	}
	text := "#!/bin/sh\necho \"$@\" >" + arguments + "\nfor dest; do :; done\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return arguments
}

// noPip leaves nothing on PATH.
func noPip(t *testing.T) { t.Setenv("PATH", t.TempDir()) }

// wheel makes a script line that delivers a package with these members.
func wheel(t *testing.T, members ...member) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "onnxruntime.whl")
	if err := os.WriteFile(path, zipped(t, members...), 0o644); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("cp %q \"$dest\"", path)
}

// files lists what lies below a folder, with contents.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func installed(name string) string {
	return fmt.Sprintf("%s/%s-%s/%s", ort.Version, runtime.GOOS, runtime.GOARCH, name)
}

func TestInstall(t *testing.T) {
	lib := "onnxruntime-x/lib/" + ort.LibraryName
	capi := "onnxruntime/capi/" + ort.LibraryName
	missing := func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
	short := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write(make([]byte, 10))
	}
	for name, c := range map[string]struct {
		release http.HandlerFunc
		members []member // of the release, when release is nil
		pip     string   // script; "none" when there is no pip
		want    string   // content that is installed; empty when nothing is
		text    []string // of the error
	}{
		"from the release":        {members: []member{{"x/README", "-"}, {lib, released}}, pip: "none", want: released},
		"release with ..":         {members: []member{{"x/../../lib/" + ort.LibraryName, released}}, pip: "none", text: []string{"does not hold"}},
		"release with other file": {members: []member{{lib, "something else"}}, pip: "none", text: []string{"release archive: ", "wrong SHA-256", "no pip was found"}},
		"release is no archive":   {release: func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }, pip: "none", text: []string{"unpack "}},
		"release cut off":         {release: short, pip: "none", text: []string{"after 10 bytes", "unexpected EOF"}},
		"through pip":             {release: missing, pip: wheel(t, member{capi, packaged}), want: packaged},
		"pip when release is bad": {members: []member{{lib, "something else"}}, pip: wheel(t, member{capi, packaged}), want: packaged},
		"package with ..":         {release: missing, pip: wheel(t, member{"../../capi/" + ort.LibraryName, packaged}), text: []string{"404", "does not hold"}},
		"package with other file": {release: missing, pip: wheel(t, member{capi, "something else"}), text: []string{"Python package: ", "wrong SHA-256"}},
		"package twice in itself": {release: missing, pip: wheel(t, member{capi, packaged}, member{"more/capi/" + ort.LibraryName, packaged}), text: []string{"file exists"}},
		"package is no archive":   {release: missing, pip: `echo nonsense >"$dest/x.whl"`, text: []string{"not a valid zip file"}},
		"pip leaves nothing":      {release: missing, pip: "true", text: []string{"left 0 packages"}},
		"pip fails":               {release: missing, pip: "echo 'ERROR: no such version'\necho 'try again'\nexit 1", text: []string{"python3 -m pip", "ERROR: no such version"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := ort.InstallOptions{Dir: t.TempDir()}
			if c.release == nil {
				packed := archive(t, c.members...)
				c.release = func(w http.ResponseWriter, _ *http.Request) { w.Write(packed) }
			}
			o.ForTest(serve(t, c.release), published)
			if c.pip == "none" {
				noPip(t)
			} else {
				fakePip(t, c.pip)
			}
			got, err := ort.Install(t.Context(), o)
			want := map[string]string{}
			if c.want != "" {
				want[installed(ort.LibraryName)] = c.want
				if err != nil {
					t.Fatal(err)
				}
				if want := filepath.Join(o.Dir, filepath.FromSlash(installed(ort.LibraryName))); got.Path != want || got.Source != ort.Cache || !got.Pinned {
					t.Errorf("got %+v, want path %s, in the cache", got, want)
				}
			} else {
				failed, ok := errors.AsType[*ort.InstallError](err)
				if !ok || failed.Hint() == "" {
					t.Fatalf("error %v, want an InstallError with a hint", err)
				}
				for _, text := range c.text {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("error %q does not say %q", err, text)
					}
				}
			}
			if diff := cmp.Diff(want, files(t, o.Dir)); diff != "" {
				t.Errorf("the cache holds (-want +got):\n%s", diff)
			}
		})
	}
}

// TestInstallGPU takes several files, from the package alone.
func TestInstallGPU(t *testing.T) {
	arguments := fakePip(t, wheel(t, member{"onnxruntime/capi/providers.so", "provider"}, member{"onnxruntime/capi/" + ort.LibraryName, packaged}))
	o := ort.InstallOptions{Dir: t.TempDir(), GPU: true}
	o.ForTest("", map[string][][2]string{"Python package": {{"providers.so", "provider"}, {ort.LibraryName, packaged}}})
	if _, err := ort.Install(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	dir := fmt.Sprintf("%s/%s-%s-gpu/", ort.Version, runtime.GOOS, runtime.GOARCH)
	if diff := cmp.Diff(map[string]string{dir + "providers.so": "provider", dir + ort.LibraryName: packaged}, files(t, o.Dir)); diff != "" {
		t.Errorf("the cache holds (-want +got):\n%s", diff)
	}
	got, err := os.ReadFile(arguments)
	if err != nil {
		t.Fatal(err)
	}
	if want := "-m pip download onnxruntime-gpu==" + ort.Version + " --no-deps --only-binary=:all: "; !strings.HasPrefix(string(got), want) {
		t.Errorf("pip was called with %q, want %q...", got, want)
	}
}

// TestInstallReplaces a damaged library, and says one line first.
func TestInstallReplaces(t *testing.T) {
	noPip(t)
	var said []string
	var last [2]int64
	packed := archive(t, member{"x/lib/" + ort.LibraryName, released})
	o := ort.InstallOptions{Dir: t.TempDir(), Say: func(line string) { said = append(said, line) },
		Progress: func(done, total int64) { last = [2]int64{done, total} }}
	o.ForTest(serveBytes(t, packed), published)
	damaged := filepath.Join(o.Dir, installed(ort.LibraryName))
	if err := errors.Join(os.MkdirAll(filepath.Dir(damaged), 0o755), os.WriteFile(damaged, []byte("half a lib"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := ort.Install(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{installed(ort.LibraryName): released}, files(t, o.Dir)); diff != "" {
		t.Errorf("the cache holds (-want +got):\n%s", diff)
	}
	if len(said) != 1 || !strings.Contains(said[0], o.Dir) || strings.Contains(said[0], "\n") {
		t.Errorf("said %q, want one line that names the folder", said)
	}
	if want := [2]int64{int64(len(packed)), int64(len(packed))}; last != want {
		t.Errorf("last progress %v, want %v", last, want)
	}
}

// TestInstallCancelled in the middle of a download, and while pip works, leaves nothing.
func TestInstallCancelled(t *testing.T) {
	t.Run("download", func(t *testing.T) {
		noPip(t)
		ctx, cancel := context.WithCancel(t.Context())
		o := ort.InstallOptions{Dir: t.TempDir(), Progress: func(done, _ int64) {
			if done > 0 {
				cancel()
			}
		}}
		o.ForTest(serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Write(make([]byte, 100))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}), published)
		cancelledInstall(ctx, t, o)
	})
	t.Run("pip", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		fakePip(t, `echo part >"$dest/part.whl"; exec sleep 60`)
		o := ort.InstallOptions{Dir: t.TempDir(), Progress: func(done, _ int64) {
			if done > 0 {
				cancel()
			}
		}}
		o.ForTest("", map[string][][2]string{"Python package": published["Python package"]})
		cancelledInstall(ctx, t, o)
	})
}

func cancelledInstall(ctx context.Context, t *testing.T, o ort.InstallOptions) {
	t.Helper()
	_, err := ort.Install(ctx, o)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if left := files(t, o.Dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestInstallAtOnce has several installations into one cache.
func TestInstallAtOnce(t *testing.T) {
	noPip(t)
	o := ort.InstallOptions{Dir: t.TempDir()}
	o.ForTest(serveBytes(t, archive(t, member{"x/lib/" + ort.LibraryName, released})), published)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = ort.Install(t.Context(), o) })
	}
	wg.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		t.Errorf("installation %d: %v", i, errs[i])
	}
	if diff := cmp.Diff(map[string]string{installed(ort.LibraryName): released}, files(t, o.Dir)); diff != "" {
		t.Errorf("the cache holds (-want +got):\n%s", diff)
	}
}
