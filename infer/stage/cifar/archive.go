package cifar

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Where the archive is published, and the SHA-256 of its two versions. The MD5 sums on that page, eb9058c3… and 03b5dce0…, are theirs.
const (
	URL          = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
	PythonSHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
	BinarySHA256 = "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"
)

// Limits of an archive: of the file, of what is unpacked, and of the members. The real one has 169 MB, and 186 MB in eight members.
const (
	MaxBytes   = 256 << 20
	maxMember  = 256 << 20
	maxMembers = 100
)

// A HashError is an archive that is neither published version, nor the one that was asked for.
type HashError struct{ Got, Want string }

// Error names both hashes.
func (e *HashError) Error() string {
	if e.Want != "" {
		return fmt.Sprintf("its SHA-256 is %s, not %s", e.Got, e.Want)
	}
	return fmt.Sprintf("its SHA-256 is %s, which is not that of CIFAR-100's archive", e.Got)
}

// Hint says what to do.
func (e *HashError) Hint() string {
	if e.Want != "" {
		return "the file is damaged, or another one"
	}
	return "the file is damaged or cut short; to read another archive of this shape say --sha256 " + e.Got
}

// Open reads an archive. Its SHA-256 must be want, or, where want is empty, that of a published version: else the error is a
// [*HashError] and nothing was unpacked. An error of a pickle wraps [ErrPickle].
func Open(ctx context.Context, name, want string) (*Archive, error) {
	a, err := open(ctx, name, want)
	if err != nil {
		return nil, fmt.Errorf("read CIFAR-100 from %q: %w", name, err)
	}
	return a, nil
}

func open(ctx context.Context, name, want string) (*Archive, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a regular file")
	case info.Size() > MaxBytes:
		return nil, fmt.Errorf("has %d bytes, at most %d are read", info.Size(), MaxBytes)
	}
	got, err := hashOf(file)
	if err != nil {
		return nil, err
	}
	if err := checkHash(got, want); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	a, err := read(ctx, io.LimitReader(file, MaxBytes))
	if err != nil {
		return nil, err
	}
	a.SHA256 = got
	return a, nil
}

// hashOf is the SHA-256 of a file's first MaxBytes.
func hashOf(file *os.File) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, io.LimitReader(file, MaxBytes))
	return hex.EncodeToString(sum.Sum(nil)), err
}

func checkHash(got, want string) error {
	want = strings.ToLower(want)
	if want == "" && (got == PythonSHA256 || got == BinarySHA256) || got == want {
		return nil
	}
	return &HashError{got, want}
}

// CheckHash compares a file's SHA-256 with the one that is wanted. It gives a [*HashError].
func CheckHash(name, want string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	got, err := hashOf(file)
	if err != nil {
		return err
	}
	return checkHash(got, want)
}

// read unpacks an archive of either version.
func read(ctx context.Context, from io.Reader) (*Archive, error) {
	unzipped, err := gzip.NewReader(from)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	members := map[string][]byte{}
	tr := tar.NewReader(unzipped)
	total := int64(0)
	for count := 0; ; count++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		base := path.Base(h.Name)
		switch {
		case count == maxMembers:
			return nil, fmt.Errorf("unpack: it has more than %d members", maxMembers)
		case h.Typeflag != tar.TypeReg || !wanted[base]:
			if _, err := io.CopyN(io.Discard, tr, min(h.Size, maxMember)); err != nil && !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("unpack %q: %w", h.Name, err)
			}
			continue
		case h.Size > maxMember:
			return nil, fmt.Errorf("unpack %q: it has %d bytes, at most %d are read", h.Name, h.Size, maxMember)
		case members[base] != nil:
			return nil, fmt.Errorf("unpack %q: it is there twice", h.Name)
		}
		if total += h.Size; total > maxMember {
			return nil, fmt.Errorf("unpack %q: the archive has more than %d bytes", h.Name, maxMember)
		}
		data := make([]byte, h.Size) // at once: growing would take twice as much
		if _, err := io.ReadFull(tr, data); err != nil {
			return nil, fmt.Errorf("unpack %q: %w", h.Name, err)
		}
		members[base] = data
	}
	for name, files := range versions {
		if members[name] != nil {
			return files(members)
		}
	}
	return nil, errors.New("it holds neither train nor train.bin, so it is no archive of CIFAR-100")
}

// The members that are read. The rest, such as file.txt~, is left alone.
var wanted = map[string]bool{
	"train": true, "test": true, "meta": true,
	"train.bin": true, "test.bin": true, "fine_label_names.txt": true, "coarse_label_names.txt": true,
}

// versions reads each version, by the member that only it has.
var versions = map[string]func(map[string][]byte) (*Archive, error){"train": fromPickles, "train.bin": fromBinary}

// check is what both versions have in common: every row has a class and a group that have names.
func (a *Archive) check() error {
	if len(a.Fine) == 0 || len(a.Coarse) == 0 {
		return errors.New("the classes have no names")
	}
	for _, half := range []struct {
		name string
		set  *Set
	}{{"train", &a.Train}, {"test", &a.Test}} {
		for i, r := range half.set.Rows {
			if r.Fine < 0 || r.Fine >= len(a.Fine) || r.Coarse < 0 || r.Coarse >= len(a.Coarse) {
				return fmt.Errorf("%s: row %d is of class %d and group %d, there are %d and %d", half.name, i, r.Fine, r.Coarse, len(a.Fine), len(a.Coarse))
			}
		}
	}
	return nil
}
