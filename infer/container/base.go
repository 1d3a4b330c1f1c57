package container

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// A base is an image to build on, and those of its files that matter here.
type base struct {
	image v1.Image
	// reference with the digest.
	reference string
	files     map[string][]byte // libraries, and what tells the distribution
	links     map[string]string // symbolic links
	packages  []debian
}

// Bounds of what is kept of a base image; distroless's C++ image has 25 MB in 1,600 files.
const (
	maxBaseKept  = 512 << 20
	maxBaseFiles = 1_000_000
	maxLinks     = 40 // as Linux
)

// openBase finds a base by its reference and reads what matters of its files.
func openBase(ctx context.Context, o Options) (*base, error) {
	image, reference, err := findBase(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open base image %q: %w", o.Base, err)
	}
	digest, err := image.Digest()
	if err != nil {
		return nil, fmt.Errorf("open base image %q: %w", o.Base, err)
	}
	b := &base{image: image, reference: reference + "@" + digest.String(), files: map[string][]byte{}, links: map[string]string{}}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read base image %q: %w", o.Base, err)
	}
	if config.OS != "linux" || config.Architecture != string(o.Arch) {
		return nil, &inputError{fmt.Sprintf("base image %q is for %s/%s, the image is to be for linux/%s", o.Base, config.OS, config.Architecture, o.Arch), ""}
	}
	flat := mutate.Extract(image)
	defer flat.Close()
	if err := b.scan(flat); err != nil {
		return nil, fmt.Errorf("read base image %q: %w", o.Base, err)
	}
	return b, nil
}

// findBase takes a file or folder of that name, or else asks a registry.
func findBase(ctx context.Context, o Options) (v1.Image, string, error) {
	if _, err := os.Stat(o.Base); err == nil {
		image, err := openFile(o.Base, o.Arch)
		return image, path.Base(o.Base), err
	}
	options := []name.Option{}
	if o.BaseInsecure {
		options = append(options, name.Insecure)
	}
	ref, err := name.ParseReference(o.Base, options...)
	if err != nil {
		return nil, "", &inputError{fmt.Sprintf("it is neither a file nor an image's reference: %v", err), "such as gcr.io/distroless/cc-debian13:nonroot"}
	}
	t := newTransport(nil)
	defer t.close()
	image, err := remote.Image(ref, remote.WithContext(ctx), remote.WithTransport(t), remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: string(o.Arch)}))
	if err != nil && ctx.Err() == nil {
		err = &baseError{err}
	}
	return image, ref.Context().Name(), err
}

// A baseError is why a registry did not give an image.
type baseError struct{ err error }

func (e *baseError) Error() string { return e.err.Error() }
func (e *baseError) Unwrap() error { return e.err }

// Hint says what else can be done.
func (e *baseError) Hint() string {
	return "without a way to the registry take an image in a file, such as skopeo copy docker://REF oci-archive:base.tar makes, or leave --base out"
}

// scan keeps of a root folder, as a tar stream, what is asked for later.
func (b *base) scan(flat io.Reader) error {
	kept, files := int64(0), 0
	stream := tar.NewReader(flat)
	for {
		header, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if files++; files > maxBaseFiles {
			return fmt.Errorf("it has more than %d files", maxBaseFiles)
		}
		file := path.Clean("/" + header.Name)
		switch header.Typeflag {
		case tar.TypeSymlink:
			target := header.Linkname
			if !path.IsAbs(target) {
				target = path.Join(path.Dir(file), target)
			}
			b.links[file] = path.Clean(target)
		case tar.TypeLink:
			b.links[file] = path.Clean("/" + header.Linkname)
		case tar.TypeReg:
			status := file == "/var/lib/dpkg/status" || path.Dir(file) == "/var/lib/dpkg/status.d"
			if !status && !strings.Contains(path.Base(file), ".so") && file != "/etc/os-release" && file != "/usr/lib/os-release" && file != "/"+caPath {
				continue
			}
			if kept += header.Size; kept > maxBaseKept || header.Size > maxLibrary {
				return fmt.Errorf("%s: its libraries have more than %d bytes", file, maxBaseKept)
			}
			data, err := io.ReadAll(stream)
			if err != nil {
				return err
			}
			if status {
				b.packages = append(b.packages, parseStatus(data)...)
				continue
			}
			b.files[file] = data
		}
	}
}

// read follows links in every part of a path, inside the image.
func (b *base) read(file string) ([]byte, error) {
	file = path.Clean("/" + file)
	for range maxLinks {
		if data, ok := b.files[file]; ok {
			return data, nil
		}
		next, linked := b.follow(file)
		if !linked {
			return nil, fmt.Errorf("%s: %w", file, fs.ErrNotExist)
		}
		file = next
	}
	return nil, fmt.Errorf("%s: too many links", file)
}

// follow replaces the first part of a path that is a link.
func (b *base) follow(file string) (string, bool) {
	for at := 1; at <= len(file); at++ {
		if at < len(file) && file[at] != '/' {
			continue
		}
		if target, ok := b.links[file[:at]]; ok && target != file[:at] {
			return path.Join(target, file[at:]), true
		}
	}
	return "", false
}

func (b *base) describe() string { return "the base image " + b.reference }
