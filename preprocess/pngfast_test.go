package preprocess

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// pngBothWays decodes a file as it is decoded and by package png alone.
func pngBothWays(data []byte, channels int) (fast bool, got, want *Picture, err error) {
	src, err := openPNG(data)
	if err != nil {
		return false, nil, nil, err
	}
	s := src.(*pngSource)
	if s.head.width < 1 || s.head.height < 1 || s.head.width > 4096 || s.head.height > 4096 {
		return false, nil, nil, nil // beyond the limits
	}
	got, want = new(Picture), new(Picture)
	fast = s.decodeFast(got, channels)
	s.plain = false
	return fast, got, want, s.decode(want, channels)
}

// What the own reader accepts package png accepts, with the same samples: whole files of every kind, broken ones and damaged ones,
// some of them with their checksums put right.
func TestPNGReaderAgreesWithPackagePNG(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	files, accepted, damagedAccepted := 0, 0, 0
	for _, folder := range []string{"images", "broken", "goldens/modes/images", "goldens/pillow/images"} {
		paths, err := filepath.Glob(filepath.Join("..", "testdata", filepath.FromSlash(folder), "*png*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil || len(data) > 1<<20 {
				continue
			}
			files++
			for n := range 100 {
				damaged := data
				if n > 0 && len(data) > 40 {
					damaged = damagePNG(random, data)
				}
				for _, channels := range []int{1, 3} {
					fast, got, want, err := pngBothWays(damaged, channels)
					if !fast {
						continue
					}
					if err != nil || !bytes.Equal(got.Pix, want.Pix) || got.Width != want.Width || got.Channels != want.Channels {
						t.Fatalf("%s, damage %d: accepted, package png says %v or gives another picture", path, n, err)
					}
					if accepted++; n > 0 {
						damagedAccepted++
					}
				}
				if len(data) > 20<<10 && n > 5 {
					break
				}
			}
		}
	}
	if t.Logf("%d files, accepted %d times, of that %d damaged", files, accepted, damagedAccepted); files < 40 || accepted-damagedAccepted < 30 || damagedAccepted < 50 {
		t.Errorf("too few to prove anything")
	}
}

// damagePNG changes bytes, cuts or repeats, and mostly puts the chunks' checksums right, so that what they protect is seen.
func damagePNG(random *rand.Rand, data []byte) []byte {
	out := bytes.Clone(data)
	for range 1 + random.IntN(3) {
		out[8+random.IntN(len(out)-8)] ^= 1 << random.IntN(8)
	}
	if random.IntN(8) == 0 {
		out = out[:random.IntN(len(out))]
	}
	if random.IntN(4) == 0 {
		return out
	}
	for at := 8; at+12 <= len(out); {
		length := int(binary.BigEndian.Uint32(out[at:]))
		if length > len(out)-at-12 {
			break
		}
		binary.BigEndian.PutUint32(out[at+8+length:], crc32.ChecksumIEEE(out[at+4:at+8+length]))
		at += 12 + length
	}
	return out
}

// Every filter with every number of samples.
func TestPNGFilters(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, img := range []interface {
		image.Image
		Set(x, y int, c color.Color)
	}{image.NewGray(image.Rect(0, 0, 61, 40)), image.NewRGBA(image.Rect(0, 0, 61, 40)), image.NewNRGBA(image.Rect(0, 0, 61, 40))} {
		for y := range 40 {
			for x := range 61 { // smooth and noisy parts, for which the encoder takes different filters
				v := uint8(x*y/9) + uint8(random.IntN(1+y))
				a := uint8(255)
				if _, ok := img.(*image.NRGBA); ok {
					a = uint8(random.Uint32())
				}
				img.Set(x, y, color.NRGBA{v, v + uint8(y), uint8(x * 3), a})
			}
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		for _, channels := range []int{1, 3} {
			if fast, got, want, err := pngBothWays(file.Bytes(), channels); !fast || err != nil || !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%T to %d channels: accepted %v, %v, or another picture than package png's", img, channels, fast, err)
			}
		}
	}
}

// Decoding a PNG allocates nothing once the buffers are there.
func TestDecodePNGAllocatesNothing(t *testing.T) {
	for _, name := range []string{"png-32.png", "png-rgb.png", "png-rgba.png"} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "pillow", "images", name))
		if err != nil {
			t.Fatal(err)
		}
		p := mustPipeline(t, plainInput(3))
		if got := testing.AllocsPerRun(20, func() {
			pic, err := p.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			p.Release(pic)
		}); got > 0 {
			t.Errorf("%s: %v allocations a picture, want none", name, got)
		}
	}
}
