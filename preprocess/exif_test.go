package preprocess

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// exifBlock is a TIFF header with one entry.
func exifBlock(order binary.AppendByteOrder, mark string, tag, kind uint16, count, value uint32) []byte {
	b := []byte(mark)
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, tag)
	b = order.AppendUint16(b, kind)
	b = order.AppendUint32(b, count)
	switch kind {
	case 1:
		b = append(b, byte(value), 0, 0, 0)
	case 3:
		b = order.AppendUint16(b, uint16(value))
		b = append(b, 0, 0)
	default:
		b = order.AppendUint32(b, value)
	}
	return order.AppendUint32(b, 0)
}

func TestEXIFOrientation(t *testing.T) {
	little, big := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	good := exifBlock(little, "II", 274, 3, 1, 6)
	for _, c := range []struct {
		name  string
		block []byte
		want  int
	}{
		{"little-endian", good, 6},
		{"big-endian", exifBlock(big, "MM", 274, 3, 1, 8), 8},
		{"with prefix", append([]byte("Exif\x00\x00"), good...), 6},
		{"byte", exifBlock(big, "MM", 274, 1, 1, 3), 3},
		{"long", exifBlock(little, "II", 274, 4, 1, 5), 5},
		{"zero", exifBlock(little, "II", 274, 3, 1, 0), 1},
		{"nine", exifBlock(little, "II", 274, 3, 1, 9), 1},
		{"huge long", exifBlock(little, "II", 274, 4, 1, 1<<32-1), 1},
		{"two values", exifBlock(little, "II", 274, 3, 2, 6), 1},
		{"text", exifBlock(little, "II", 274, 2, 1, 6), 1},
		{"another tag", exifBlock(little, "II", 275, 3, 1, 6), 1},
		{"empty", nil, 1},
		{"cut in the entry", good[:15], 1},
		{"cut in the header", good[:6], 1},
		{"directory outside", append([]byte("II*\x00\xff\xff\xff\xff"), good[8:]...), 1},
		{"no TIFF", []byte("hello, world, hello"), 1},
	} {
		if got := exifOrientation(c.block); got != c.want {
			t.Errorf("%s: orientation %d, want %d", c.name, got, c.want)
		}
	}
}

// A WebP file keeps EXIF in a chunk behind the picture.
func TestWebPOrientation(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "pillow", "images", "webp-lossless.webp"))
	if err != nil {
		t.Fatal(err)
	}
	plain := append([]byte(nil), data...)
	block := exifBlock(binary.LittleEndian, "II", 274, 3, 1, 6)
	data = append(data, "EXIF"...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(block)))
	data = append(data, block...)
	binary.LittleEndian.PutUint32(data[4:], uint32(len(data)-8))

	in := plainInput(3)
	in.ApplyEXIF = true
	p := mustPipeline(t, in)
	lying, err := p.Decode(plain)
	if err != nil {
		t.Fatal(err)
	}
	upright, err := p.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if upright.Width != lying.Height || upright.Height != lying.Width || upright.SourceWidth != lying.Width {
		t.Fatalf("%d × %d from %d × %d", upright.Width, upright.Height, lying.Width, lying.Height)
	}
	for y := range upright.Height {
		for x := range upright.Width {
			from := ((lying.Height-1-x)*lying.Width + y) * 3 // a quarter turn clockwise
			if [3]uint8(upright.row(y)[3*x:]) != [3]uint8(lying.Pix[from:]) {
				t.Fatalf("pixel %d, %d is not the stored pixel %d, %d", x, y, y, lying.Height-1-x)
			}
		}
	}
}
