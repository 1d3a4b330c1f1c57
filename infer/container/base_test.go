package container

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"testing"
)

// TestBaseFollowsLinks reads files of a base image through links in every part of a path, none of which leads out of it.
func TestBaseFollowsLinks(t *testing.T) {
	var flat bytes.Buffer
	w := tar.NewWriter(&flat)
	for _, h := range []tar.Header{
		{Name: "lib", Typeflag: tar.TypeSymlink, Linkname: "usr/lib"},
		{Name: "usr/lib/libc.so.6", Typeflag: tar.TypeSymlink, Linkname: "../../../../usr/lib/libc-2.36.so"},
		{Name: "usr/lib/libbeside.so", Typeflag: tar.TypeSymlink, Linkname: "libc-2.36.so"},
		{Name: "usr/lib/libhard.so", Typeflag: tar.TypeLink, Linkname: "usr/lib/libc-2.36.so"},
		{Name: "usr/lib/loop.so", Typeflag: tar.TypeSymlink, Linkname: "loop2.so"},
		{Name: "usr/lib/loop2.so", Typeflag: tar.TypeSymlink, Linkname: "loop.so"},
		{Name: "usr/lib/libc-2.36.so", Typeflag: tar.TypeReg, Size: 4},
		{Name: "var/lib/dpkg/status.d/libc6", Typeflag: tar.TypeReg, Size: int64(len(libc6))},
		{Name: "usr/bin/large", Typeflag: tar.TypeReg, Size: 3},
	} {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		content := map[int64]string{4: "libc", 3: "big", int64(len(libc6)): libc6}[h.Size]
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b := &base{files: map[string][]byte{}, links: map[string]string{}}
	if err := b.scan(&flat); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"/lib/libc.so.6": "libc", "/usr/lib/libc.so.6": "libc", "/lib/libhard.so": "libc", "/lib/libbeside.so": "libc",
		"/lib/loop.so": "", "/usr/bin/large": "", "/lib/none.so": "",
	} {
		data, err := b.read(name)
		if string(data) != want || want == "" && err == nil {
			t.Errorf("read(%q) = %q, %v, want %q", name, data, err, want)
		}
	}
	if _, err := b.read("/lib/none.so"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if len(b.packages) != 1 || b.packages[0] != (debian{Name: "libc6", Version: "2.36-9", Arch: "amd64", Source: "glibc", Maintainer: "Somebody <a@b>"}) {
		t.Errorf("packages are %+v", b.packages)
	}
}

const libc6 = "Package: libc6\nSource: glibc\nVersion: 2.36-9\nArchitecture: amd64\nMaintainer: Somebody <a@b>\nDescription: GNU C Library\n contains a\n Version: none\n"

// TestStanza reads back what is written for scanners.
func TestStanza(t *testing.T) {
	want := debian{Name: "libstdc++6", Version: "12.2.0-14+deb12u1", Arch: "arm64", Source: "gcc-12"}
	got := parseStatus(append(want.stanza(), want.stanza()...))
	if len(got) != 2 || got[0] != want || got[1] != want {
		t.Errorf("parseStatus gives %+v, want %+v twice", got, want)
	}
}
