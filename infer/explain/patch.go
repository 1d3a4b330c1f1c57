package explain

import "fmt"

// A patch is a square of the model's picture, cut at its border.
type patch struct {
	x0, y0, x1, y1 int
	size           int // index of its size
}

// Sizes are the patches' sides for a model's picture of width × height: an eighth, a quarter and a half of the shorter side.
func Sizes(width, height int) []int {
	var sizes []int
	for _, part := range []int{8, 4, 2} {
		if size := max(min(width, height)/part, 1); len(sizes) == 0 || sizes[len(sizes)-1] != size {
			sizes = append(sizes, size)
		}
	}
	return sizes
}

// lay covers a picture with patches of each size, half a side apart. The outermost reach half over the border, so that every pixel
// lies under as many.
func lay(width, height int, sizes []int) ([]patch, error) {
	var all []patch
	for k, size := range sizes {
		if size < 1 || size > max(width, height) {
			return nil, fmt.Errorf("%w: a patch of %d pixels, want 1 to %d", ErrOptions, size, max(width, height))
		}
		step := max(size/2, 1)
		if n := (width/step + 2) * (height/step + 2); n > MaxPatches-len(all) {
			return nil, fmt.Errorf("%w: patches of %d pixels on %d × %d: more than %d patches", ErrOptions, size, width, height, MaxPatches)
		}
		for y := step - size; y < height; y += step {
			for x := step - size; x < width; x += step {
				all = append(all, patch{max(x, 0), max(y, 0), min(x+size, width), min(y+size, height), k})
			}
		}
	}
	return all, nil
}
