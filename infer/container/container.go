// Package container makes the OCI image that serves a model: for SageMaker, Docker, Podman or Kubernetes, without any of them.
//
// [Build] puts together our program, ONNX Runtime, the C libraries that both need, a model and what a container is expected to hold.
// The libraries come from this machine or from a base image; that each is there, is of the right architecture and defines the symbol
// versions that the others ask for is checked while building, so that the dynamic loader finds nothing missing later. The same input
// gives the same digest. [Write] makes a file that docker load, podman load and skopeo read, [Push] sends images to a registry.
//
// The package needs no cgo and runs nothing.
package container

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// An Arch is a processor architecture as Go and OCI call it.
type Arch string

// The architectures that SageMaker has machines of.
const (
	AMD64 Arch = "amd64"
	ARM64 Arch = "arm64"
)

// machines and triplets are what ELF files and Debian's library folders call an architecture.
var (
	machines = map[Arch]elf.Machine{AMD64: elf.EM_X86_64, ARM64: elf.EM_AARCH64}
	triplets = map[Arch]string{AMD64: "x86_64-linux-gnu", ARM64: "aarch64-linux-gnu"}
)

// Where things lie in the image. The model lies where SageMaker puts one, and SageMaker puts its own over it.
const (
	binaryPath  = "usr/bin/scones"
	runtimePath = "usr/lib/libonnxruntime.so"
	modelDir    = "opt/ml/model"
	sbomPath    = "var/lib/db/sbom/scones.spdx.json" // where apko's images have theirs, so that scanners look there
	caPath      = "etc/ssl/certs/ca-certificates.crt"
)

// User is who the container runs as: distroless's nonroot, in every image that has such a user.
const User = "65532:65532"

// Options say what goes into an image.
type Options struct {
	Arch Arch
	// Binary is the program: an ELF file of the architecture, built with cgo.
	Binary string
	// Runtime is the file of ONNX Runtime's library, RuntimeVersion its version.
	Runtime        string
	RuntimeVersion string
	Model          Model
	// Base is the image to build on: a registry's reference, an OCI layout or an archive. Empty takes the C libraries from Sysroot.
	Base string
	// BaseInsecure lets the base's registry be asked without TLS.
	BaseInsecure bool
	// Sysroot is the folder whose C libraries are taken when there is no base; empty means /.
	Sysroot string
	// Certificates is the PEM file of the authorities that the container trusts; empty means Sysroot's.
	Certificates string
	// Created is the image's time and its files'; the zero value is that of the program's commit, or 1970 when it does not say.
	Created time.Time
	// Progress is told how many bytes were packed of how many; it may be nil.
	Progress func(done, total int64)
}

// A Model is what lies in /opt/ml/model.
type Model struct {
	// Name and SHA256 identify it in labels and in the bill of materials.
	Name, SHA256 string
	// Files by their names in the folder.
	Files map[string]ModelFile
}

// A ModelFile is a file's bytes, or where it lies.
type ModelFile struct {
	Data []byte
	Path string
}

// A Content is one file of an image, and where it is from.
type Content struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// From is the file it was read from; empty when it was made here.
	From string `json:"from,omitempty"`
	// Package of the distribution that the file belongs to, with its version; empty for none.
	Package string `json:"package,omitempty"`
	// Layer is the name of its layer.
	Layer string `json:"layer"`

	sha1  string
	owner *debian
}

// A Layer is one layer of an image.
type Layer struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
	// Bytes as stored and sent.
	Bytes int64 `json:"bytes"`
}

// An Image is a built image. Close it: its layers lie in a temporary folder.
type Image struct {
	Arch Arch
	// Base with the digest that was found; empty for none.
	Base     string
	Layers   []Layer
	Contents []Content
	// SBOM is the bill of materials, SPDX 2.3 as JSON; the same bytes lie in the image.
	SBOM []byte

	manifests map[Format]v1.Image
	found     Format // of an image that was opened: as it lies there
	temp      string
}

// Close removes the temporary files.
func (i *Image) Close() error {
	if i.temp == "" {
		return nil // it was opened, and lies elsewhere
	}
	return os.RemoveAll(i.temp)
}

// Digest of the image's manifest in a format.
func (i *Image) Digest(f Format) (string, error) {
	d, err := i.manifests[f].Digest()
	return d.String(), err
}

// ErrInput is wrapped when something that goes in does not fit: another architecture, a library that is missing or too old.
var ErrInput = errors.New("cannot build an image")

// An inputError says what does not fit, and what to do.
type inputError struct{ problem, hint string }

func (e *inputError) Error() string { return e.problem }
func (e *inputError) Unwrap() error { return ErrInput }
func (e *inputError) Hint() string  { return e.hint }

// Build makes one architecture's image. Errors wrap [ErrInput] where the user can mend them, and have a hint then.
func Build(ctx context.Context, o Options) (_ *Image, err error) {
	if _, known := machines[o.Arch]; !known {
		return nil, &inputError{fmt.Sprintf("architecture %q: must be amd64 or arm64", o.Arch), ""}
	}
	temp, err := os.MkdirTemp("", "scones-image-*")
	if err != nil {
		return nil, err
	}
	b := &builder{o: o, image: &Image{Arch: o.Arch, temp: temp}}
	defer func() {
		if err != nil {
			_ = b.image.Close()
		}
	}()
	if err := b.collect(ctx); err != nil {
		return nil, err
	}
	if err := b.pack(ctx); err != nil {
		return nil, err
	}
	return b.image, b.assemble()
}
