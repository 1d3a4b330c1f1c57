package preprocess

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// A small progressive file of very many scans would keep its picture busy for minutes; what cameras append to a picture is no scan.
func TestJPEGScansAreBounded(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "modes", "images", "jpeg-progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	p := mustPipeline(t, plainInput(3))
	want, err := p.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	film := make([]byte, 1<<20)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range film {
		film[i] = uint8(random.IntN(256))
	}
	copy(film, bytes.Repeat([]byte{0xff, 0xda}, 1000))
	got, err := p.Decode(append(bytes.Clone(data), film...))
	if err != nil || !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("with a film appended: %v, or another picture", err)
	}

	scan := bytes.LastIndex(data, []byte{0xff, 0xda})
	end := bytes.LastIndex(data, []byte{0xff, 0xd9})
	many := append(bytes.Clone(data[:end]), bytes.Repeat(data[scan:end], maxScans)...)
	if _, err := p.Decode(append(many, 0xff, 0xd9)); CodeOf(err) != CodeCorrupt {
		t.Errorf("%d scans and more gave %v, want %s", maxScans, err, CodeCorrupt)
	}
}
