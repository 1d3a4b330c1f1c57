package container

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A Format is how an image's manifest is written. Layers and configuration are the same bytes in both.
type Format string

// The formats. SageMaker refuses OCI's: "Unsupported manifest media type application/vnd.oci.image.manifest.v1+json", which
// aws/amazon-sagemaker-feedback#180 tells.
const (
	OCI    Format = "oci"
	Docker Format = "docker" // image manifest version 2, schema 2
)

// mediaTypes of manifest, configuration and layers.
var mediaTypes = map[Format]struct{ manifest, config, layer types.MediaType }{
	OCI:    {types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer},
	Docker: {types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer},
}

// assemble makes the manifests of the packed layers.
func (b *builder) assemble() error {
	config, layers, history, err := b.below()
	if err != nil {
		return err
	}
	for _, l := range b.layers {
		layer, err := partial.CompressedToLayer(l)
		if err != nil {
			return err
		}
		layers = append(layers, layer)
		history = append(history, v1.History{Created: v1.Time{Time: b.o.Created}, CreatedBy: "scones image build: " + l.name})
	}
	b.configure(config)
	b.image.manifests = map[Format]v1.Image{}
	for format := range mediaTypes {
		if b.image.manifests[format], err = manifest(format, config, layers, history); err != nil {
			return fmt.Errorf("write the image's manifest: %w", err)
		}
	}
	return nil
}

// below is what the base image brings; nothing without one.
func (b *builder) below() (*v1.ConfigFile, []v1.Layer, []v1.History, error) {
	if b.base == nil {
		return &v1.ConfigFile{Architecture: string(b.o.Arch), OS: "linux"}, nil, nil, nil
	}
	config, err := b.base.image.ConfigFile()
	if err != nil {
		return nil, nil, nil, err
	}
	layers, err := b.base.image.Layers()
	if err != nil {
		return nil, nil, nil, err
	}
	var history []v1.History // of layers alone: the others' entries are what the configuration says already
	for _, h := range config.History {
		if !h.EmptyLayer {
			history = append(history, h)
		}
	}
	for len(history) < len(layers) {
		history = append(history, v1.History{Comment: "base image"})
	}
	return config.DeepCopy(), layers, history[:len(layers)], nil
}

// configure says how the container runs: as SageMaker and docker run expect.
func (b *builder) configure(config *v1.ConfigFile) {
	config.Created = v1.Time{Time: b.o.Created}
	config.RootFS, config.History = v1.RootFS{Type: "layers"}, nil
	c := &config.Config
	c.User, c.WorkingDir, c.StopSignal = User, "/", "SIGTERM"
	c.Entrypoint, c.Cmd = []string{"/" + binaryPath}, []string{"serve"}
	c.ExposedPorts = map[string]struct{}{"8080/tcp": {}}
	setEnv(c, "PATH", "/usr/local/bin:/usr/bin:/bin")
	setEnv(c, "ONNXRUNTIME_LIB", "/"+runtimePath)
	setEnv(c, "SSL_CERT_FILE", "/"+caPath)
	if c.Labels == nil {
		c.Labels = map[string]string{}
	}
	maps.Copy(c.Labels, b.labels())
}

func setEnv(c *v1.Config, name, value string) {
	c.Env = slices.DeleteFunc(c.Env, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
	c.Env = append(c.Env, name+"="+value)
}

// labels are SageMaker's, OCI's, and the model's hash.
func (b *builder) labels() map[string]string {
	labels := map[string]string{
		"com.amazonaws.sagemaker.capabilities.accept-bind-to-port": "true",
		"com.amazonaws.sagemaker.capabilities.multi-models":        "true",
		"org.opencontainers.image.title":                           "scones",
		"org.opencontainers.image.description":                     "classifies pictures with " + b.o.Model.Name,
		"org.opencontainers.image.licenses":                        "Apache-2.0",
		"org.opencontainers.image.version":                         b.version,
		"org.opencontainers.image.revision":                        b.revision,
		"scones.model.sha256":                                      b.o.Model.SHA256,
		"scones.onnxruntime.version":                               b.o.RuntimeVersion,
	}
	if b.base != nil {
		name, digest, _ := strings.Cut(b.base.reference, "@")
		labels["org.opencontainers.image.base.name"], labels["org.opencontainers.image.base.digest"] = name, digest
	}
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	return labels
}

// manifest makes an image of a format.
func manifest(format Format, config *v1.ConfigFile, layers []v1.Layer, history []v1.History) (v1.Image, error) {
	kinds := mediaTypes[format]
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, kinds.manifest), kinds.config)
	image, err := mutate.ConfigFile(image, config)
	if err != nil {
		return nil, err
	}
	adds := make([]mutate.Addendum, len(layers))
	for i, l := range layers {
		adds[i] = mutate.Addendum{Layer: l, History: history[i], MediaType: kinds.layer}
	}
	if image, err = mutate.Append(image, adds...); err != nil {
		return nil, err
	}
	if format == OCI {
		annotations := map[string]string{}
		for name, value := range config.Config.Labels {
			if strings.HasPrefix(name, "org.opencontainers.image.") {
				annotations[name] = value
			}
		}
		image = mutate.Annotations(image, annotations).(v1.Image)
	}
	return image, nil
}
