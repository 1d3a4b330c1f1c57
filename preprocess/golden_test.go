package preprocess

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// goldenCase is one entry of cases.json, which make_pillow.py writes beside the pictures.
type goldenCase struct {
	Image    string            `json:"image"`
	Format   string            `json:"format"`
	Mode     string            `json:"mode"`
	Size     [2]int            `json:"size"`
	Lossy    bool              `json:"lossy"`
	Expected map[string]string `json:"expected"` // recipe -> picture
}

// goldenDirs are the folders with goldens: the ones of this repository, and a larger set beside the repository where there is one.
func goldenDirs(t testing.TB) []string {
	t.Helper()
	dirs := []string{filepath.Join("..", "testdata", "goldens", "pillow")}
	if more := filepath.Join("..", "..", "shared", "goldens", "pillow"); exists(more) {
		dirs = append(dirs, more)
	}
	return dirs
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readGoldenCases reads the cases of a folder. The repository's leave out the largest JPEG.
func readGoldenCases(t testing.TB, dir string) []goldenCase {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 31 {
		t.Fatalf("%d pictures in %s, want at least 31", len(cases), dir)
	}
	return cases
}

// recipes are make_pillow.py's.
func recipes() map[string]*model.Input {
	base := model.Input{Name: "data", Element: model.Uint8, Layout: model.NHWC, Channels: 3, ChannelOrder: model.RGB, ApplyEXIF: true}
	crop, squash, bicubic := base, base, base
	crop.Width, crop.Height = 224, 224
	crop.Resize = model.Resize{Mode: model.ShortSide, ShortSide: 256, Filter: model.Bilinear}
	squash.Width, squash.Height = 32, 32
	squash.Resize = model.Resize{Mode: model.Stretch, Filter: model.Bilinear}
	bicubic.Width, bicubic.Height = 64, 64
	bicubic.Resize = model.Resize{Mode: model.Stretch, Filter: model.Bicubic}
	return map[string]*model.Input{"crop224": &crop, "squash32": &squash, "bicubic64": &bicubic}
}

func mustPipeline(t testing.TB, in *model.Input) *Pipeline {
	t.Helper()
	p, err := New(in, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// readRGB reads a PNG that holds plain RGB or grey, with package png alone.
func readRGB(t testing.TB, path string) (pix []uint8, size image.Point) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	size = img.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA) // one of them marks a colour as transparent
			pix = append(pix, c.R, c.G, c.B)
		}
	}
	return pix, size
}

// difference between two pictures of the same size.
type difference struct {
	mean     float64
	within12 float64 // share of samples that differ by at most 12
	largest  int
	unequal  float64 // share of samples that differ
}

func compare(got, want []uint8) (d difference) {
	for i := range want {
		gap := int(got[i]) - int(want[i])
		if gap < 0 {
			gap = -gap
		}
		d.mean += float64(gap)
		d.largest = max(d.largest, gap)
		if gap <= 12 {
			d.within12++
		}
		if gap > 0 {
			d.unequal++
		}
	}
	n := float64(len(want))
	d.mean, d.within12, d.unequal = d.mean/n, d.within12/n, d.unequal/n
	return d
}

// Everything must equal Pillow's answer in every byte, JPEG with libjpeg-turbo. Package jpeg may differ in the rounding of the inverse
// cosine transform, so that lossy pictures have a tolerance with it; what they need of it is printed.
func TestGoldensOfPillow(t *testing.T) { withBothDecoders(t, testGoldens) }

func testGoldens(t *testing.T, exact bool, turbo *turbojpeg.Library) {
	for _, dir := range goldenDirs(t) {
		n, equal, cases := 0, 0, readGoldenCases(t, dir)
		for _, c := range cases {
			data, err := os.ReadFile(filepath.Join(dir, c.Image))
			if err != nil {
				t.Fatal(err)
			}
			for recipe, in := range recipes() {
				name := fmt.Sprintf("%s %s", filepath.Base(c.Image), recipe)
				p := mustPipeline(t, in)
				p.turbo = turbo
				pic, err := p.DecodeStored(data) // as every run does
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if got := [2]int{pic.SourceWidth, pic.SourceHeight}; got != c.Size {
					t.Errorf("%s: source size %v, want %v", name, got, c.Size)
				}
				got, err := p.Render(pic)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				expected, ok := c.Expected[recipe]
				if !ok { // left out of the repository for its size
					continue
				}
				want, size := readRGB(t, filepath.Join(dir, expected))
				if got.Width != size.X || got.Height != size.Y {
					t.Errorf("%s: %d × %d, want %v", name, got.Width, got.Height, size)
					continue
				}
				d := compare(got.Pix, want)
				if d.largest == 0 {
					equal++
				}
				switch {
				case c.Format == "JPEG" && !exact:
					t.Logf("%-32s mean %.4f  largest %d  unequal %.2f %%", name, d.mean, d.largest, 100*d.unequal)
					if d.mean > 1 || d.within12 < 0.999 {
						t.Errorf("%s: mean difference %.3f, %.4f within 12, want at most 1 and at least 0.999", name, d.mean, d.within12)
					}
				case d.largest > 0:
					t.Errorf("%s: %.2f %% of the samples differ, by up to %d; want none", name, 100*d.unequal, d.largest)
				}
				n++
			}
		}
		if t.Logf("%s: %d of %d equal in every byte", dir, equal, n); n < 2*len(cases) {
			t.Errorf("%s: %d comparisons, want at least two for each of %d pictures", dir, n, len(cases))
		}
	}
}
