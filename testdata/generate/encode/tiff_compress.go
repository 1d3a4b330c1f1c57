package encode

// runLengths is PackBits: a count of n ≥ 0 before n+1 bytes as they are, of n < 0 before one byte that
// repeats 1-n times.
func runLengths(row []byte) []byte {
	var out []byte
	for i := 0; i < len(row); {
		run := 1
		for i+run < len(row) && run < 128 && row[i+run] == row[i] {
			run++
		}
		if run > 2 {
			out = append(out, byte(1-run), row[i])
			i += run
			continue
		}
		start := i
		for i < len(row) && i-start < 128 && (i+2 >= len(row) || row[i] != row[i+1] || row[i] != row[i+2]) {
			i++
		}
		out = append(out, byte(i-start-1))
		out = append(out, row[start:i]...)
	}
	return out
}

// lzw is TIFF's variant of LZW: highest bits first, and codes grow longer one entry earlier than GIF's.
func lzw(data []byte) []byte {
	const clearCode, endCode, firstFree, longest = 256, 257, 258, 12
	var out []byte
	var held uint32
	var bits int
	width := 9
	write := func(code int) {
		held = held<<width | uint32(code)
		for bits += width; bits >= 8; bits -= 8 {
			out = append(out, byte(held>>(bits-8)))
		}
	}
	table := map[string]int{}
	next := firstFree
	reset := func() {
		clear(table)
		next, width = firstFree, 9
	}
	code := func(s []byte) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return table[string(s)]
	}
	write(clearCode)
	start := 0
	for i := range data {
		s := data[start : i+1]
		if _, known := table[string(s)]; len(s) == 1 || known {
			continue
		}
		write(code(data[start:i]))
		table[string(s)] = next
		next++
		if next+1 > 1<<width && width < longest {
			width++
		}
		if next == 1<<longest-2 {
			write(clearCode)
			reset()
		}
		start = i
	}
	if start < len(data) {
		write(code(data[start:]))
		// The reader's table has grown by one more entry by now, which may lengthen the last code.
		if next+2 > 1<<width && width < longest {
			width++
		}
	}
	write(endCode)
	if bits > 0 {
		out = append(out, byte(held<<(8-bits)))
	}
	return out
}
