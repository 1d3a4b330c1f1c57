package preprocess

import (
	"cmp"
	"math"

	"github.com/scones-unlimited/scones/model"
)

// A geometry says where the pixels of a picture come to lie in the model's picture.
type geometry struct {
	// Width and height that the picture is resized to.
	width, height int
	// CutX and cutY are the first column and row of the resized picture that are kept.
	cutX, cutY int
	// KeepX and keepY are the numbers of columns and rows that are kept.
	keepX, keepY int
	// PadX and padY are the first column and row of the model's picture that they fill.
	padX, padY int
}

// layOut computes the geometry of a picture of width × height.
func layOut(in *model.Input, width, height int) geometry {
	g := geometry{width: width, height: height, keepX: in.Width, keepY: in.Height}
	switch in.Resize.Mode {
	case model.Stretch:
		g.width, g.height = cmp.Or(in.Resize.Width, in.Width), cmp.Or(in.Resize.Height, in.Height)
	case model.Pad:
		g.width, g.height = contain(width, height, in.Width, in.Height)
		g.keepX, g.keepY = g.width, g.height
		g.padX, g.padY = halfEven(in.Width-g.width), halfEven(in.Height-g.height)
	case model.ShortSide:
		g.width, g.height = shortSide(width, height, in.Resize.ShortSide)
	}
	if in.Resize.Mode != model.Pad {
		margin := halfEven
		if in.Resize.CropRounding == model.RoundDown {
			margin = func(rest int) int { return rest / 2 }
		}
		g.cutX, g.cutY = margin(g.width-in.Width), margin(g.height-in.Height)
	}
	return g
}

// shortSide is torchvision's size of Resize(n): the shorter side becomes n, the longer int(n·long/short).
func shortSide(width, height, n int) (int, int) {
	if width <= height {
		return n, int(float64(n*height) / float64(width))
	}
	return int(float64(n*width) / float64(height)), n
}

// contain is the size of Pillow's ImageOps.contain: the largest of the same aspect ratio within width × height, rounded, and here
// at least one pixel.
func contain(fromWidth, fromHeight, width, height int) (int, int) {
	from, to := float64(fromWidth)/float64(fromHeight), float64(width)/float64(height)
	switch {
	case from > to:
		height = int(math.RoundToEven(float64(fromHeight) / float64(fromWidth) * float64(width)))
	case from < to:
		width = int(math.RoundToEven(float64(fromWidth) / float64(fromHeight) * float64(height)))
	}
	return max(width, 1), max(height, 1)
}

// halfEven is Python's round(rest/2): halves go to the even neighbour.
func halfEven(rest int) int {
	return int(math.RoundToEven(float64(rest) / 2))
}

// A Window says which part of a picture a model sees, and where. Coordinates are pixels, a pixel's left edge is its index.
type Window struct {
	// X0, Y0, X1 and Y1 bound the part of the upright picture that is seen.
	X0, Y0, X1, Y1 float64
	// ToX0, ToY0, ToX1 and ToY1 bound where it lies in the model's picture; all of it unless a border is filled.
	ToX0, ToY0, ToX1, ToY1 float64
}

// Window tells which part of a decoded picture the model sees.
func (p *Pipeline) Window(pic *Picture) Window {
	g := layOut(&p.in, pic.Width, pic.Height)
	x, y := float64(pic.Width)/float64(g.width), float64(pic.Height)/float64(g.height)
	return Window{
		X0: float64(g.cutX) * x, Y0: float64(g.cutY) * y, X1: float64(g.cutX+g.keepX) * x, Y1: float64(g.cutY+g.keepY) * y,
		ToX0: float64(g.padX), ToY0: float64(g.padY), ToX1: float64(g.padX + g.keepX), ToY1: float64(g.padY + g.keepY),
	}
}
