package preprocess

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// What is wrong with a file has the same code with both decoders.
func TestBrokenJPEGWithBothDecoders(t *testing.T) {
	lib := turboLibrary(t)
	files, err := filepath.Glob(filepath.Join("..", "testdata", "broken", "jpeg-*"))
	if err != nil || len(files) < 12 {
		t.Fatalf("%d broken pictures (%v), want at least 12", len(files), err)
	}
	turbo, plain := mustPipeline(t, recipes()["squash32"]), mustPipeline(t, recipes()["squash32"])
	turbo.turbo, plain.turbo = lib, nil
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, byTurbo := turbo.Decode(data)
		_, byGo := plain.Decode(data)
		if byTurbo == nil || byGo == nil || CodeOf(byTurbo) != CodeOf(byGo) {
			t.Errorf("%s: libjpeg-turbo %v, Go %v, want one code", filepath.Base(file), byTurbo, byGo)
		}
	}
}

// A file cut anywhere is truncated, and one that lacks only the end marker is whole unless libjpeg needs the marker.
func TestCutJPEG(t *testing.T) { withBothDecoders(t, testCut) }

func testCut(t *testing.T, _ bool, turbo *turbojpeg.Library) {
	for name, whole := range map[string]bool{"jpeg-420-33x31.jpg": true, "jpeg-progressive.jpg": false, "jpeg-cmyk.jpg": true} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "modes", "images", name))
		if err != nil {
			t.Fatal(err)
		}
		p := mustPipeline(t, plainInput(3))
		p.turbo = turbo
		want, err := p.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Decode(bytes.TrimSuffix(data, jpegEnd))
		if whole && (err != nil || !bytes.Equal(got.Pix, want.Pix)) {
			t.Errorf("%s without its end marker: %v, or another picture", name, err)
		}
		if !whole && CodeOf(err) != CodeTruncated {
			t.Errorf("%s without its end marker: %v, want %s", name, err, CodeTruncated)
		}
		for n := 3; n < len(data)-40; n += 7 {
			if _, err := p.Decode(data[:n]); err == nil || CodeOf(err) != CodeTruncated {
				t.Errorf("%s, %d of %d bytes: %v, want %s", name, n, len(data), err, CodeTruncated)
			}
		}
	}
}

// What follows the picture, and bytes between its segments, change nothing.
func TestExtraneousJPEGBytes(t *testing.T) { withBothDecoders(t, testExtraneous) }

func testExtraneous(t *testing.T, _ bool, turbo *turbojpeg.Library) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "modes", "images", "jpeg-420-33x31.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	p := mustPipeline(t, plainInput(3))
	p.turbo = turbo
	want, err := p.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	tables := bytes.Index(data, []byte{0xff, 0xdb})
	for name, odd := range map[string][]byte{
		"appended": append(bytes.Clone(data), "a film"...),
		"between":  bytes.Join([][]byte{data[:tables], data[tables:]}, []byte{0, 0, 0}),
	} {
		got, err := p.Decode(odd)
		if err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("bytes %s: %v, or another picture", name, err)
		}
	}
}

// How often the decoders agree on damaged files; each gives a picture or an error with a code.
func TestDamagedJPEGVerdicts(t *testing.T) {
	lib := turboLibrary(t)
	data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "modes", "images", "jpeg-420-33x31.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	turbo, plain := mustPipeline(t, plainInput(3)), mustPipeline(t, plainInput(3))
	turbo.turbo, plain.turbo = lib, nil
	random := rand.New(rand.NewPCG(3, 4))
	counts := map[[2]bool]int{} // accepted by libjpeg-turbo, by Go
	const n = 3000
	for range n {
		damaged := bytes.Clone(data)
		damaged[random.IntN(len(data))] = uint8(random.Uint32())
		_, byTurbo := turbo.Decode(damaged)
		_, byGo := plain.Decode(damaged)
		counts[[2]bool{byTurbo == nil, byGo == nil}]++
	}
	t.Logf("of %d files with one byte changed (libjpeg-turbo, Go accept): %v", n, counts)
	if differ := counts[[2]bool{true, false}] + counts[[2]bool{false, true}]; differ > n/10 {
		t.Errorf("the decoders differ about %d of %d damaged files, want at most a tenth", differ, n)
	}
}

// Decoding a JPEG allocates nothing once the buffers are there.
func TestDecodeJPEGAllocatesNothing(t *testing.T) {
	lib := turboLibrary(t)
	for _, name := range []string{"jpeg-420-33x31.jpg", "jpeg-progressive.jpg", "jpeg-cmyk.jpg", "jpeg-grey.jpg"} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "modes", "images", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, channels := range []int{1, 3} {
			p := mustPipeline(t, plainInput(channels))
			p.turbo = lib
			if got := testing.AllocsPerRun(100, func() {
				pic, err := p.Decode(data)
				if err != nil {
					t.Fatal(err)
				}
				p.Release(pic)
			}); got > 0 {
				t.Errorf("%s to %d channels: %v allocations a picture, want none", name, channels, got)
			}
		}
	}
}

// A file that lacks a table never borrows that of the file before it.
func TestNoTablesOfTheLastJPEG(t *testing.T) {
	lib := turboLibrary(t)
	data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "modes", "images", "jpeg-420-33x31.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	p := mustPipeline(t, plainInput(3))
	p.turbo = lib
	at := bytes.Index(data, []byte{0xff, 0xdb}) // a quantisation table
	without := append(bytes.Clone(data[:at]), data[at+2+int(data[at+2])<<8+int(data[at+3]):]...)
	_, before := p.Decode(without)
	if _, err := p.Decode(data); err != nil {
		t.Fatal(err)
	}
	if _, after := p.Decode(without); before == nil || after == nil {
		t.Errorf("without a table: %v, and after a file that has it: %v, want errors", before, after)
	}
}
