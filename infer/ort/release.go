package ort

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// releases is where the official archives lie.
const releases = "https://github.com/microsoft/onnxruntime/releases/download/v" + Version + "/"

// Deadlines of a download. A machine without a way out must learn it in seconds, a slow line may take as long as it moves.
const (
	dialTimeout   = 4 * time.Second
	headerTimeout = 8 * time.Second
	stallTimeout  = 20 * time.Second
)

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
	if err := download(ctx, base+name, archive, o.Progress); err != nil {
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

// download copies what an address gives into a file.
func download(ctx context.Context, address, to string, progress func(done, total int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   headerTimeout,
		ResponseHeaderTimeout: headerTimeout,
		ForceAttemptHTTP2:     true,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return errors.Unwrap(err) // the address is in the caller's message
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("server answered %s", response.Status)
	}
	if response.ContentLength > maxArchive {
		return fmt.Errorf("it has %d bytes, at most %d are read", response.ContentLength, maxArchive)
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	watch := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("nothing came for %v", stallTimeout)) })
	defer watch.Stop()
	counted := &counter{reader: io.LimitReader(response.Body, maxArchive+1), total: response.ContentLength, progress: progress,
		alive: func() { watch.Reset(stallTimeout) }}
	if _, err := io.Copy(file, counted); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("after %d bytes: %w", counted.done, err)
	}
	if counted.done > maxArchive {
		return fmt.Errorf("it has more than %d bytes", maxArchive)
	}
	return file.Close()
}

// A counter reports what is read through it.
type counter struct {
	reader      io.Reader
	done, total int64
	progress    func(done, total int64)
	alive       func()
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.done += int64(n)
	if n > 0 {
		c.alive()
	}
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
	return n, err
}
