package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scones-unlimited/scones/model/onnx"
)

// readBounded reads a whole file of at most limit bytes. A pipe is not opened: it would wait for ever.
func readBounded(name string, limit int64) ([]byte, error) {
	if info, err := os.Stat(name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %q: not a regular file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %q: more than %d bytes, the limit", name, limit)
	}
	return data, nil
}

// hashModel identifies the weights wherever they lie. A file beside the model that is missing is left for the runtime to name.
func hashModel(path string, sides []string) (string, error) {
	sum, err := hashFile(path)
	if err != nil || len(sides) == 0 {
		return sum, err
	}
	h := sha256.New()
	fmt.Fprintln(h, sum)
	for _, side := range sides {
		sum, err := hashSide(filepath.Join(filepath.Dir(path), filepath.FromSlash(side)))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %q\n", sum, side)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashSide gives "" for a file that is not there. A pipe is not opened.
func hashSide(path string) (string, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("read %q: %w: not a regular file", path, onnx.ErrFormat)
	}
	return hashFile(path)
}

func hashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("read %q: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
