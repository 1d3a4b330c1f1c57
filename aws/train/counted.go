package train

import "math"

// A Count is an accuracy as a number of pictures.
type Count struct {
	// Right of Of were counted by the algorithm.
	Right, Of int
	// Pictures are different ones among them: what an interval may be computed from.
	Pictures int
}

// rounding is half of the last digit of an accuracy in the log, and what float32 adds.
const rounding = 1.2e-6

// Counted tells how many pictures a validation accuracy is of. The algorithm reads whole batches: of 200 pictures in batches of 32 it counts
// 192, or 224 with the first 24 twice, from epoch to epoch otherwise. Which it was, the accuracy's digits tell. ok is false when it
// is a share of none of these.
func Counted(accuracy float64, pictures, batch int) (c Count, ok bool) {
	if pictures < 1 || batch < 1 || accuracy < 0 || accuracy > 1 {
		return c, false
	}
	whole := pictures / batch * batch
	candidates := []int{whole, whole + batch, pictures} // in doubt the fewer, which claim less
	if whole == pictures {
		candidates = candidates[:1]
	}
	for _, of := range candidates {
		if of == 0 {
			continue
		}
		right := math.Round(accuracy * float64(of))
		if math.Abs(accuracy-right/float64(of)) <= rounding {
			return Count{int(right), of, min(of, pictures)}, true
		}
	}
	return c, false
}

// Different scales a count down to the different pictures in it, so that none speaks twice.
func (c Count) Different() (right, of int) {
	if c.Of == 0 {
		return 0, 0
	}
	return int(math.Round(float64(c.Right) / float64(c.Of) * float64(c.Pictures))), c.Pictures
}
