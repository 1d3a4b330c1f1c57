package draw

// Material is how a shape looks.
type Material struct {
	Color  RGB     // at the top of the shape
	Below  RGB     // at its bottom; the zero colour means the same as Color
	Bevel  float64 // metres over which its edge is rounded, 0 = flat
	Gloss  float64 // strength of the highlight, 0 = matt
	Chrome bool    // mirrors sky and ground instead of showing Color
	Clear  float64 // part of the background that shines through, 0 = none
	Soft   float64 // metres over which the edge fades, for shadows and glows
}

// Fill paints p. Rounded edges are shaded as if lit from the upper left: the slope of the blurred
// coverage stands for the surface's slope, which makes a tube of a line and a tyre of a ring.
func (c *Canvas) Fill(p Path, m Material) { c.fill(p, m, true) }

// Shade paints p as a part of the backdrop, which [Canvas].Cover leaves out.
func (c *Canvas) Shade(p Path, m Material) { c.fill(p, m, false) }

func (c *Canvas) fill(p Path, m Material, object bool) {
	bevel := int(m.Bevel*c.View.Scale + 0.5)
	soft := int(m.Soft*c.View.Scale + 0.5)
	k := c.rasterize(p, 2+bevel+2*soft)
	if k.at.Empty() {
		return
	}
	if soft > 0 {
		k.pix = boxBlur(boxBlur(k.pix, k.at.Dx(), k.at.Dy(), soft), k.at.Dx(), k.at.Dy(), soft)
	}
	height := k.pix
	if bevel > 0 {
		height = boxBlur(boxBlur(k.pix, k.at.Dx(), k.at.Dy(), bevel), k.at.Dx(), k.at.Dy(), bevel)
	}
	below := m.Below
	if below == (RGB{}) {
		below = m.Color
	}
	w, h := k.at.Dx(), k.at.Dy()
	for y := range h {
		base := m.Color.mix(below, float64(y)/float64(h))
		for x := range w {
			a := float64(k.pix[y*w+x]) / 255 * (1 - m.Clear)
			if a == 0 {
				continue
			}
			v := base
			if bevel > 0 || m.Chrome {
				v = m.lit(base, slope(height, w, h, x, y, max(bevel, 1)))
			}
			i := (y+k.at.Min.Y)*c.W + x + k.at.Min.X
			for j := range v {
				c.Pix[3*i+j] += (float32(v[j]) - c.Pix[3*i+j]) * float32(a)
			}
			if object {
				c.Cover[i] += (1 - c.Cover[i]) * float32(a)
			}
		}
	}
}

// slope returns how much the surface at (x, y) faces the light, about -1 to 1.
func slope(height []uint8, w, h, x, y, bevel int) float64 {
	x0, x1, y0, y1 := max(x-1, 0), min(x+1, w-1), max(y-1, 0), min(y+1, h-1)
	gx := float64(height[y*w+x1]) - float64(height[y*w+x0])
	gy := float64(height[y1*w+x]) - float64(height[y0*w+x])
	// The light stands at the upper left; the surface leans away from growing coverage.
	return (0.4*gx + 0.9*gy) / 255 * float64(bevel)
}

func (m Material) lit(base RGB, s float64) RGB {
	if m.Chrome {
		switch {
		case s > 0.12:
			return Hex(0x8d979f).mix(Hex(0xffffff), min(1, (s-0.12)*2.2))
		case s > -0.1:
			return Hex(0x30343a).mix(Hex(0x8d979f), (s+0.1)/0.22)
		default:
			return Hex(0x30343a).mix(Hex(0x9b9184), min(1, (-s-0.1)*2))
		}
	}
	v := base.times(max(0.15, 1+0.75*s))
	if s > 0.2 {
		v = v.mix(RGB{1, 1, 1}, min(0.9, m.Gloss*(s-0.2)*2.5))
	}
	return v
}

// boxBlur returns the mean over a square of 2r+1 pixels around each pixel; outside counts as 0.
func boxBlur(src []uint8, w, h, r int) []uint8 {
	n := 2*r + 1
	tmp := make([]int32, w*h)
	for y := range h {
		var sum int32
		row := src[y*w : (y+1)*w]
		for x := -r; x < w; x++ {
			if x+r < w {
				sum += int32(row[x+r])
			}
			if x-r-1 >= 0 {
				sum -= int32(row[x-r-1])
			}
			if x >= 0 {
				tmp[y*w+x] = sum
			}
		}
	}
	out := make([]uint8, w*h)
	column := make([]int32, w)
	for y := -r; y < h; y++ {
		for x := range w {
			if y+r < h {
				column[x] += tmp[(y+r)*w+x]
			}
			if y-r-1 >= 0 {
				column[x] -= tmp[(y-r-1)*w+x]
			}
			if y >= 0 {
				out[y*w+x] = uint8(int(column[x]) / (n * n))
			}
		}
	}
	return out
}
