package ort

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
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

// Bounds of what is read. The largest archive has 50 MB, the largest library 35 MB.
const (
	maxArchive = 512 << 20
	maxMembers = 10_000
	maxFile    = 1 << 30
)

// archives are the release's names by platform.
var archives = map[string]string{
	"linux/amd64":   "onnxruntime-linux-x64-" + Version + ".tgz",
	"linux/arm64":   "onnxruntime-linux-aarch64-" + Version + ".tgz",
	"darwin/arm64":  "onnxruntime-osx-arm64-" + Version + ".tgz",
	"windows/amd64": "onnxruntime-win-x64-" + Version + ".zip",
}

// fetchRelease downloads the release archive and unpacks the files into dir.
func fetchRelease(ctx context.Context, o InstallOptions, files []pin, dir string) error {
	name, ok := archives[platform]
	if !ok {
		return fmt.Errorf("none is published for %s", platform)
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

// wanted tells which of the files an archive member is: the regular file of that name in the folder given by its last element. Where a
// member says that it lies is not used for writing.
func wanted(member, folder string, files []pin) (pin, bool) {
	member = strings.ReplaceAll(member, `\`, "/")
	for _, f := range files {
		if path.Base(member) == f.file && path.Base(path.Dir(member)) == folder && !strings.Contains(member, "..") {
			return f, true
		}
	}
	return pin{}, false
}

// unpackTar writes the files that lie in a folder of a gzipped tar archive into dir.
func unpackTar(ctx context.Context, archive, folder string, files []pin, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	// Members that are stepped over are inflated too, so that the whole has a bound.
	reader := tar.NewReader(io.LimitReader(plain, 2*maxFile))
	missing := len(files)
	for range maxMembers {
		header, err := reader.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil || missing == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if f, ok := wanted(header.Name, folder, files); ok && header.Typeflag == tar.TypeReg {
			if err := write(ctx, filepath.Join(dir, f.file), reader, f.bytes); err != nil {
				return fmt.Errorf("%s: %w", f.file, err)
			}
			missing--
		}
	}
	return complete(missing, files)
}

// unpackZip writes the files that lie in a folder of a zip archive into dir. A wheel is one.
func unpackZip(ctx context.Context, archive, folder string, files []pin, dir string) error {
	reader, err := zip.OpenReader(archive)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // members' paths are not used
		return err
	}
	defer reader.Close()
	if len(reader.File) > maxMembers {
		return fmt.Errorf("it has %d members, at most %d are read", len(reader.File), maxMembers)
	}
	missing := len(files)
	for _, member := range reader.File {
		f, ok := wanted(member.Name, folder, files)
		if !ok || !member.Mode().IsRegular() {
			continue
		}
		content, err := member.Open()
		if err != nil {
			return fmt.Errorf("%s: %w", f.file, err)
		}
		err = write(ctx, filepath.Join(dir, f.file), content, f.bytes)
		content.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", f.file, err)
		}
		missing--
	}
	return complete(missing, files)
}

func complete(missing int, files []pin) error {
	if missing == 0 {
		return nil
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.file
	}
	return fmt.Errorf("it does not hold %s once", strings.Join(names, ", "))
}

// write copies a member of known size, or of at most maxFile bytes, into a new file.
func write(ctx context.Context, to string, from io.Reader, size int64) error {
	limit := size
	if limit == 0 {
		limit = maxFile
	}
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	defer file.Close()
	n, err := io.Copy(file, io.LimitReader(&cancelled{ctx, from}, limit+1))
	if err != nil {
		return err
	}
	if n > limit {
		return fmt.Errorf("it has more than %d bytes", limit)
	}
	return file.Close()
}

// cancelled ends reading when its context does.
type cancelled struct {
	ctx    context.Context
	reader io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.reader.Read(p)
}
