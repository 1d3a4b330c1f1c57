package preprocess

// unfilter undoes a filter of PNG (section 9 of the specification) in place. Above is the row above, unfiltered; step is the bytes of a
// pixel. It reports false for a filter that there is not.
func unfilter(filter byte, row, above []byte, step int) bool {
	above = above[:len(row)]
	switch filter {
	case 0:
	case 1: // the pixel to the left
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
	case 2: // the pixel above
		for i, v := range above {
			row[i] += v
		}
	case 3: // the mean of the two
		for i := range min(step, len(row)) {
			row[i] += above[i] / 2
		}
		for i := step; i < len(row); i++ {
			row[i] += uint8((int(row[i-step]) + int(above[i])) / 2)
		}
	case 4:
		for first := range min(step, len(row)) {
			unPaeth(row, above, first, step)
		}
	default:
		return false
	}
	return true
}

// unPaeth undoes Paeth's filter in one channel: of left, above and above left it adds the one nearest to left + above − above left.
func unPaeth(row, above []byte, first, step int) {
	var left, corner int
	for i := first; i < len(row); i += step {
		up := int(above[i])
		toLeft, toUp := up-corner, left-corner
		toCorner := magnitude(toLeft + toUp)
		toLeft, toUp = magnitude(toLeft), magnitude(toUp)
		nearest := corner
		if toLeft <= toUp && toLeft <= toCorner {
			nearest = left
		} else if toUp <= toCorner {
			nearest = up
		}
		row[i] += uint8(nearest)
		left, corner = int(row[i]), up
	}
}

// magnitude is the absolute value, without a branch.
func magnitude(v int) int {
	sign := v >> 63
	return (v ^ sign) - sign
}
