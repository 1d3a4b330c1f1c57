package container

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// DefaultName is what docker load calls an image.
const DefaultName = "scones:latest"

// A blob is an entry of an archive.
type blob struct {
	size int64
	open func() (io.ReadCloser, error)
}

func bytesBlob(data []byte) blob {
	return blob{int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// Write makes a tar file of images, one for each architecture, that is an OCI layout and what docker save writes at once, so that
// docker load, podman load, skopeo and umoci read it. The same images give the same bytes. name is NAME:TAG; empty means [DefaultName].
func Write(ctx context.Context, w io.Writer, format Format, name string, images ...*Image) error {
	if name == "" {
		name = DefaultName
	}
	blobs := map[string]blob{}
	var docker []dockerImage
	for i, image := range images {
		m, err := addImage(blobs, image.manifests[format])
		if err != nil {
			return err
		}
		m.RepoTags = []string{name}
		if i > 0 { // older Docker knows one architecture a name
			m.RepoTags[0] += "-" + string(image.Arch)
		}
		docker = append(docker, m)
	}
	top, err := topDescriptor(blobs, format, images)
	if err != nil {
		return err
	}
	_, tag, _ := strings.Cut(name, ":")
	top.Annotations = map[string]string{"org.opencontainers.image.ref.name": tag, "io.containerd.image.name": "docker.io/library/" + name}
	index, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{top}})
	if err != nil {
		return err
	}
	list, err := json.Marshal(docker)
	if err != nil {
		return err
	}
	blobs["oci-layout"] = bytesBlob([]byte(`{"imageLayoutVersion":"1.0.0"}`))
	blobs["index.json"], blobs["manifest.json"] = bytesBlob(index), bytesBlob(list)
	return writeBlobs(ctx, w, blobs)
}

// A dockerImage is an entry of the manifest.json of docker save.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func blobName(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }

// addImage puts an image's blobs into an archive.
func addImage(blobs map[string]blob, image v1.Image) (dockerImage, error) {
	var d dockerImage
	raw, err := image.RawManifest()
	if err != nil {
		return d, err
	}
	digest, err := image.Digest()
	if err != nil {
		return d, err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return d, err
	}
	configName, err := image.ConfigName()
	if err != nil {
		return d, err
	}
	blobs[blobName(digest)], blobs[blobName(configName)] = bytesBlob(raw), bytesBlob(config)
	d.Config = blobName(configName)
	layers, err := image.Layers()
	if err != nil {
		return d, err
	}
	for _, l := range layers {
		digest, err := l.Digest()
		if err != nil {
			return d, err
		}
		size, err := l.Size()
		if err != nil {
			return d, err
		}
		blobs[blobName(digest)] = blob{size, l.Compressed}
		d.Layers = append(d.Layers, blobName(digest))
	}
	return d, nil
}

// topDescriptor names the one image, or an index of several.
func topDescriptor(blobs map[string]blob, format Format, images []*Image) (v1.Descriptor, error) {
	if len(images) == 1 {
		return descriptor(images[0], format)
	}
	index, err := newIndex(format, images)
	if err != nil {
		return v1.Descriptor{}, err
	}
	raw, err := index.RawManifest()
	if err != nil {
		return v1.Descriptor{}, err
	}
	digest, err := index.Digest()
	if err != nil {
		return v1.Descriptor{}, err
	}
	kind, err := index.MediaType()
	blobs[blobName(digest)] = bytesBlob(raw)
	return v1.Descriptor{MediaType: kind, Digest: digest, Size: int64(len(raw))}, err
}

func descriptor(image *Image, format Format) (v1.Descriptor, error) {
	m := image.manifests[format]
	digest, err := m.Digest()
	if err != nil {
		return v1.Descriptor{}, err
	}
	size, err := m.Size()
	return v1.Descriptor{
		MediaType: mediaTypes[format].manifest, Digest: digest, Size: size, Platform: &v1.Platform{OS: "linux", Architecture: string(image.Arch)},
	}, err
}

// newIndex joins the architectures' images.
func newIndex(format Format, images []*Image) (v1.ImageIndex, error) {
	kind := types.OCIImageIndex
	if format == Docker {
		kind = types.DockerManifestList
	}
	index := mutate.IndexMediaType(empty.Index, kind)
	for _, image := range images {
		d, err := descriptor(image, format)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image.manifests[format], Descriptor: d})
	}
	return index, nil
}

func writeBlobs(ctx context.Context, w io.Writer, blobs map[string]blob) error {
	archive := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(blobs)) {
		b := blobs[name]
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: b.size, Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		from, err := b.open()
		if err != nil {
			return err
		}
		_, err = io.Copy(archive, &watched{ctx, from, func(int64) {}})
		from.Close()
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return archive.Close()
}
