package container

import (
	"bytes"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func hashBytes(data []byte) (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(data))
	return h, err
}

// A storedImage is an image in a [store]. It implements partial.CompressedImageCore.
type storedImage struct {
	s           store
	kind        types.MediaType
	raw, config []byte
	manifest    *v1.Manifest
}

// MediaType of the manifest.
func (i *storedImage) MediaType() (types.MediaType, error) { return i.kind, nil }

// RawManifest returns the manifest's bytes.
func (i *storedImage) RawManifest() ([]byte, error) { return i.raw, nil }

// RawConfigFile returns the configuration's bytes.
func (i *storedImage) RawConfigFile() ([]byte, error) { return i.config, nil }

// LayerByDigest finds one of the manifest's layers.
func (i *storedImage) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range append(i.manifest.Layers, i.manifest.Config) {
		if d.Digest == h {
			return &storedLayer{i.s, d}, nil
		}
	}
	return nil, fmt.Errorf("%s is no layer of the image", h)
}

// A storedLayer is a layer in a [store].
type storedLayer struct {
	s store
	d v1.Descriptor
}

// Digest of the compressed bytes.
func (l *storedLayer) Digest() (v1.Hash, error) { return l.d.Digest, nil }

// Compressed opens the blob.
func (l *storedLayer) Compressed() (io.ReadCloser, error) { return l.s.open(blobName(l.d.Digest)) }

// Size in bytes, compressed.
func (l *storedLayer) Size() (int64, error) { return l.d.Size, nil }

// MediaType as the manifest says.
func (l *storedLayer) MediaType() (types.MediaType, error) { return l.d.MediaType, nil }
