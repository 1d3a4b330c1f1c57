package mxnet

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// member is a file of an archive being made.
type member struct {
	name string
	data []byte
	kind byte // tar type, a regular file when 0
	link string
}

func pack(t testing.TB, members ...member) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.tar.gz")
	var raw bytes.Buffer
	zip := gzip.NewWriter(&raw)
	writer := tar.NewWriter(zip)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Size: int64(len(m.data)), Typeflag: m.kind, Linkname: m.link, Mode: 0o644}
		if m.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := writer.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writer.Close(), zip.Close(), os.WriteFile(path, raw.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// smallModel is the least that an artifact needs.
func smallModel(epochs ...int) []member {
	members := []member{
		{name: "net-symbol.json", data: []byte(`{"nodes":[{"op":"null","name":"data"},{"op":"relu","name":"r","inputs":[[0,0]]}],"heads":[[1,0]]}`)},
		{name: "model-shapes.json", data: []byte(`[{"name":"data","shape":[1,3,4,5]}]`)},
	}
	for _, e := range epochs {
		name := fmt.Sprintf("arg:w%d", e)
		data := bytes.Join([][]byte{listHead(1), arrayHead(1), u32(0), u64(1), u64(uint64(len(name))), []byte(name)}, nil)
		members = append(members, member{name: fmt.Sprintf("net-%04d.params", e), data: data})
	}
	return members
}

// TestOpenChoosesEpoch: the last checkpoint wherever it lies in the archive, or the one asked for.
func TestOpenChoosesEpoch(t *testing.T) {
	path := pack(t, smallModel(3, 12, 7)...)
	for _, c := range []struct{ ask, want int }{{0, 12}, {3, 3}, {7, 7}} {
		a, err := Open(path, Options{Epoch: c.ask})
		if err != nil {
			t.Fatal(err)
		}
		if a.Epoch != c.want || a.Arrays[fmt.Sprint("w", c.want)] == nil || !cmp.Equal(a.Epochs, []int{3, 7, 12}) {
			t.Errorf("epoch %d asked for gives %d of %v with arrays %v, want %d", c.ask, a.Epoch, a.Epochs, a.Arrays, c.want)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(path, Options{Epoch: 4}); !errors.Is(err, ErrArtifact) || !strings.Contains(err.Error(), "[3 7 12]") {
		t.Errorf("epoch 4 gives error %v, want ErrArtifact that lists the epochs", err)
	}
}

// TestOpenFolderAndTar: the same files unpacked, and in a tar that is not compressed, give the same artifact.
func TestOpenFolderAndTar(t *testing.T) {
	source := filepath.Join(testdata, "resnet20-32", "model.tar.gz")
	folder, plain := t.TempDir(), filepath.Join(t.TempDir(), "model.tar")
	unpack(t, source, folder, plain)
	want := weightsOf(t, source)
	for _, path := range []string{folder, plain} {
		if diff := cmp.Diff(want, weightsOf(t, path)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", path, diff)
		}
	}
}

func weightsOf(t *testing.T, path string) map[string][]float32 {
	t.Helper()
	a, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	values := map[string][]float32{}
	for name, array := range a.Arrays {
		if values[name], err = array.All(); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

func unpack(t *testing.T, archive, folder, plain string) {
	t.Helper()
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(plain, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, h.Name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestOpenHostile gives archives that lead elsewhere, lie or lack something. The message must name what is wrong.
func TestOpenHostile(t *testing.T) {
	good := smallModel(1)
	with := func(more ...member) string { return pack(t, append(smallModel(1), more...)...) }
	cut := func(keep float64) string {
		path := pack(t, good...)
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, data[:int(float64(len(data))*keep)], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct{ path, says string }{
		"parent":              {with(member{name: "../evil-symbol.json"}), "../evil"},
		"parent inside":       {with(member{name: "a/../../evil"}), "a/../../evil"},
		"backslash parent":    {with(member{name: `a\..\evil`}), `evil`},
		"absolute":            {with(member{name: "/etc/passwd"}), "/etc/passwd"},
		"drive":               {with(member{name: `C:\evil`}), `evil`},
		"symbolic link":       {with(member{name: "x", kind: tar.TypeSymlink, link: "/etc/passwd"}), "link"},
		"hard link":           {with(member{name: "x", kind: tar.TypeLink, link: "net-symbol.json"}), "link"},
		"device":              {with(member{name: "x", kind: tar.TypeChar}), "regular"},
		"pipe":                {with(member{name: "x", kind: tar.TypeFifo}), "regular"},
		"two symbols":         {with(member{name: "b-symbol.json", data: []byte("{}")}), "two symbols"},
		"foreign checkpoint":  {with(member{name: "other-0001.params"}), "two checkpoints"},
		"other prefix":        {pack(t, good[0], good[1], member{name: "other-0001.params", data: good[2].data}), "does not belong"},
		"no symbol":           {pack(t, good[1:]...), "symbol.json"},
		"no checkpoint":       {pack(t, good[:2]...), ".params"},
		"symbol too large":    {pack(t, member{name: "n-symbol.json", data: make([]byte, maxSymbolBytes+1)}), "n-symbol.json"},
		"broken symbol":       {pack(t, member{name: "net-symbol.json", data: []byte("{")}, good[1], good[2]), "net-symbol.json"},
		"broken shapes":       {pack(t, good[0], member{name: shapesName, data: []byte("{")}, good[2]), shapesName},
		"impossible shapes":   {pack(t, good[0], member{name: shapesName, data: []byte(`[{"name":"data","shape":[1,-3]}]`)}, good[2]), shapesName},
		"broken params":       {pack(t, good[0], good[1], member{name: "net-0001.params", data: []byte("abc")}), "net-0001.params"},
		"too many members":    {pack(t, make([]member, maxMembers+1)...), "files"},
		"cut in the middle":   {cut(0.5), "tar"},
		"checksum cut off":    {cut(0.99), ""},
		"empty file":          {cut(0), "short"},
		"not an archive":      {filepath.Join(testdata, "operators", "data.npy"), "tar"},
		"folder without file": {t.TempDir(), "symbol.json"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Open(c.path, Options{})
			if err == nil {
				a.Close()
			}
			if !errors.Is(err, ErrArtifact) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open gives error %v, want ErrArtifact that says %q", err, c.says)
			}
		})
	}
}

// TestOpenBomb packs gigabytes of zeros. Unpacking must stop at the limit, in little memory, and leave nothing behind.
func TestOpenBomb(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.tar.gz")
	var raw bytes.Buffer
	zip, err := gzip.NewWriterLevel(&raw, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	writer := tar.NewWriter(zip)
	const size = freeBytes/2 + 32<<20 // one fits, two do not
	zeros := make([]byte, 1<<20)
	for _, name := range []string{"net-0001.params", "net-0002.params"} {
		if err := writer.WriteHeader(&tar.Header{Name: name, Size: size, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		for range size / len(zeros) {
			if _, err := writer.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(writer.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if raw.Len()*maxRatio > freeBytes {
		t.Fatalf("the bomb has %d bytes, too many to test the limit", raw.Len())
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	temp := t.TempDir()
	_, err = Open(path, Options{TempDir: temp})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrArtifact) || !strings.Contains(err.Error(), "unpacks to more") {
		t.Errorf("Open gives error %v, want ErrArtifact that says it unpacks to more", err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("Open allocates %d bytes, want at most 4 MiB", grown)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("Open leaves %v behind (error %v)", left, err)
	}
}

// TestOpenChecksum flips one bit of the weights: gzip's checksum, which comes last, must be looked at.
func TestOpenChecksum(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testdata, "resnet20-32", "model.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-6] ^= 1
	path := filepath.Join(t.TempDir(), "model.tar.gz")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, gzip.ErrChecksum) || !errors.Is(err, ErrArtifact) {
		t.Errorf("Open gives error %v, want gzip.ErrChecksum and ErrArtifact", err)
	}
}
