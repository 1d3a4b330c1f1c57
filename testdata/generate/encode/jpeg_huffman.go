package encode

import "math/bits"

// item is a symbol of a Huffman table followed by plain bits; table -1 has bits only, -2 is a restart.
type item struct {
	table  int8
	symbol uint8
	n      uint8
	bits   uint16
}

// gathered is the content of a scan before its tables are known. Tables 0 and 1 are for means, 2 and 3
// for waves, of luminance and of colour.
type gathered []item

func (g *gathered) symbol(table, s int) { *g = append(*g, item{table: int8(table), symbol: uint8(s)}) }

func (g *gathered) raw(v, n int) {
	if n > 0 {
		*g = append(*g, item{table: -1, n: uint8(n), bits: uint16(v)})
	}
}

func (g *gathered) restart() { *g = append(*g, item{table: -2}) }

// value sends the size of v in the low half of a symbol and v in that many bits; negative numbers one
// lower, so that their first bit is 0.
func (g *gathered) value(table, high, v int) {
	n := bits.Len(uint(max(v, -v)))
	if v < 0 {
		v--
	}
	*g = append(*g, item{table: int8(table), symbol: uint8(high | n), n: uint8(n), bits: uint16(v & (1<<n - 1))})
}

// huffman is a table: the symbols ordered by code, how many have each length, and each one's code.
type huffman struct {
	counts  [17]int
	symbols []uint8
	code    [256]uint16
	length  [256]uint8
}

type huffmanSet [4]*huffman

func (s huffmanSet) used() (out []int) {
	for i, t := range s {
		if t != nil {
			out = append(out, i)
		}
	}
	return out
}

func (g gathered) tables() (set huffmanSet) {
	var frequency [4][257]int
	for _, it := range g {
		if it.table >= 0 {
			frequency[it.table][it.symbol]++
		}
	}
	for i := range set {
		for _, n := range frequency[i] {
			if n > 0 {
				set[i] = newHuffman(frequency[i])
				break
			}
		}
	}
	return set
}

// newHuffman makes the best codes of at most 16 bits (ITU-T T.81, annex K.2). Symbol 256 is reserved, so
// that no code consists of ones alone.
func newHuffman(frequency [257]int) *huffman {
	frequency[256] = 1
	var size, other [257]int
	for i := range other {
		other[i] = -1
	}
	for {
		a, b := -1, -1 // the two rarest; of equals the higher symbol first
		for i := 256; i >= 0; i-- {
			switch n := frequency[i]; {
			case n == 0:
			case a < 0 || n < frequency[a]:
				a, b = i, a
			case b < 0 || n < frequency[b]:
				b = i
			}
		}
		if b < 0 {
			break
		}
		frequency[a] += frequency[b]
		frequency[b] = 0
		for at := a; ; at = other[at] {
			size[at]++
			if other[at] < 0 {
				other[at] = b
				break
			}
		}
		for at := b; at >= 0; at = other[at] {
			size[at]++
		}
	}
	var lengths [258]int
	for _, n := range size {
		if n > 0 {
			lengths[n]++
		}
	}
	for i := 257; i > 16; i-- {
		for lengths[i] > 0 {
			j := i - 2
			for lengths[j] == 0 {
				j--
			}
			lengths[i] -= 2
			lengths[i-1]++
			lengths[j+1] += 2
			lengths[j]--
		}
	}
	longest := 16
	for lengths[longest] == 0 {
		longest--
	}
	lengths[longest]--
	return assignCodes(lengths[:17], size)
}

func assignCodes(lengths []int, size [257]int) *huffman {
	h := &huffman{counts: [17]int(lengths)}
	for n := 1; n <= 256; n++ {
		for s := range 256 {
			if size[s] == n {
				h.symbols = append(h.symbols, uint8(s))
			}
		}
	}
	code, at := uint16(0), 0
	for n := 1; n <= 16; n++ {
		for range h.counts[n] {
			s := h.symbols[at]
			h.code[s], h.length[s] = code, uint8(n)
			code++
			at++
		}
		code <<= 1
	}
	return h
}

// definition is the data of the table's DHT segment.
func (h *huffman) definition(table int) []byte {
	out := []byte{byte(table/2<<4 | table%2)}
	for _, n := range h.counts[1:] {
		out = append(out, byte(n))
	}
	return append(out, h.symbols...)
}

// write appends the scan's bits, with a zero after each byte 0xff.
func (g gathered) write(out []byte, tables huffmanSet) []byte {
	var held uint64
	var n uint
	put := func(v uint16, count uint8) {
		held = held<<count | uint64(v)
		for n += uint(count); n >= 8; n -= 8 {
			b := byte(held >> (n - 8))
			if out = append(out, b); b == 0xff {
				out = append(out, 0)
			}
		}
	}
	pad := func() {
		if n > 0 {
			put(1<<(8-n)-1, uint8(8-n))
		}
	}
	restarts := 0
	for _, it := range g {
		switch {
		case it.table == -2:
			pad()
			out = append(out, 0xff, 0xd0+byte(restarts%8))
			restarts++
			continue
		case it.table >= 0:
			t := tables[it.table]
			put(t.code[it.symbol], t.length[it.symbol])
		}
		put(it.bits, it.n)
	}
	pad()
	return out
}
