package container

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"slices"
)

// An elfFile is what a made-up ELF file says of itself: no code, and all that the dynamic loader looks at.
type elfFile struct {
	machine elf.Machine
	interp  string
	needed  []string
	// asks are version names by library, defines those that it has.
	asks    map[string][]string
	defines []string
}

// bytes writes the file: a header, a segment for the loader's path, and sections for names, symbols, versions and the dynamic table.
func (e elfFile) bytes() []byte {
	order := binary.LittleEndian
	names := []byte{0}
	name := func(text string) uint32 {
		at := uint32(len(names))
		names = append(append(names, text...), 0)
		return at
	}
	var dynamic, needs, defines bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, order, v) // into memory
		}
	}
	for _, library := range e.needed {
		put(&dynamic, int64(elf.DT_NEEDED), uint64(name(library)))
	}
	put(&dynamic, int64(elf.DT_NULL), uint64(0))
	libraries := make([]string, 0, len(e.asks))
	for library := range e.asks {
		libraries = append(libraries, library)
	}
	slices.Sort(libraries)
	for i, library := range libraries { // Verneed and its Vernaux entries
		versions := e.asks[library]
		next := uint32(16 + 16*len(versions))
		if i == len(libraries)-1 {
			next = 0
		}
		put(&needs, uint16(1), uint16(len(versions)), name(library), uint32(16), next)
		for j, version := range versions {
			following := uint32(16)
			if j == len(versions)-1 {
				following = 0
			}
			put(&needs, uint32(0), uint16(0), uint16(2), name(version), following)
		}
	}
	for i, version := range e.defines { // Verdef, each with one Verdaux
		next := uint32(28)
		if i == len(e.defines)-1 {
			next = 0
		}
		put(&defines, uint16(1), uint16(0), uint16(i+2), uint16(1), uint32(0), uint32(20), next, name(version), uint32(0))
	}
	type section struct {
		kind elf.SectionType
		link uint32
		data []byte
		size uint64
	}
	sections := []section{
		{elf.SHT_NULL, 0, nil, 0},
		{elf.SHT_STRTAB, 0, names, 0},
		{elf.SHT_DYNSYM, 1, make([]byte, 2*elf.Sym64Size), elf.Sym64Size},
		{elf.SHT_DYNAMIC, 1, dynamic.Bytes(), 16},
		{elf.SHT_GNU_VERSYM, 2, make([]byte, 4), 2},
	}
	if needs.Len() > 0 {
		sections = append(sections, section{elf.SHT_GNU_VERNEED, 1, needs.Bytes(), 0})
	}
	if defines.Len() > 0 {
		sections = append(sections, section{elf.SHT_GNU_VERDEF, 1, defines.Bytes(), 0})
	}
	const header, segment, entry = 64, 56, 64
	body := bytes.NewBuffer(append([]byte(e.interp), 0))
	at := uint64(header + segment)
	var table bytes.Buffer
	for _, s := range sections {
		offset := at + uint64(body.Len())
		body.Write(s.data)
		put(&table, uint32(0), uint32(s.kind), uint64(0), uint64(0), offset, uint64(len(s.data)), s.link, uint32(1), uint64(1), s.size)
	}
	var out bytes.Buffer
	segments := uint16(1)
	if e.interp == "" {
		segments = 0
	}
	out.Write([]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT), 0, 0, 0, 0, 0, 0, 0, 0, 0})
	put(&out, uint16(elf.ET_DYN), uint16(e.machine), uint32(1), uint64(0), uint64(header), at+uint64(body.Len()), uint32(0),
		uint16(header), uint16(segment), segments, uint16(entry), uint16(len(sections)), uint16(1))
	put(&out, uint32(elf.PT_INTERP), uint32(4), at, uint64(0), uint64(0), uint64(len(e.interp)+1), uint64(len(e.interp)+1), uint64(1))
	out.Write(body.Bytes())
	out.Write(table.Bytes())
	return out.Bytes()
}
