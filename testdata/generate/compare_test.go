package main

import (
	"image"
	"image/color"
	"strconv"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/testdata/generate/draw"
)

// compare shrinks both pictures to squares of averages, which lossy compression and dithering leave nearly
// as they were, and compares these; transparent pixels have no colour to compare.
func compare(t *testing.T, name string, want *draw.Picture, got image.Image) {
	t.Helper()
	m := upright{got, orientation(name)}
	if w, h := m.size(); w != want.W || h != want.H {
		t.Fatalf("%d by %d pixels upright, want %d by %d", w, h, want.W, want.H)
	}
	const squares = 16
	type sums struct{ got, want, n [3]float64 }
	var grid [squares * squares]sums
	for y := range want.H {
		for x := range want.W {
			c := color.NRGBAModel.Convert(m.at(x, y)).(color.NRGBA)
			if c.A < 128 {
				continue
			}
			at := &grid[y*squares/want.H*squares+x*squares/want.W]
			v := [3]uint8(want.RGB[3*(y*want.W+x):])
			if c.R == c.G && c.G == c.B && strings.Contains(name, "gray") || strings.Contains(name, "1bit") {
				l := grey(&draw.Picture{W: 1, H: 1, RGB: v[:]}).Pix[0]
				v = [3]uint8{l, l, l}
			}
			for i, g := range [3]uint8{c.R, c.G, c.B} {
				at.got[i] += float64(g)
				at.want[i] += float64(v[i])
				at.n[i]++
			}
		}
	}
	// A few colours of a palette cannot mix every other one; all else differs less.
	tolerance := 12.0
	switch {
	case strings.Contains(name, "palette-2bit"):
		tolerance = 64
	case strings.Contains(name, "palette-4bit"):
		tolerance = 20
	}
	for i, s := range grid {
		for ch := range 3 {
			if s.n[ch] < 2 {
				continue
			}
			if d := (s.got[ch] - s.want[ch]) / s.n[ch]; d > tolerance || d < -tolerance {
				t.Errorf("square %d, %d: channel %d differs by %.1f, want at most %.0f", i%squares, i/squares, ch, d, tolerance)
			}
		}
	}
}

// orientation returns the EXIF orientation that a file's name announces.
func orientation(name string) int {
	_, after, found := strings.Cut(name, "-exif-")
	if !found {
		return 1
	}
	o, err := strconv.Atoi(after[:1])
	if err != nil {
		return 1
	}
	return o
}

// upright looks at a picture as its EXIF orientation demands, by the definition in the EXIF standard: the
// side of the scene at which row 0 and column 0 lie.
type upright struct {
	image.Image
	orientation int
}

func (u upright) size() (w, h int) {
	b := u.Bounds()
	if u.orientation >= 5 {
		return b.Dy(), b.Dx()
	}
	return b.Dx(), b.Dy()
}

func (u upright) at(x, y int) color.Color {
	w, h := u.size()
	right, bottom := w-1-x, h-1-y
	row, column := 0, 0
	switch u.orientation {
	case 1:
		row, column = y, x
	case 2: // row 0 at the top, column 0 at the right
		row, column = y, right
	case 3:
		row, column = bottom, right
	case 4:
		row, column = bottom, x
	case 5: // row 0 at the left, column 0 at the top
		row, column = x, y
	case 6: // row 0 at the right, column 0 at the top
		row, column = right, y
	case 7:
		row, column = right, bottom
	case 8: // row 0 at the left, column 0 at the bottom
		row, column = x, bottom
	}
	b := u.Bounds()
	return u.At(b.Min.X+column, b.Min.Y+row)
}
