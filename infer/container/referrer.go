package container

import (
	"encoding/json"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Types of an artifact that refers to an image (OCI's image specification 1.1, "Guidelines for Artifact Usage").
const (
	sbomType  types.MediaType = "application/spdx+json"
	emptyType types.MediaType = "application/vnd.oci.empty.v1+json"
)

// A rawManifest is a manifest as it is sent.
type rawManifest []byte

// RawManifest returns the bytes.
func (m rawManifest) RawManifest() ([]byte, error) { return m, nil }

// MediaType is that of OCI's manifests.
func (m rawManifest) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

// attachSBOM sends an image's bill of materials as a referrer of it, and returns its reference; empty when the image has none.
func attachSBOM(repository name.Repository, image *Image, format Format, options []remote.Option) (string, error) {
	if image.SBOM == nil {
		return "", nil
	}
	subject, err := descriptor(image, format)
	if err != nil {
		return "", err
	}
	subject.Platform = nil
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: string(sbomType), Subject: &subject}
	if m.Config, err = sendBlob(repository, []byte("{}"), emptyType, options); err != nil {
		return "", err
	}
	bill, err := sendBlob(repository, image.SBOM, sbomType, options)
	if err != nil {
		return "", err
	}
	bill.Annotations = map[string]string{"org.opencontainers.image.title": "scones.spdx.json"}
	m.Layers = []v1.Descriptor{bill}
	raw, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	digest, err := hashBytes(raw)
	if err != nil {
		return "", err
	}
	to := repository.Digest(digest.String())
	return to.String(), remote.Put(to, rawManifest(raw), options...)
}

// sendBlob sends bytes unless the registry has them.
func sendBlob(repository name.Repository, data []byte, kind types.MediaType, options []remote.Option) (v1.Descriptor, error) {
	digest, err := hashBytes(data)
	if err != nil {
		return v1.Descriptor{}, err
	}
	return v1.Descriptor{MediaType: kind, Digest: digest, Size: int64(len(data))}, remote.WriteLayer(repository, static.NewLayer(data, kind), options...)
}
