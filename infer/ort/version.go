package ort

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// The marks that a library carries of its version: the ELF version definition of its symbols, the install name of a Mach-O
// library, and the string that OrtGetApiBase()->GetVersionString() returns.
var (
	elfVersion   = regexp.MustCompile(`^VERS_(\d+\.\d+\.\d+)$`)
	machoVersion = regexp.MustCompile(`libonnxruntime\.(\d+\.\d+\.\d+)\.dylib`)
	textVersion  = regexp.MustCompile(`\x00(1\.\d{1,3}\.\d{1,3})\x00`)
)

// maxScan bounds how much of a Windows library is read to find its version; the published ones are 16 MB.
const maxScan = 256 << 20

// versionOf reads the version that a library file says it is. Errors wrap [ErrVersion] when it says none.
func versionOf(file io.ReaderAt) (string, error) {
	var magic [4]byte
	if _, err := file.ReadAt(magic[:], 0); err != nil {
		return "", fmt.Errorf("%w: too short for a library", ErrVersion)
	}
	switch {
	case string(magic[:]) == elf.ELFMAG:
		return elfVersionOf(file)
	case string(magic[:2]) == "MZ":
		data, err := io.ReadAll(io.NewSectionReader(file, 0, maxScan))
		if err != nil {
			return "", err
		}
		for _, m := range textVersion.FindAllSubmatch(data, -1) {
			if string(m[1]) == Version || bytes.Contains(data, []byte("OrtGetApiBase")) {
				return string(m[1]), nil
			}
		}
		return "", fmt.Errorf("%w: it does not say that it is ONNX Runtime", ErrVersion)
	default:
		return machoVersionOf(file)
	}
}

func elfVersionOf(file io.ReaderAt) (string, error) {
	f, err := elf.NewFile(file)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrVersion, err)
	}
	defer f.Close()
	versions, err := f.DynamicVersions()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrVersion, err)
	}
	for _, v := range versions {
		if m := elfVersion.FindStringSubmatch(v.Name); m != nil {
			return m[1], nil
		}
	}
	// Debian builds without symbol versions, but names the library by its version.
	names, err := f.DynString(elf.DT_SONAME)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrVersion, err)
	}
	for _, name := range names {
		if v, ok := strings.CutPrefix(name, "libonnxruntime.so."); ok {
			return v, nil
		}
	}
	return "", fmt.Errorf("%w: it does not say that it is ONNX Runtime", ErrVersion)
}

func machoVersionOf(file io.ReaderAt) (string, error) {
	var loads []macho.Load
	if f, err := macho.NewFile(file); err == nil {
		loads = f.Loads
	} else if fat, err := macho.NewFatFile(file); err == nil && len(fat.Arches) > 0 {
		loads = fat.Arches[0].Loads
	} else {
		return "", fmt.Errorf("%w: neither an ELF, a Mach-O nor a Windows library", ErrVersion)
	}
	for _, load := range loads {
		if m := machoVersion.FindSubmatch(load.Raw()); m != nil {
			return string(m[1]), nil
		}
	}
	return "", fmt.Errorf("%w: it does not say that it is ONNX Runtime", ErrVersion)
}
