package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/container"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/model/source"
)

// imageInput is what imageFlags say, checked.
type imageInput struct {
	archs                    []container.Arch
	binary, library, sysroot map[container.Arch]string
	base, certificates       string
	created                  time.Time
	format                   container.Format
	insecure                 bool
}

func imageFromFlags(c *cli.Context) (*imageInput, error) {
	o := &imageInput{base: c.String("base"), certificates: c.String("ca"), format: container.Format(c.String("manifest")), insecure: c.Bool("insecure")}
	switch arch := c.String("arch"); arch {
	case "":
		o.archs = []container.Arch{container.Arch(runtime.GOARCH)}
	case "both":
		o.archs = []container.Arch{container.AMD64, container.ARM64}
	case string(container.AMD64), string(container.ARM64):
		o.archs = []container.Arch{container.Arch(arch)}
	default:
		return nil, &usageError{fmt.Sprintf("--arch %q: must be amd64, arm64 or both", arch), ""}
	}
	if o.base == "none" {
		o.base = ""
	}
	if o.format != container.OCI && o.format != container.Docker {
		return nil, &usageError{fmt.Sprintf("--manifest %q: must be oci or docker", o.format), ""}
	}
	if c.IsSet("sysroot") && o.base != "" {
		return nil, &usageError{"--sysroot and --base both say where the C libraries are from", "leave one out"}
	}
	var err error
	for name, to := range map[string]*map[container.Arch]string{"binary": &o.binary, "onnxruntime": &o.library, "sysroot": &o.sysroot} {
		if *to, err = byArch(name, c.StringSlice(name), o.archs); err != nil {
			return nil, err
		}
	}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" { // reproducible-builds.org's way of saying the time
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil || seconds < 0 {
			return nil, &usageError{fmt.Sprintf("SOURCE_DATE_EPOCH %q: must be seconds since 1970", epoch), ""}
		}
		o.created = time.Unix(seconds, 0)
	}
	return o, nil
}

// byArch reads values of the form [ARCH=]FILE; one without an architecture is for the only one that is built.
func byArch(flag string, values []string, archs []container.Arch) (map[container.Arch]string, error) {
	found := map[container.Arch]string{}
	for _, value := range values {
		arch, file, named := strings.Cut(value, "=")
		if !named || arch != string(container.AMD64) && arch != string(container.ARM64) {
			arch, file = string(archs[0]), value
			if len(archs) > 1 {
				return nil, &usageError{fmt.Sprintf("--%s %s: for which architecture?", flag, value), fmt.Sprintf("say --%s arm64=%s", flag, value)}
			}
		}
		if found[container.Arch(arch)] != "" {
			return nil, &usageError{fmt.Sprintf("--%s is there twice for %s", flag, arch), ""}
		}
		found[container.Arch(arch)] = file
	}
	return found, nil
}

// buildImages makes an image for each architecture. Close them.
func buildImages(c *cli.Context, o *imageInput) (images []*container.Image, err error) {
	defer func() {
		if err != nil {
			closeImages(images)
		}
	}()
	contents, err := imageModel(c)
	if err != nil {
		return nil, err
	}
	for _, arch := range o.archs {
		b := container.Options{
			Arch: arch, Model: contents, Base: o.base, BaseInsecure: o.insecure, Sysroot: o.sysroot[arch], Certificates: o.certificates,
			Created: o.created, RuntimeVersion: ort.Version,
		}
		if b.Binary, err = imageBinary(o, arch); err != nil {
			return images, err
		}
		if b.Runtime, err = imageLibrary(c, o, arch); err != nil {
			return images, err
		}
		var bar *progressbar.ProgressBar
		b.Progress = func(done, total int64) {
			if bar == nil {
				bar = newProgress(c.App.ErrWriter, "pack "+string(arch), total, true)
			}
			_ = bar.Set64(done)
		}
		image, err := container.Build(c.Context, b)
		if err != nil {
			return images, err
		}
		images = append(images, image)
	}
	return images, nil
}

func closeImages(images []*container.Image) {
	for _, image := range images {
		_ = image.Close() // temporary files
	}
}

// imageBinary is the program for an architecture: this one, where it fits.
func imageBinary(o *imageInput, arch container.Arch) (string, error) {
	if file := o.binary[arch]; file != "" {
		return file, nil
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != string(arch) {
		return "", &usageError{
			fmt.Sprintf("this program is for %s/%s, the image is to be for linux/%s", runtime.GOOS, runtime.GOARCH, arch),
			fmt.Sprintf("build one with CGO_ENABLED=1 GOOS=linux GOARCH=%s and a C compiler for it, and name it with --binary %s=FILE", arch, arch),
		}
	}
	return os.Executable()
}

// imageLibrary is ONNX Runtime for an architecture; it is installed when it is not here.
func imageLibrary(c *cli.Context, o *imageInput, arch container.Arch) (string, error) {
	if file := o.library[arch]; file != "" {
		library, err := ort.Inspect(file)
		return library.Path, err
	}
	platform := "linux/" + string(arch)
	install := installOptions(c, false)
	if platform == runtime.GOOS+"/"+runtime.GOARCH {
		library, err := ort.Ensure(c.Context, ort.Options{}, install)
		return library.Path, err
	}
	install.Platform = platform
	library, err := ort.EnsureFor(c.Context, install)
	return library.Path, err
}

// imageModel is the model of modelFlags as it lies in the image: the ONNX file, files with weights beside it, and the whole contract as
// a sidecar, so that no flag is needed any more.
func imageModel(c *cli.Context) (container.Model, error) {
	s, err := openSource(c)
	if err != nil {
		return container.Model{}, err
	}
	contract, err := json.MarshalIndent(s.Model, "", "  ")
	if err != nil {
		return container.Model{}, err
	}
	m := container.Model{Name: s.Model.Name, SHA256: s.SHA256, Files: map[string]container.ModelFile{
		"model.onnx": {Data: s.Data, Path: s.Path},
		"model.json": {Data: contract},
	}}
	if m.Name == "" {
		m.Name = modelName(s.Name)
	}
	for i, file := range modelFiles(s) {
		if i == 0 {
			continue // the ONNX file itself
		}
		name := s.File.SideFiles()[i-1]
		if m.Files[name].Path != "" || m.Files[name].Data != nil {
			return m, errors.New("the model keeps weights in a file called " + name + ", which is the name of the model in a container")
		}
		m.Files[name] = container.ModelFile{Path: file}
	}
	if s.Kind == source.Builtin {
		m.Name = s.Name
	}
	return m, nil
}
