package preprocess

// gifReader walks a GIF file; every method reports false at the file's end.
type gifReader struct{ rest []byte }

func (r *gifReader) take(n int) ([]byte, bool) {
	if len(r.rest) < n {
		return nil, false
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out, true
}

// blocks passes over data sub-blocks up to the empty one that ends them, and returns the content of the first.
func (r *gifReader) blocks() (first []byte, ok bool) {
	for {
		length, ok := r.take(1)
		if !ok {
			return nil, false
		}
		if length[0] == 0 {
			return first, true
		}
		block, ok := r.take(int(length[0]))
		if !ok {
			return nil, false
		}
		if first == nil {
			first = block
		}
	}
}

// palette reads a colour table whose size is in the lowest three bits of flags, when bit 7 says that there is one.
func (r *gifReader) palette(flags byte, colours *[256][3]uint8) bool {
	if flags&0x80 == 0 {
		return true
	}
	n := 2 << (flags & 7)
	table, ok := r.take(3 * n)
	*colours = [256][3]uint8{}
	for i := 0; len(table) >= 3; i, table = i+1, table[3:] {
		colours[i] = [3]uint8(table)
	}
	return ok
}
