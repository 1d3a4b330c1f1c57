package encode

import "math"

// zigzag lists the places of a block's 64 coefficients in the order of transmission (ITU-T T.81, figure A.6).
var zigzag = func() (order [64]int) {
	x, y, up := 0, 0, true
	for i := range order {
		order[i] = 8*y + x
		switch {
		case up && x == 7:
			y, up = y+1, false
		case up && y == 0:
			x, up = x+1, false
		case up:
			x, y = x+1, y-1
		case y == 7:
			x, up = x+1, true
		case x == 0:
			y, up = y+1, true
		default:
			x, y = x-1, y+1
		}
	}
	return order
}()

// The divisors that ITU-T T.81 gives as an example in tables K.1 and K.2, row by row, for quality 50.
var (
	lumaTable = [64]int{
		16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
	}
	chromaTable = [64]int{
		17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
		24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// scaleTable returns the divisors for a quality in zigzag order, scaled as libjpeg scales them.
func scaleTable(table [64]int, quality int) (out [64]int) {
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	for i, at := range zigzag {
		out[i] = min(max((table[at]*percent+50)/100, 1), 255)
	}
	return out
}

// cosines are the rows of the 8-point DCT-II, orthonormal, in 13-bit fixed point.
var cosines = func() (c [8][8]int) {
	for u := range 8 {
		scale := 0.5
		if u == 0 {
			scale = math.Sqrt(0.125)
		}
		for x := range 8 {
			c[u][x] = int(math.Round(8192 * scale * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16)))
		}
	}
	return c
}()

// block transforms and quantizes the 8 by 8 pixels at (x, y); outside the plane its edge repeats.
func block(plane []uint8, w, h, x, y int, quant *[64]int) (out [64]int) {
	var rows [8][8]int
	for j := range 8 {
		line := plane[min(y+j, h-1)*w:]
		for u := range 8 {
			sum := 0
			for i := range 8 {
				sum += cosines[u][i] * (int(line[min(x+i, w-1)]) - 128)
			}
			rows[j][u] = (sum + 1<<6) >> 7 // six bits of the fraction stay
		}
	}
	for k, at := range zigzag {
		u, v := at%8, at/8
		sum := 0
		for j := range 8 {
			sum += cosines[v][j] * rows[j][u]
		}
		out[k] = roundDiv(sum, quant[k]<<19)
	}
	return out
}

func roundDiv(a, b int) int {
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}

// separate returns the planes that a file of this colour stores.
func separate(r Raster, c Colour) [][]uint8 {
	n := r.W * r.H
	if c == Luma {
		return [][]uint8{r.Pix}
	}
	planes := make([][]uint8, 3, 4)
	for i := range planes {
		planes[i] = make([]uint8, n)
	}
	var black []uint8
	if c == CMYK || c == YCCK {
		black = make([]uint8, n)
		planes = append(planes, black)
	}
	for i := range n {
		v := [3]int{int(r.Pix[3*i]), int(r.Pix[3*i+1]), int(r.Pix[3*i+2])}
		if black != nil {
			// Inverted inks: 255 is none. The darkest share of all three inks becomes black, and the rest
			// is so chosen that ink times black gives the colour again.
			k := max(v[0], v[1], v[2])
			black[i] = uint8(k)
			for j := range v {
				if k > 0 {
					v[j] = (255*v[j] + k/2) / k
				} else {
					v[j] = 255
				}
			}
		}
		switch c {
		case YCbCr:
			v = differences(v)
		case YCCK:
			// Here the colour differences are those of the inks themselves, not of their inverse.
			v = differences([3]int{255 - v[0], 255 - v[1], 255 - v[2]})
		}
		for j := range v {
			planes[j][i] = uint8(v[j])
		}
	}
	return planes
}

// differences is JFIF's conversion to luminance and colour differences, in 16-bit fixed point.
func differences(v [3]int) [3]int {
	r, g, b := v[0], v[1], v[2]
	const half, centre = 1 << 15, 128 << 16
	clip := func(x int) int { return min(max(x>>16, 0), 255) }
	return [3]int{
		clip(19595*r + 38470*g + 7471*b + half),
		clip(-11059*r - 21709*g + 32768*b + centre + half),
		clip(32768*r - 27439*g - 5329*b + centre + half),
	}
}
