package container

import (
	"bytes"
	"debug/elf"
	"testing"
)

// FuzzObject reads any file as an ELF file, as those of a base image are read.
func FuzzObject(f *testing.F) {
	f.Add(elfFile{machine: elf.EM_X86_64, interp: amd64Loader, needed: []string{"libc.so.6"}, asks: map[string][]string{"libc.so.6": {"GLIBC_2.34"}}, defines: []string{"V"}}.bytes())
	f.Add(elfFile{machine: elf.EM_AARCH64}.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := readObject(bytes.NewReader(data))
		if (o == nil) == (err == nil) {
			t.Errorf("%v and %v", o, err)
		}
	})
}
