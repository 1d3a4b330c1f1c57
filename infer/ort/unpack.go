package ort

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Bounds of what is unpacked. The largest file is the CUDA provider, 367 MB.
const (
	maxMembers = 10_000
	maxFile    = 1 << 30
)

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
