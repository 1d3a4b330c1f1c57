package container

import (
	"bytes"
	"debug/elf"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// A memory is a tree of made-up files.
type memory map[string][]byte

func (m memory) read(name string) ([]byte, error) {
	if data, ok := m[name]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (m memory) describe() string { return "the tree" }

const (
	amd64Loader = "/lib64/ld-linux-x86-64.so.2"
	arm64Loader = "/lib/ld-linux-aarch64.so.1"
)

// machine is a tree with the libraries of a C++ program, where Debian has them.
func machine(arch Arch, loader string) memory {
	m, dir := machines[arch], "/usr/lib/"+triplets[arch]+"/"
	return memory{
		loader:                   elfFile{machine: m, defines: []string{"GLIBC_2.34"}}.bytes(),
		dir + "libc.so.6":        elfFile{machine: m, defines: []string{"GLIBC_2.17", "GLIBC_2.34"}}.bytes(),
		dir + "libstdc++.so.6":   elfFile{machine: m, needed: []string{"libm.so.6", "libc.so.6"}, asks: map[string][]string{"libc.so.6": {"GLIBC_2.17"}}, defines: []string{"GLIBCXX_3.4"}}.bytes(),
		dir + "libm.so.6":        elfFile{machine: m, needed: []string{"libc.so.6"}}.bytes(),
		"/usr/lib/libm.so.6":     []byte("/* GNU ld script */"),
		"/usr/lib64/libm.so.6":   elfFile{machine: elf.EM_386}.bytes(),
		dir + "libunused.so.6":   elfFile{machine: m}.bytes(),
		"/lib/libelsewhere.so.1": elfFile{machine: m}.bytes(),
	}
}

// program makes the root of a search.
func program(t *testing.T, e elfFile) []root {
	t.Helper()
	o, err := readObject(bytes.NewReader(e.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return []root{{"the program", o}}
}

func TestClosure(t *testing.T) {
	for arch, loader := range map[Arch]string{AMD64: amd64Loader, ARM64: arm64Loader} {
		needs := elfFile{
			machine: machines[arch], interp: loader, needed: []string{"libstdc++.so.6", "libc.so.6", "libelsewhere.so.1"},
			asks: map[string][]string{"libc.so.6": {"GLIBC_2.34", "GLIBC_2.17"}, "libstdc++.so.6": {"GLIBCXX_3.4"}},
		}
		found, err := closure(machine(arch, loader), arch, program(t, needs))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range found {
			got = append(got, l.path)
		}
		dir := "usr/lib/" + triplets[arch] + "/"
		want := []string{loader[1:], dir + "libstdc++.so.6", dir + "libc.so.6", "lib/libelsewhere.so.1", dir + "libm.so.6"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: closure is %v, want %v", arch, got, want)
		}
	}
}

// TestCrossCompiler finds libraries where Debian's packages for another architecture have them, and puts them where their loader looks.
func TestCrossCompiler(t *testing.T) {
	tree := memory{}
	for name, data := range machine(ARM64, arm64Loader) {
		base := name[strings.LastIndexByte(name, '/')+1:]
		if strings.HasPrefix(name, "/usr/lib/aarch64-linux-gnu/") || name == arm64Loader {
			tree["/usr/aarch64-linux-gnu/lib/"+base] = data
		}
	}
	found, err := closure(tree, ARM64, program(t, elfFile{machine: elf.EM_AARCH64, interp: arm64Loader, needed: []string{"libc.so.6"}}))
	if err != nil || len(found) != 2 || found[0].path != arm64Loader[1:] || found[1].path != "usr/lib/aarch64-linux-gnu/libc.so.6" {
		t.Errorf("closure is %+v, %v", found, err)
	}
}

func TestClosureRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		program elfFile
		change  func(memory)
		want    string
	}{
		"missing library": {elfFile{needed: []string{"libgone.so.1"}}, nil, "the program needs libgone.so.1, which the tree does not have"},
		"missing below":   {elfFile{needed: []string{"libstdc++.so.6"}}, func(m memory) { delete(m, "/usr/lib/x86_64-linux-gnu/libm.so.6") }, "libstdc++.so.6 needs libm.so.6"},
		"no loader":       {elfFile{interp: "/lib/ld-musl-x86_64.so.1"}, nil, "needs /lib/ld-musl-x86_64.so.1"},
		"too old":         {elfFile{needed: []string{"libc.so.6"}, asks: map[string][]string{"libc.so.6": {"GLIBC_2.38"}}}, nil, "the program needs GLIBC_2.38 of libc.so.6"},
		"other machine": {elfFile{needed: []string{"libc.so.6"}}, func(m memory) {
			m["/usr/lib/x86_64-linux-gnu/libc.so.6"] = elfFile{machine: elf.EM_AARCH64}.bytes()
		}, "is for EM_AARCH64"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := machine(AMD64, amd64Loader)
			if c.change != nil {
				c.change(tree)
			}
			c.program.machine = elf.EM_X86_64
			_, err := closure(tree, AMD64, program(t, c.program))
			var input *inputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) || input.Hint() == "" {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
