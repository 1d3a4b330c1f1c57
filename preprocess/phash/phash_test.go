package phash_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"golang.org/x/image/draw"

	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// level is a brightness of 0 to 255, cut there.
func level(v float64) uint8 { return uint8(255*min(max(v, 0), 1) + 0.5) }

// fingerprint of an encoded picture.
func fingerprint(t *testing.T, data []byte) phash.Fingerprint {
	t.Helper()
	reader, err := phash.NewReader(preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := reader.Fingerprint(preprocess.Image{Name: "x", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asJPEG(t *testing.T, m image.Image, quality int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// change maps every pixel of a picture.
func change(m *image.NRGBA, f func(x, y int) color.NRGBA) *image.NRGBA {
	to := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			to.SetNRGBA(x, y, f(x, y))
		}
	}
	return to
}

func TestCopiesAreNearAndOthersAreNot(t *testing.T) {
	const pictures = 40
	var all []phash.Fingerprint
	for seed := range uint64(pictures) {
		m := phashtest.Scene(seed, 96, 72)
		original := fingerprint(t, asPNG(t, m))
		all = append(all, original)
		doubled := image.NewNRGBA(image.Rect(0, 0, 211, 150))
		draw.CatmullRom.Scale(doubled, doubled.Rect, m, m.Rect, draw.Src, nil)
		brighter := change(m, func(x, y int) color.NRGBA {
			c := m.NRGBAAt(x, y)
			return color.NRGBA{level(float64(c.R) / 255 * 1.15), level(float64(c.G) / 255 * 1.15), level(float64(c.B) / 255 * 1.15), 255}
		})
		for name, data := range map[string][]byte{"JPEG 90": asJPEG(t, m, 90), "JPEG 50": asJPEG(t, m, 50), "resized": asPNG(t, doubled), "brighter": asPNG(t, brighter)} {
			if d := original.Hash.Distance(fingerprint(t, data).Hash); d > phash.Near {
				t.Errorf("picture %d, %s: distance %d, want %d at most", seed, name, d, phash.Near)
			}
		}
		width := m.Rect.Dx()
		mirrored := fingerprint(t, asPNG(t, change(m, func(x, y int) color.NRGBA { return m.NRGBAAt(width-1-x, y) })))
		if d := original.Hash.Mirrored().Distance(mirrored.Hash); d > 4 {
			t.Errorf("picture %d, mirrored: distance %d, want about 0", seed, d)
		}
	}
	for i := range all {
		for j := range i {
			for name, h := range map[string]phash.Hash{"": all[i].Hash, ", mirrored": all[i].Hash.Mirrored()} {
				if d := h.Distance(all[j].Hash); d <= phash.Near+20 {
					t.Errorf("pictures %d and %d%s: distance %d, they are not the same", i, j, name, d)
				}
				for _, limit := range []int{0, phash.Near, 126, 127, 128, 255} {
					if d := h.Distance(all[j].Hash); h.Within(all[j].Hash, limit) != (d <= limit) {
						t.Errorf("distance %d is within %d: %v", d, limit, h.Within(all[j].Hash, limit))
					}
				}
			}
		}
	}
}

func TestSameBytesAndSamePixels(t *testing.T) {
	m := phashtest.Scene(1, 50, 40)
	data := asPNG(t, m)
	one, two := fingerprint(t, data), fingerprint(t, bytes.Clone(data))
	if one != two {
		t.Errorf("the same file has two fingerprints: %v and %v", one, two)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	other := fingerprint(t, out.Bytes())
	if other.File == one.File || other.Pixels != one.Pixels || other.Hash != one.Hash {
		t.Errorf("another file of the same pixels: file %v, pixels %v, hash %v", other.File == one.File, other.Pixels == one.Pixels, other.Hash == one.Hash)
	}
	turned := fingerprint(t, asPNG(t, phashtest.Scene(1, 40, 50)))
	if turned.Pixels == one.Pixels {
		t.Error("40 × 50 and 50 × 40 pixels are taken for the same")
	}
}

func TestFlatPicturesHaveNoHash(t *testing.T) {
	for _, grey := range []uint8{0, 127, 255} {
		plain := change(image.NewNRGBA(image.Rect(0, 0, 30, 20)), func(int, int) color.NRGBA { return color.NRGBA{grey, grey, grey, 255} })
		if f := fingerprint(t, asPNG(t, plain)); !f.Flat {
			t.Errorf("a picture of level %d throughout has the hash %x", grey, f.Hash)
		}
	}
	if fingerprint(t, asPNG(t, phashtest.Scene(3, 32, 32))).Flat {
		t.Error("a scene is taken for flat")
	}
}
