package container

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A tree is a root folder that libraries are looked for in: this machine's, a folder, or a base image.
type tree interface {
	// read returns a file's bytes by its absolute path, links followed. Errors wrap [fs.ErrNotExist] when there is none.
	read(name string) ([]byte, error)
	// describe names the tree in messages.
	describe() string
}

// A library is a shared library or the loader itself.
type library struct {
	name   string // as others ask for it
	path   string // in the image
	from   string // in the tree
	data   []byte
	object *object
}

// A root is where the search begins: a file that is in the image for its own sake.
type root struct {
	name   string // for messages
	object *object
}

// libraryDirs are the folders of an architecture's libraries, in the order of the search. The last is of Debian's cross-compilers,
// whose loader looks into the first.
func libraryDirs(arch Arch) []string {
	triplet := triplets[arch]
	return []string{"/usr/lib/" + triplet, "/usr/lib64", "/usr/lib", "/lib/" + triplet, "/lib64", "/lib", crossDir(arch)}
}

func crossDir(arch Arch) string { return "/usr/" + triplets[arch] + "/lib" }

// closure finds every library that the roots need, and what those need, and checks that each is of the architecture and defines the
// symbol versions that it is asked for.
func closure(t tree, arch Arch, roots []root) ([]library, error) {
	found := map[string]*library{}
	var order []string
	add := func(l *library) {
		found[l.name] = l
		order = append(order, l.name)
	}
	for _, r := range roots {
		if r.object.interp == "" || found[path.Base(r.object.interp)] != nil {
			continue
		}
		loader, err := findLoader(t, arch, r.object.interp)
		if err != nil {
			return nil, missing(t, arch, r.object.interp, r.name, err)
		}
		add(loader)
	}
	wanting := slices.Clone(roots)
	for len(wanting) > 0 {
		by := wanting[0]
		wanting = wanting[1:]
		for _, name := range by.object.needed {
			if found[name] != nil {
				continue
			}
			l, err := find(t, arch, name, by.object.runpath)
			if err != nil {
				return nil, missing(t, arch, name, by.name, err)
			}
			add(l)
			wanting = append(wanting, root{name, l.object})
		}
	}
	for _, name := range order {
		roots = append(roots, root{name, found[name].object})
	}
	for _, r := range roots {
		if err := checkVersions(t, r, found); err != nil {
			return nil, err
		}
	}
	libraries := make([]library, len(order))
	for i, name := range order {
		libraries[i] = *found[name]
	}
	return libraries, nil
}

// find looks for a library by name.
func find(t tree, arch Arch, name string, first []string) (*library, error) {
	err := fs.ErrNotExist
	for _, dir := range slices.Concat(first, libraryDirs(arch)) {
		l, cause := open(t, arch, path.Join(dir, name))
		if cause == nil {
			l.name = name
			if dir == crossDir(arch) {
				l.path = path.Join("usr/lib", triplets[arch], name)
			}
			return l, nil
		}
		if !errors.Is(cause, fs.ErrNotExist) {
			err = cause
		}
	}
	return nil, err
}

// findLoader looks for the loader where the program asks for it, and where cross-compilers have it.
func findLoader(t tree, arch Arch, interp string) (*library, error) {
	l, err := open(t, arch, interp)
	if err != nil {
		var cause error
		if l, cause = open(t, arch, path.Join(crossDir(arch), path.Base(interp))); cause != nil {
			return nil, err
		}
		l.path = strings.TrimPrefix(interp, "/")
	}
	l.name = path.Base(interp)
	return l, nil
}

func open(t tree, arch Arch, name string) (*library, error) {
	data, err := t.read(name)
	if err != nil {
		return nil, err
	}
	o, err := readObject(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err) // such as a linker script, which /usr/lib has as well
	}
	if o.machine != machines[arch] {
		return nil, fmt.Errorf("%s is for %v", name, o.machine)
	}
	return &library{path: strings.TrimPrefix(name, "/"), from: name, data: data, object: o}, nil
}

// checkVersions compares the symbol versions that a file asks for with those that its libraries define, as the loader will.
func checkVersions(t tree, r root, found map[string]*library) error {
	for name, versions := range r.object.asks {
		l := found[name]
		if l == nil || len(l.object.defines) == 0 {
			continue
		}
		for _, version := range versions {
			if !l.object.defines[version] {
				return &inputError{
					fmt.Sprintf("%s needs %s of %s, which %s does not have", r.name, version, name, t.describe()),
					"build the program on a system that is no newer than the container's, or take a newer --base",
				}
			}
		}
	}
	return nil
}

// missing says which library is not there and how to get it.
func missing(t tree, arch Arch, name, by string, err error) error {
	problem := fmt.Sprintf("%s needs %s, which %s does not have for %s", by, name, t.describe(), arch)
	if !errors.Is(err, fs.ErrNotExist) {
		problem += fmt.Sprintf(" (%v)", err)
	}
	hint := "take an image that has the C and C++ libraries, such as --base gcr.io/distroless/cc-debian13:nonroot, or name a folder that has them with --sysroot"
	if arch == ARM64 {
		hint += "; on Debian libstdc++6-arm64-cross has them"
	}
	return &inputError{problem, hint}
}
