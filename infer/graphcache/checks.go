package graphcache

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// castagnoli has an instruction on every processor of note, so that a gigabyte takes a tenth of a second.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checks is an entry's last file. It says what the others must be.
type checks struct {
	Version int `json:"version"`
	Key
	Files map[string]check `json:"files"`
}

type check struct {
	Bytes  int64  `json:"bytes"`
	CRC32C uint32 `json:"crc32c"`
}

// maxChecks bounds the file; it has two files to tell of.
const maxChecks = 64 << 10

// readChecks reads an entry's checks.
func readChecks(entry string) (checks, error) {
	var c checks
	file, err := os.Open(filepath.Join(entry, checksName))
	if errors.Is(err, fs.ErrNotExist) {
		if _, statErr := os.Lstat(entry); statErr == nil {
			return c, fmt.Errorf("%w: %q has no checks", ErrDamaged, entry)
		}
	}
	if err != nil {
		return c, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxChecks))
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return c, fmt.Errorf("%w: read checks of %q: %w", ErrDamaged, entry, err)
	}
	return c, nil
}

// verify compares every byte of an entry with its checks.
func verify(entry string, k Key) error {
	c, err := readChecks(entry)
	if err != nil {
		return err
	}
	if c.Version != version || c.Key != k {
		return fmt.Errorf("%w: %q is of another key", ErrDamaged, entry)
	}
	if _, ok := c.Files[graphName]; !ok {
		return fmt.Errorf("%w: %q has no graph", ErrDamaged, entry)
	}
	for name, want := range c.Files {
		if name != graphName && name != WeightsName {
			return fmt.Errorf("%w: %q tells of a file %.100q", ErrDamaged, entry, name)
		}
		got, err := checkOf(filepath.Join(entry, name))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if got != want {
			return fmt.Errorf("%w: %q has %d bytes of CRC-32C %08x, %d of %08x were written", ErrDamaged,
				filepath.Join(entry, name), got.Bytes, got.CRC32C, want.Bytes, want.CRC32C)
		}
	}
	return nil
}

// checkOf reads a whole file.
func checkOf(path string) (check, error) {
	if info, err := os.Lstat(path); err != nil {
		return check{}, err
	} else if !info.Mode().IsRegular() {
		return check{}, fmt.Errorf("%q is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return check{}, err
	}
	defer file.Close()
	sum := crc32.New(castagnoli)
	// The buffer stays in a core's cache, so that the sum is taken of it there.
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{file}, make([]byte, 256<<10))
	if err != nil {
		return check{}, err
	}
	return check{n, sum.Sum32()}, nil
}
