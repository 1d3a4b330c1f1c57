package encode

// filterRow returns the row behind the number of the PNG filter that leaves the smallest differences:
// none, left, above, mean of both, or Paeth's choice. With size 0 the row stays as it is.
func filterRow(row, above []byte, size int) []byte {
	best := append([]byte{0}, row...)
	if size == 0 {
		return best
	}
	least := magnitude(best[1:])
	for kind := 1; kind <= 4; kind++ {
		try := make([]byte, len(row)+1)
		try[0] = byte(kind)
		for i, v := range row {
			var a, b, c int
			if i >= size {
				a = int(row[i-size])
			}
			if above != nil {
				b = int(above[i])
				if i >= size {
					c = int(above[i-size])
				}
			}
			try[i+1] = v - byte(predict(kind, a, b, c))
		}
		if m := magnitude(try[1:]); m < least {
			best, least = try, m
		}
	}
	return best
}

// predict guesses a byte from its left (a), upper (b) and upper left (c) neighbours.
func predict(kind, a, b, c int) int {
	switch kind {
	case 1:
		return a
	case 2:
		return b
	case 3:
		return (a + b) / 2
	}
	da, db, dc := distance(b, c), distance(a, c), distance(a+b, 2*c)
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	default:
		return c
	}
}

func distance(a, b int) int { return max(a-b, b-a) }

// magnitude sums bytes as signed differences from zero.
func magnitude(row []byte) int {
	sum := 0
	for _, v := range row {
		sum += min(int(v), 256-int(v))
	}
	return sum
}
