package container

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

// A file is an entry of a layer: a folder, or bytes that are here or on the disk.
type file struct {
	path string // in the image, without a slash in front
	mode int64
	dir  bool
	data []byte
	from string // holds the bytes when data is nil

	said  string // Content.From
	owner *debian
}

func (f *file) open() (io.ReadCloser, int64, error) {
	if f.data != nil || f.from == "" {
		return io.NopCloser(bytes.NewReader(f.data)), int64(len(f.data)), nil
	}
	from, err := os.Open(f.from)
	if err != nil {
		return nil, 0, err
	}
	info, err := from.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", f.from)
	}
	if err != nil {
		from.Close()
		return nil, 0, err
	}
	return from, info.Size(), nil
}

// A packed layer lies compressed in a file. It implements partial.CompressedLayer.
type packed struct {
	name           string
	path           string
	digest, diffID v1.Hash
	size           int64
}

// Digest of the compressed bytes.
func (l *packed) Digest() (v1.Hash, error) { return l.digest, nil }

// DiffID is the digest of the tar file.
func (l *packed) DiffID() (v1.Hash, error) { return l.diffID, nil }

// Compressed opens the file.
func (l *packed) Compressed() (io.ReadCloser, error) { return os.Open(l.path) }

// Size in bytes, compressed.
func (l *packed) Size() (int64, error) { return l.size, nil }

// MediaType is OCI's; where the image's manifest is Docker's, it says Docker's.
func (l *packed) MediaType() (types.MediaType, error) { return types.OCILayer, nil }

// parents adds the folders that the files lie in, and sorts all. Folders that are named stay as they are.
func parents(files []file) []file {
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.path] = true
	}
	for _, f := range slices.Clone(files) {
		for dir := path.Dir(f.path); dir != "."; dir = path.Dir(dir) {
			if !seen[dir] {
				seen[dir] = true
				files = append(files, file{path: dir, mode: 0o755, dir: true})
			}
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files
}

// packLayer writes a layer and returns what is in it. Nothing in it depends on the machine but the files' bytes.
func packLayer(ctx context.Context, temp, name string, files []file, created time.Time, count func(int64)) (*packed, []Content, error) {
	l := &packed{name: name, path: filepath.Join(temp, name+".tar.gz")}
	out, err := os.Create(l.path)
	if err != nil {
		return nil, nil, err
	}
	defer out.Close()
	compressed, plain := sha256.New(), sha256.New()
	zip := gzip.NewWriter(io.MultiWriter(out, compressed))
	archive := tar.NewWriter(io.MultiWriter(zip, plain))
	var contents []Content
	for _, f := range parents(files) {
		c, err := packFile(ctx, archive, f, created, count)
		if err != nil {
			return nil, nil, fmt.Errorf("pack %s: %w", f.path, err)
		}
		if !f.dir {
			c.Layer = name
			contents = append(contents, c)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, nil, err
	}
	info, err := out.Stat()
	if err != nil {
		return nil, nil, err
	}
	l.size, l.digest, l.diffID = info.Size(), hashOf(compressed), hashOf(plain)
	return l, contents, out.Close()
}

func hashOf(h hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}
}

func packFile(ctx context.Context, archive *tar.Writer, f file, created time.Time, count func(int64)) (Content, error) {
	header := &tar.Header{Name: f.path, Mode: f.mode, ModTime: created, Typeflag: tar.TypeReg}
	if f.dir {
		header.Name, header.Typeflag = f.path+"/", tar.TypeDir
		return Content{}, archive.WriteHeader(header)
	}
	from, size, err := f.open()
	if err != nil {
		return Content{}, err
	}
	defer from.Close()
	header.Size = size
	if err := archive.WriteHeader(header); err != nil {
		return Content{}, err
	}
	sum256, sum1 := sha256.New(), sha1.New() // SPDX asks for SHA-1 of every file
	if _, err := io.Copy(io.MultiWriter(archive, sum256, sum1), &watched{ctx, from, count}); err != nil {
		return Content{}, err
	}
	c := Content{
		Path: "/" + f.path, Bytes: size, SHA256: hex.EncodeToString(sum256.Sum(nil)), From: f.said, owner: f.owner, sha1: hex.EncodeToString(sum1.Sum(nil)),
	}
	if f.owner != nil {
		c.Package = f.owner.Name + " " + f.owner.Version
	}
	return c, nil
}

// A watched reader counts what is read, and stops when its context ends.
type watched struct {
	ctx   context.Context
	from  io.Reader
	count func(int64)
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p)
	w.count(int64(n))
	return n, err
}
