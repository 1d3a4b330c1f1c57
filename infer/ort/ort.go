// Package ort finds, verifies and installs the ONNX Runtime library that package infer loads.
//
// [Find] looks where the user points, in the user's cache and in the system's library folders. [Install] puts the library into
// the cache, from the official release or through the user's own Python package client. [Ensure] does the one or the other.
//
// Only one version is used, because scores of different versions differ in their last bits, and because the C interface that the
// program was built for must be there. What is installed, and what is loaded from the cache, must have a SHA-256 that stands in
// this package's source. A library that the user or the system provides is theirs: its version is checked, its hash is only shown.
//
// The package needs no cgo and loads nothing.
package ort

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Version of ONNX Runtime that is used. The C binding speaks its API 24.
const Version = "1.24.4"

// EnvLibrary is the environment variable that names the library file to use.
const EnvLibrary = "ONNXRUNTIME_LIB"

// ErrNotFound is wrapped when no usable library is on this machine; the message lists where it was looked for.
var ErrNotFound = errors.New("ONNX Runtime " + Version + " not found")

// ErrHash is wrapped when a file is not the one that this package's source names by its SHA-256.
var ErrHash = errors.New("wrong SHA-256")

// ErrVersion is wrapped when a library is another version of ONNX Runtime, or none that can be told.
var ErrVersion = errors.New("wrong version")

// Source says where a library was found.
type Source string

// The sources, in the order in which [Find] looks.
const (
	Named  Source = "named"  // by the user
	Cache  Source = "cache"  // installed by this package
	System Source = "system" // in a system library folder
)

// A Library is an ONNX Runtime library file. The zero value means none was chosen yet.
type Library struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	// SHA256 of the file, in lower-case hexadecimal.
	SHA256 string `json:"sha256"`
	// Pinned is true when the hash is one of this package's source.
	Pinned bool   `json:"pinned"`
	Source Source `json:"source"`
}

// Inspect reads a library file's version and hash without loading it. Errors wrap [ErrVersion] when it is not [Version].
func Inspect(path string) (Library, error) { return inspect(path, HashFile) }

func inspect(path string, hash func(path string) (string, error)) (Library, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Library{}, fmt.Errorf("inspect ONNX Runtime library %q: %w", path, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return Library{}, fmt.Errorf("open ONNX Runtime library: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return Library{}, fmt.Errorf("open ONNX Runtime library %q: not a regular file", path)
	}
	lib := Library{Path: path}
	if lib.Version, err = versionOf(file); err != nil {
		return Library{}, fmt.Errorf("inspect ONNX Runtime library %q: %w", path, err)
	}
	if lib.Version != Version {
		return Library{}, fmt.Errorf("ONNX Runtime library %q: %w: it is %s, %s is needed", path, ErrVersion, lib.Version, Version)
	}
	if lib.SHA256, err = hash(path); err != nil {
		return Library{}, fmt.Errorf("read ONNX Runtime library %q: %w", path, err)
	}
	lib.Pinned = pinned(lib.SHA256)
	return lib, nil
}

// Verify checks that the library at path, and every GPU provider that lies beside it and would be loaded with it, is a file that
// this package's source names. Errors wrap [ErrHash] or [ErrVersion].
func Verify(path string) (Library, error) { return verify(path, HashFile) }

func verify(path string, hash func(path string) (string, error)) (Library, error) {
	lib, err := inspect(path, hash)
	if err != nil {
		return lib, err
	}
	if !lib.Pinned {
		return lib, fmt.Errorf("ONNX Runtime library %q: %w: %s is none of the published files", path, ErrHash, lib.SHA256)
	}
	beside, err := filepath.Glob(filepath.Join(filepath.Dir(lib.Path), "*onnxruntime_providers_*"))
	if err != nil {
		return lib, fmt.Errorf("list providers of ONNX Runtime library %q: %w", path, err)
	}
	for _, provider := range beside {
		sum, err := hash(provider)
		if err != nil {
			return lib, fmt.Errorf("read ONNX Runtime provider: %w", err)
		}
		if !pinned(sum) {
			return lib, fmt.Errorf("ONNX Runtime provider %q: %w: %s is none of the published files", provider, ErrHash, sum)
		}
	}
	return lib, nil
}

// HashFile returns the SHA-256 of a file, in hexadecimal. Errors are those of [os.Open] and reading.
func HashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
