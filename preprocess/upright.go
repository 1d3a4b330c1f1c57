package preprocess

// mirrors tells whether an EXIF orientation stores columns and rows with the last one first, and whether it stores the picture on its
// side.
func mirrors(orientation int) (columns, rows, side bool) {
	switch orientation {
	case 2:
		return true, false, false
	case 3:
		return true, true, false
	case 4:
		return false, true, false
	case 5:
		return false, false, true
	case 6:
		return false, true, true
	case 7:
		return true, true, true
	case 8:
		return true, false, true
	}
	return false, false, false
}

// upright is the size of the picture once it is turned.
func (p *Picture) upright() (width, height int) {
	if _, _, side := mirrors(p.orientation); side {
		return p.Height, p.Width
	}
	return p.Width, p.Height
}

// putUpright writes the upright picture to dst, whose rows are stride samples apart. It is for the few pixels that a model keeps.
func (p *Picture) putUpright(dst []uint8, stride int) {
	columns, rows, side := mirrors(p.orientation)
	at, right, down := 0, p.Channels, p.Width*p.Channels // steps through the stored picture
	if columns {
		at, right = at+(p.Width-1)*right, -right
	}
	if rows {
		at, down = at+(p.Height-1)*down, -down
	}
	if side {
		right, down = down, right
	}
	width, height := p.upright()
	for y := range height {
		to, from := dst[y*stride:][:width*p.Channels], at+y*down
		if p.Channels == 1 {
			for x := range to {
				to[x] = p.Pix[from+x*right]
			}
			continue
		}
		for ; len(to) >= 3; to = to[3:] {
			pixel := p.Pix[from:][:3]
			to[0], to[1], to[2] = pixel[0], pixel[1], pixel[2]
			from += right
		}
	}
}

// IsUpright tells whether [Picture.Pix] is as people look at it; after [Pipeline.DecodeStored] it may still have to be turned.
func (p *Picture) IsUpright() bool { return p.orientation <= 1 }
