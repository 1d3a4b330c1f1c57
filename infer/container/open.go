package container

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// maxDocument bounds a manifest, an index and a configuration.
const maxDocument = 16 << 20

// A store holds the blobs of an OCI layout.
type store interface {
	open(name string) (io.ReadCloser, error)
}

// Open reads an image that [Write] made, or another tool, from an archive or from a folder. Its file must stay until it was used.
func Open(name string) ([]*Image, error) {
	s, err := openStore(name)
	if err != nil {
		return nil, fmt.Errorf("open image %q: %w", name, err)
	}
	top, err := readIndex(s, "index.json")
	if err != nil {
		return nil, fmt.Errorf("open image %q: %w", name, err)
	}
	descriptors, err := flatten(s, top.Manifests, 2)
	if err != nil {
		return nil, fmt.Errorf("open image %q: %w", name, err)
	}
	var images []*Image
	for _, d := range descriptors {
		image, err := openImage(s, d)
		if err != nil {
			return nil, fmt.Errorf("open image %q: %w", name, err)
		}
		images = append(images, image)
	}
	if len(images) == 0 {
		return nil, fmt.Errorf("open image %q: no image is in it", name)
	}
	return images, nil
}

// openFile opens one architecture's image of a file or folder, as a base.
func openFile(name string, arch Arch) (v1.Image, error) {
	images, err := Open(name)
	if errors.Is(err, os.ErrNotExist) { // an archive of an older docker save
		return tarball.ImageFromPath(name, nil)
	}
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		if image.Arch == arch {
			return image.manifests[image.found], nil // whose digest is the file's own
		}
	}
	return nil, &inputError{fmt.Sprintf("%q holds no image for %s", name, arch), ""}
}

func openStore(name string) (store, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		return folderStore{root}, err
	}
	return openArchive(name)
}

// A folderStore is an OCI layout as a folder.
type folderStore struct{ root *os.Root }

func (s folderStore) open(name string) (io.ReadCloser, error) { return s.root.Open(name) }

// An archiveStore is an OCI layout in a tar file, whose entries are read where they lie.
type archiveStore struct {
	file    string
	entries map[string][2]int64 // where the bytes begin, and how many
}

func openArchive(name string) (*archiveStore, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &archiveStore{name, map[string][2]int64{}}
	for stream := tar.NewReader(f); ; {
		header, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		at, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		if header.Typeflag == tar.TypeReg && len(s.entries) < maxBaseFiles {
			s.entries[path.Clean(header.Name)] = [2]int64{at, header.Size}
		}
	}
}

func (s *archiveStore) open(name string) (io.ReadCloser, error) {
	at, ok := s.entries[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	f, err := os.Open(s.file)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(f, at[0], at[1]), f}, nil
}

// readDocument reads a small file, and checks its digest when it has one.
func readDocument(s store, name string, digest *v1.Hash) ([]byte, error) {
	f, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, fmt.Errorf("%s has more than %d bytes", name, maxDocument)
	}
	if digest == nil {
		return data, nil
	}
	h, err := hashBytes(data)
	if err == nil && h != *digest {
		err = fmt.Errorf("%s: its bytes have the digest %s", name, h)
	}
	return data, err
}

func readIndex(s store, name string) (*v1.IndexManifest, error) {
	data, err := readDocument(s, name, nil)
	if err != nil {
		return nil, err
	}
	index := new(v1.IndexManifest)
	return index, json.Unmarshal(data, index)
}

// flatten follows indexes to the images' descriptors.
func flatten(s store, descriptors []v1.Descriptor, depth int) ([]v1.Descriptor, error) {
	var all []v1.Descriptor
	for _, d := range descriptors {
		switch {
		case d.MediaType.IsImage():
			all = append(all, d)
		case d.MediaType.IsIndex() && depth > 0:
			index, err := readIndex(s, blobName(d.Digest))
			if err != nil {
				return nil, err
			}
			below, err := flatten(s, index.Manifests, depth-1)
			if err != nil {
				return nil, err
			}
			all = append(all, below...)
		}
	}
	return all, nil
}

// openImage reads one image's documents; its layers are read when they are asked for.
func openImage(s store, d v1.Descriptor) (*Image, error) {
	stored := &storedImage{s: s, kind: d.MediaType}
	var err error
	if stored.raw, err = readDocument(s, blobName(d.Digest), &d.Digest); err != nil {
		return nil, err
	}
	m := new(v1.Manifest)
	if err := json.Unmarshal(stored.raw, m); err != nil {
		return nil, err
	}
	if stored.config, err = readDocument(s, blobName(m.Config.Digest), &m.Config.Digest); err != nil {
		return nil, err
	}
	stored.manifest = m
	core, err := partial.CompressedToImage(stored)
	if err != nil {
		return nil, err
	}
	return fromStored(core, d.MediaType)
}

// fromStored makes the other format of an image that was opened.
func fromStored(core v1.Image, kind types.MediaType) (*Image, error) {
	config, err := core.ConfigFile()
	if err != nil {
		return nil, err
	}
	layers, err := core.Layers()
	if err != nil {
		return nil, err
	}
	image := &Image{Arch: Arch(config.Architecture), manifests: map[Format]v1.Image{}}
	history := config.History
	for len(history) < len(layers) {
		history = append(history, v1.History{})
	}
	for i, l := range layers {
		digest, err := l.Digest()
		if err != nil {
			return nil, err
		}
		size, err := l.Size()
		if err != nil {
			return nil, err
		}
		image.Layers = append(image.Layers, Layer{history[i].CreatedBy, digest.String(), size})
	}
	plain := config.DeepCopy()
	plain.RootFS, plain.History = v1.RootFS{Type: "layers"}, nil
	for format, kinds := range mediaTypes {
		if kinds.manifest == kind {
			image.manifests[format], image.found = core, format
		} else if image.manifests[format], err = manifest(format, plain, layers, history[:len(layers)]); err != nil {
			return nil, err
		}
	}
	if len(layers) > 0 {
		image.SBOM, err = findSBOM(layers[len(layers)-1])
	}
	return image, err
}

// findSBOM reads the bill of materials out of the layer that [Build] put it into; nil when there is none.
func findSBOM(l v1.Layer) ([]byte, error) {
	if size, err := l.Size(); err != nil || size > maxDocument {
		return nil, err
	}
	f, err := l.Compressed()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return nil, nil // compressed otherwise, so not ours
	}
	for stream := tar.NewReader(io.LimitReader(plain, 16*maxDocument)); ; {
		header, err := stream.Next()
		if err != nil {
			return nil, nil
		}
		if header.Name == sbomPath {
			return io.ReadAll(io.LimitReader(stream, maxDocument))
		}
	}
}
