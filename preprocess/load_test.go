package preprocess

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// opened is an Image of a reader.
func opened(r io.Reader) Image {
	return Image{Name: "x", Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}
}

func TestLoadMapsEveryFailure(t *testing.T) {
	good, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "pillow", "images", "png-32.png"))
	if err != nil {
		t.Fatal(err)
	}
	failing := func(err error) Image {
		return Image{Name: "x", Open: func() (io.ReadCloser, error) { return nil, err }}
	}
	for _, c := range []struct {
		name   string
		img    Image
		limits Limits
		want   Code
	}{
		{"good", opened(bytes.NewReader(good)), Limits{}, ""},
		{"exactly the limits", opened(bytes.NewReader(good)), Limits{MaxPixels: 32 * 32, MaxBytes: int64(len(good))}, ""},
		{"too many pixels", opened(bytes.NewReader(good)), Limits{MaxPixels: 32*32 - 1}, CodeTooManyPix},
		{"too many bytes", opened(bytes.NewReader(good)), Limits{MaxBytes: int64(len(good)) - 1}, CodeTooLarge},
		{"endless", opened(neverEnding{}), Limits{MaxBytes: 1 << 20}, CodeTooLarge},
		{"empty", opened(bytes.NewReader(nil)), Limits{}, CodeEmpty},
		{"text", opened(bytes.NewReader([]byte("hello, world"))), Limits{}, CodeUnsupported},
		{"read error", opened(io.MultiReader(bytes.NewReader(good[:99]), iotest.ErrReader(errors.New("bad sector")))), Limits{}, CodeRead},
		{"truncated", opened(bytes.NewReader(good[:len(good)-20])), Limits{}, CodeTruncated},
		{"absent", failing(fs.ErrNotExist), Limits{}, CodeNotFound},
		{"forbidden", failing(fs.ErrPermission), Limits{}, CodePermission},
		{"a folder", failing(&ImageError{Code: CodeNotAFile, Err: errors.New("is a folder")}), Limits{}, CodeNotAFile},
	} {
		p, err := New(recipes()["squash32"], c.limits)
		if err != nil {
			t.Fatal(err)
		}
		pic, err := p.Load(c.img)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		known, ok := errors.AsType[*ImageError](err)
		if pic != nil || !ok || known.Code != c.want {
			t.Errorf("%s: Load gave %v and %v, want code %s", c.name, pic, err, c.want)
		}
	}
}

// neverEnding is a reader of zeros.
type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Every file cut off anywhere is refused, never answered with a part of the picture; what a cut leaves out may only be what
// follows the picture.
func TestCutFilesAreRefused(t *testing.T) {
	p := mustPipeline(t, plainInput(3))
	for _, name := range []string{"png-32.png", "jpeg-420.jpg", "jpeg-progressive.jpg", "gif.gif", "bmp.bmp", "tiff-lzw.tiff", "webp-lossy.webp", "webp-lossless.webp"} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "goldens", "pillow", "images", name))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := p.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			cut := len(data) * i / 60
			pic, err := p.Decode(data[:cut])
			if err == nil && !bytes.Equal(pic.Pix, whole.Pix) {
				t.Errorf("%s cut to %d of %d bytes gave another picture", name, cut, len(data))
			}
			if err == nil || cut < 16 {
				continue
			}
			if code := CodeOf(err); code != CodeTruncated {
				t.Errorf("%s cut to %d of %d bytes: %s (%v), want %s", name, cut, len(data), code, err, CodeTruncated)
			}
		}
	}
}
