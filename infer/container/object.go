package container

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An object is what an ELF file says of itself and asks of others.
type object struct {
	machine elf.Machine
	// interp is the dynamic loader; empty for libraries and for static programs.
	interp  string
	needed  []string // names of libraries
	runpath []string // folders to look into first
	// asks are symbol versions by the library that must define them, such as GLIBC_2.34 of libc.so.6.
	asks map[string][]string
	// defines are the versions that it defines.
	defines map[string]bool
}

// maxInterp bounds the path of the loader.
const maxInterp = 4096

// readObject reads an ELF file's dynamic section.
func readObject(r io.ReaderAt) (*object, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	o := &object{machine: f.Machine, asks: map[string][]string{}, defines: map[string]bool{}}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		if p.Filesz > maxInterp {
			return nil, errors.New("the path of its loader is too long")
		}
		path := make([]byte, p.Filesz)
		if _, err := p.ReadAt(path, 0); err != nil {
			return nil, fmt.Errorf("read the path of its loader: %w", err)
		}
		o.interp = strings.TrimRight(string(path), "\x00")
	}
	if f.SectionByType(elf.SHT_DYNAMIC) == nil {
		return o, nil
	}
	if o.needed, err = f.ImportedLibraries(); err != nil {
		return nil, err
	}
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		paths, err := f.DynString(tag)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			for dir := range strings.SplitSeq(path, ":") {
				if strings.HasPrefix(dir, "/") { // others depend on where the file lies
					o.runpath = append(o.runpath, dir)
				}
			}
		}
	}
	if needs, err := f.DynamicVersionNeeds(); err == nil { // an error says that there are none
		for _, need := range needs {
			for _, dep := range need.Needs {
				if dep.Flags&elf.VER_FLG_WEAK == 0 {
					o.asks[need.Name] = append(o.asks[need.Name], dep.Dep)
				}
			}
		}
	}
	if versions, err := f.DynamicVersions(); err == nil {
		for _, v := range versions {
			o.defines[v.Name] = true
		}
	}
	return o, nil
}
