package container

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
)

// goProgram builds a program of one line that asks for a loader, as one with cgo does.
func goProgram(t *testing.T, arch Arch) string {
	t.Helper()
	dir := t.TempDir()
	err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-buildmode=pie", "-o", "program", "main.go")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+string(arch))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "program")
}

// authority is a PEM file of one that nobody knows.
func authority(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return lay(t, t.TempDir(), "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
}

// lay writes a file below a folder and returns its path.
func lay(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	name = filepath.Join(dir, name)
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// buildBoth makes images of made-up libraries for both architectures.
func buildBoth(t *testing.T) []*Image {
	t.Helper()
	ca := authority(t)
	var images []*Image
	for _, arch := range []Arch{AMD64, ARM64} {
		root := t.TempDir()
		loader := map[Arch]string{AMD64: amd64Loader, ARM64: arm64Loader}[arch]
		for name, data := range machine(arch, loader) {
			lay(t, root, name, data)
		}
		runtime := elfFile{machine: machines[arch], needed: []string{"libstdc++.so.6", "libc.so.6"}}.bytes()
		image, err := Build(t.Context(), Options{
			Arch: arch, Binary: goProgram(t, arch), Runtime: lay(t, t.TempDir(), "runtime.so", runtime), RuntimeVersion: "1.0", Sysroot: root, Certificates: ca,
			Model: Model{Name: "m", SHA256: strings.Repeat("0", 64), Files: map[string]ModelFile{"model.onnx": {Data: []byte("onnx")}, "w/side.bin": {Data: []byte("weights")}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = image.Close() })
		images = append(images, image)
	}
	return images
}

func digests(t *testing.T, images []*Image) (all []string) {
	t.Helper()
	for _, image := range images {
		for _, format := range []Format{OCI, Docker} {
			d, err := image.Digest(format)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(image.Arch)+" "+string(format)+" "+d)
		}
	}
	return all
}

// TestBothArchitectures writes images of both to a file of each format, reads them back, and pushes them as one index.
func TestBothArchitectures(t *testing.T) {
	images := buildBoth(t)
	refuses(t, images)
	want := digests(t, images)
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	reference := strings.TrimPrefix(server.URL, "http://") + "/scones:both"
	for _, format := range []Format{OCI, Docker} {
		var first, second bytes.Buffer
		for _, b := range []*bytes.Buffer{&first, &second} {
			if err := Write(t.Context(), b, format, "", images...); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two files of the same images differ", format)
		}
		opened, err := Open(lay(t, t.TempDir(), "image.tar", first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if got := digests(t, opened); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: opened\n%s\nwant\n%s", format, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if !bytes.Equal(opened[1].SBOM, images[1].SBOM) || len(opened[1].SBOM) == 0 {
			t.Errorf("%s: the bill of materials is not in the file", format)
		}
		pushed, err := Push(t.Context(), PushOptions{Reference: reference, Format: format}, opened...)
		if err != nil || pushed.Layers != 10 || len(pushed.SBOMs) != 2 {
			t.Fatalf("%s: %+v, %v", format, pushed, err)
		}
		again, err := Push(t.Context(), PushOptions{Reference: reference, Format: format}, images...)
		if err != nil || again.Digest != pushed.Digest || again.Skipped != 10 || again.Sent != 0 {
			t.Errorf("%s: pushed again: %+v, %v, want the digest %s", format, again, err, pushed.Digest)
		}
		response, err := http.Get(server.URL + "/v2/scones/manifests/both")
		if err != nil {
			t.Fatal(err)
		}
		var index struct {
			Manifests []struct {
				Digest   string
				Platform struct{ Architecture, OS string }
			}
		}
		err = json.NewDecoder(response.Body).Decode(&index)
		response.Body.Close()
		if err != nil || len(index.Manifests) != 2 || index.Manifests[1].Platform.Architecture != "arm64" || !strings.HasSuffix(strings.Join(want, "\n"), index.Manifests[1].Digest) && format == Docker {
			t.Errorf("%s: the index is %+v, %v", format, index, err)
		}
	}
}

// refuses opens files that are no images, or damaged ones.
func refuses(t *testing.T, images []*Image) {
	t.Helper()
	var whole bytes.Buffer
	if err := Write(t.Context(), &whole, OCI, "", images...); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"nothing":  nil,
		"text":     []byte("no image"),
		"cut":      whole.Bytes()[:whole.Len()/2],
		"no index": bytes.ReplaceAll(whole.Bytes(), []byte("index.json"), []byte("index.jsom")),
		"other":    bytes.ReplaceAll(whole.Bytes(), []byte(`"architecture":"amd64"`), []byte(`"architecture":"amd65"`)),
		"no blobs": bytes.ReplaceAll(whole.Bytes(), []byte("blobs/sha256"), []byte("blobs/sha257")),
	} {
		if images, err := Open(lay(t, t.TempDir(), "image.tar", data)); err == nil {
			t.Errorf("%s: opened as %+v", name, images)
		}
	}
}
