package stack

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
)

// A Packed is a file in a model.tar.gz: Data, or what lies at Path.
type Packed struct {
	Name string
	Path string
	Data []byte
}

// Pack writes files as a model.tar.gz, flat, as SageMaker unpacks it to /opt/ml/model. The same files give the same bytes.
func Pack(to string, files []Packed) (file File, err error) {
	out, err := os.Create(to)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	compressed := gzip.NewWriter(out) // whose header has no time
	archive := tar.NewWriter(compressed)
	files = slices.SortedFunc(slices.Values(files), func(a, b Packed) int { return cmp.Compare(a.Name, b.Name) })
	for _, f := range files {
		if err := packOne(archive, f); err != nil {
			return File{}, fmt.Errorf("pack %s: %w", f.Name, err)
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close()); err != nil {
		return File{}, err
	}
	return OpenFile(to)
}

func packOne(archive *tar.Writer, f Packed) error {
	if path.Base(f.Name) != f.Name {
		return errors.New("it lies in a folder of its own")
	}
	var from io.Reader = bytes.NewReader(f.Data)
	size := int64(len(f.Data))
	if f.Path != "" {
		file, err := os.Open(f.Path)
		if err != nil {
			return err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return err
		}
		from, size = file, info.Size()
	}
	if err := archive.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o644, Size: size, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}); err != nil {
		return err
	}
	_, err := io.Copy(archive, from)
	return err
}

// OpenFile hashes a file that is to be uploaded.
func OpenFile(name string) (File, error) {
	file, err := os.Open(name)
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, file)
	if err != nil {
		return File{}, fmt.Errorf("read %q: %w", name, err)
	}
	return File{Path: name, SHA256: hex.EncodeToString(hash.Sum(nil)), Size: n}, nil
}
