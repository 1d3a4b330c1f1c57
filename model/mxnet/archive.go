package mxnet

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

const (
	// Weights shrink by a tenth when packed; an archive may still grow to freeBytes, or to maxRatio times its size, which no
	// trained network reaches, but never beyond maxBytes.
	freeBytes = 256 << 20
	maxRatio  = 100
	maxBytes  = 8 << 30
)

// IsArchive tells whether the file at path starts like a tar archive, gzipped or not. It does not tell whether the archive holds
// an artifact.
func IsArchive(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false // opening a pipe would block
	}
	in, err := os.Open(path)
	if err != nil {
		return false
	}
	defer in.Close()
	head := make([]byte, 262)
	n, _ := io.ReadFull(in, head)
	return bytes.HasPrefix(head[:n], gzipMark) || n == len(head) && bytes.Equal(head[257:262], []byte("ustar"))
}

// gzipMark starts a gzip file (RFC 1952, section 2.3.1).
var gzipMark = []byte{0x1f, 0x8b}

// archive collects from a tar file, gzipped or not, and returns its SHA-256.
func (c *collection) archive(name string) (sum string, err error) {
	in, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	packed := bufio.NewReaderSize(io.TeeReader(in, hash), 64<<10)
	if err := c.stream(packed, info.Size()); err != nil {
		return "", err
	}
	if _, err := io.Copy(io.Discard, packed); err != nil { // the hash covers what lies behind the last member too
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// stream collects from the bytes of an archive of the given size.
func (c *collection) stream(packed *bufio.Reader, size int64) error {
	head, err := packed.Peek(2)
	if err != nil {
		return fmt.Errorf("%w: the file is too short for an archive", ErrArtifact)
	}
	var plain io.Reader = packed
	if bytes.Equal(head, gzipMark) {
		unzip, err := gzip.NewReader(packed)
		if err != nil {
			return fmt.Errorf("%w: reading gzip: %w", ErrArtifact, err)
		}
		defer unzip.Close()
		plain = unzip
	}
	limit := min(maxBytes, max(freeBytes, size*maxRatio))
	plain = &limited{r: plain, left: limit, limit: limit}
	if err := c.tar(plain, limit); err != nil {
		return err
	}
	// gzip's checksum comes last, and only who reads to the end has it verified.
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return brokenArchive("reading to the end", err)
	}
	return nil
}

// limited fails when more than limit bytes come out.
type limited struct {
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("%w: it unpacks to more than %d bytes", ErrArtifact, l.limit)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// tar collects from a tar stream. Sparse members are refused, for their size says nothing about the bytes behind it.
func (c *collection) tar(r io.Reader, limit int64) error {
	members := tar.NewReader(r)
	for {
		h, err := members.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return brokenArchive("reading tar", err)
		}
		if err := checkMember(h); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
			h.Name = ".folder" // counted, and left alone
		}
		if h.Size > limit {
			return fmt.Errorf("%w: member %.200q claims %d bytes", ErrArtifact, h.Name, h.Size)
		}
		err = c.add(h.Name, func() (io.Reader, int64, error) { return members, h.Size, nil })
		if err != nil {
			return brokenArchive(fmt.Sprintf("member %.200q", h.Name), err)
		}
	}
}

// brokenArchive marks what the decoders of the standard library say as a fault of the archive. Faults of this machine, such as
// a full disk, stay what they are.
func brokenArchive(doing string, err error) error {
	if _, system := errors.AsType[*fs.PathError](err); system || errors.Is(err, ErrArtifact) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, ErrArtifact, err)
}

// checkMember refuses names that lead elsewhere and everything that is no regular file or folder.
func checkMember(h *tar.Header) error {
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeDir, tar.TypeXGlobalHeader:
	case tar.TypeSymlink, tar.TypeLink:
		return fmt.Errorf("%w: member %.200q is a link to %.200q", ErrArtifact, h.Name, h.Linkname)
	default:
		return fmt.Errorf("%w: member %.200q is no regular file (tar type %q)", ErrArtifact, h.Name, h.Typeflag)
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return fmt.Errorf("%w: member %.200q is sparse", ErrArtifact, h.Name)
		}
	}
	slashed := strings.ReplaceAll(h.Name, `\`, "/")
	if path.IsAbs(slashed) || len(slashed) > 1 && slashed[1] == ':' {
		return fmt.Errorf("%w: member %.200q has an absolute name", ErrArtifact, h.Name)
	}
	for part := range strings.SplitSeq(slashed, "/") {
		if part == ".." {
			return fmt.Errorf("%w: member %.200q leaves the archive", ErrArtifact, h.Name)
		}
	}
	return nil
}
