package container_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/container"
)

// elf is the begin of a 64-bit ELF file for a machine, without a section or a segment.
func elf(machine byte) []byte {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20], header[52] = 3, machine, 1, 64 // shared object, machine, version, size of the header
	return header
}

// TestBuildRefuses names programs that no container could run.
func TestBuildRefuses(t *testing.T) {
	const x86, arm = 62, 183 // EM_X86_64, EM_AARCH64
	for name, c := range map[string]struct {
		arch    container.Arch
		program []byte
		want    string
	}{
		"no program":         {container.AMD64, []byte("#!/bin/sh\n"), "is not a Linux one"},
		"other architecture": {container.AMD64, elf(arm), "is for EM_AARCH64, the image is to be for amd64"},
		"static":             {container.ARM64, elf(arm), "was built without cgo"},
		"static too":         {container.AMD64, elf(x86), "was built without cgo"},
		"unknown":            {"riscv64", elf(x86), "must be amd64 or arm64"},
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "scones")
			if err := os.WriteFile(program, c.program, 0o755); err != nil {
				t.Fatal(err)
			}
			image, err := container.Build(t.Context(), container.Options{Arch: c.arch, Binary: program, Runtime: program})
			if !errors.Is(err, container.ErrInput) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want %s", image, err, c.want)
			}
		})
	}
}
