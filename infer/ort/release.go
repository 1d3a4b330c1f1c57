package ort

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/infer/download"
)

// releases is where the official archives lie.
const releases = "https://github.com/microsoft/onnxruntime/releases/download/v" + Version + "/"

// maxArchive bounds a download; the largest archive has 50 MB.
const maxArchive = 512 << 20

// archives are the release's names by platform.
var archives = map[string]string{
	"linux/amd64":   "onnxruntime-linux-x64-" + Version + ".tgz",
	"linux/arm64":   "onnxruntime-linux-aarch64-" + Version + ".tgz",
	"darwin/arm64":  "onnxruntime-osx-arm64-" + Version + ".tgz",
	"windows/amd64": "onnxruntime-win-x64-" + Version + ".zip",
}

// fetchRelease downloads the release archive and unpacks the files into dir.
func fetchRelease(ctx context.Context, o InstallOptions, files []pin, dir string) error {
	name, ok := archives[o.Platform]
	if !ok {
		return fmt.Errorf("none is published for %s", o.Platform)
	}
	base := o.releases
	if base == "" {
		base = releases
	}
	archive := filepath.Join(dir, "archive")
	if err := download.File(ctx, base+name, archive, maxArchive, o.Progress); err != nil {
		return fmt.Errorf("download %s: %w", base+name, err)
	}
	unpack := unpackTar
	if strings.HasSuffix(name, ".zip") {
		unpack = unpackZip
	}
	if err := unpack(ctx, archive, "lib", files, dir); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	return nil
}
