package encode

import "math/bits"

// scan is one pass over some components: coefficients first to last, without the lowest low bits; high is
// the low of the scan that this one refines by a bit, 0 if it is the first.
type scan struct {
	components  []int
	first, last int
	high, low   int
}

// scan appends tables, header and data of one pass. Huffman tables are made for each pass from what it
// sends, so symbols are gathered before they are written.
func (f *jpegFile) scan(s scan) {
	var g gathered
	if s.first == 0 {
		f.interleaved(s, &g)
	} else {
		f.waves(s, &g)
	}
	tables := g.tables()
	for _, i := range tables.used() {
		f.segment(0xc4, tables[i].definition(i)...)
	}
	head := []byte{byte(len(s.components))}
	for _, i := range s.components {
		t := byte(f.comps[i].quant)
		head = append(head, byte(f.comps[i].id), t<<4|t)
	}
	f.segment(0xda, append(head, byte(s.first), byte(s.last), byte(s.high<<4|s.low))...)
	f.out = g.write(f.out, tables)
}

// interleaved walks over groups of blocks of all components; a lone component has groups of one block.
func (f *jpegFile) interleaved(s scan, g *gathered) {
	means := make([]int, len(f.comps))
	across, down := f.mcusAcross, f.mcusDown
	lone := len(s.components) == 1
	if lone {
		across, down = f.comps[s.components[0]].w, f.comps[s.components[0]].h
	}
	for m := range across * down {
		if f.o.Restart > 0 && m > 0 && m%f.o.Restart == 0 {
			g.restart()
			clear(means)
		}
		for _, i := range s.components {
			c := f.comps[i]
			if lone {
				f.first(s, g, c, m/across*c.stride+m%across, &means[i])
				continue
			}
			for b := range c.across * c.down {
				x, y := m%across*c.across+b%c.across, m/across*c.down+b/c.across
				f.first(s, g, c, y*c.stride+x, &means[i])
			}
		}
	}
}

// first sends a block's mean, and in a sequential file the rest of the block too.
func (f *jpegFile) first(s scan, g *gathered, c *component, at int, mean *int) {
	b := &c.blocks[at]
	if s.high > 0 {
		g.raw(b[0]>>s.low&1, 1)
		return
	}
	now := b[0] >> s.low
	g.value(c.quant, 0, now-*mean)
	*mean = now
	if s.last > 0 {
		run := 0
		for _, v := range b[1 : s.last+1] {
			if v == 0 {
				run++
				continue
			}
			for ; run > 15; run -= 16 {
				g.symbol(c.quant+2, 0xf0)
			}
			g.value(c.quant+2, run<<4, v)
			run = 0
		}
		if run > 0 {
			g.symbol(c.quant+2, 0)
		}
	}
}

// waves sends all but the mean of one component's blocks, in a progressive file.
func (f *jpegFile) waves(s scan, g *gathered) {
	c := f.comps[s.components[0]]
	e := ends{g: g, table: c.quant + 2}
	for y := range c.h {
		for x := range c.w {
			b := &c.blocks[y*c.stride+x]
			if s.high == 0 {
				e.fresh(b[s.first:s.last+1], s.low)
			} else {
				e.refine(b[s.first:s.last+1], s.low)
			}
		}
	}
	e.flush()
}

// ends counts blocks that have nothing more to send, and holds the correction bits that follow the count.
type ends struct {
	g       *gathered
	table   int
	blocks  int
	pending []int
}

func (e *ends) flush() {
	if e.blocks > 0 {
		n := bits.Len(uint(e.blocks)) - 1
		e.g.symbol(e.table, n<<4)
		e.g.raw(e.blocks&(1<<n-1), n)
		e.blocks = 0
	}
	e.send(e.pending)
	e.pending = nil
}

func (e *ends) send(corrections []int) {
	for _, bit := range corrections {
		e.g.raw(bit, 1)
	}
}

func (e *ends) fresh(waves []int, low int) {
	run := 0
	for _, v := range waves {
		// Towards zero, other than a shift.
		if v /= 1 << low; v == 0 {
			run++
			continue
		}
		e.flush()
		for ; run > 15; run -= 16 {
			e.g.symbol(e.table, 0xf0)
		}
		e.g.value(e.table, run<<4, v)
		run = 0
	}
	if run > 0 {
		e.count(nil)
	}
}

func (e *ends) refine(waves []int, low int) {
	final := -1 // the last coefficient that becomes non-zero in this pass
	for k, v := range waves {
		if v /= 1 << low; v == 1 || v == -1 {
			final = k
		}
	}
	run := 0
	var corrections []int
	for k, v := range waves {
		v /= 1 << low
		if v == 0 {
			run++
			continue
		}
		for ; run > 15 && k <= final; run -= 16 {
			e.flush()
			e.g.symbol(e.table, 0xf0)
			e.send(corrections)
			corrections = nil
		}
		if v > 1 || v < -1 {
			corrections = append(corrections, max(v, -v)&1)
			continue
		}
		e.flush()
		e.g.symbol(e.table, run<<4|1)
		e.g.raw((v+1)/2, 1)
		e.send(corrections)
		corrections, run = nil, 0
	}
	if run > 0 || len(corrections) > 0 {
		e.count(corrections)
	}
}

// count adds a finished block. Readers hold a limited number of corrections, libjpeg's 1000.
func (e *ends) count(corrections []int) {
	e.blocks++
	e.pending = append(e.pending, corrections...)
	if e.blocks == 0x7fff || len(e.pending) > 900 {
		e.flush()
	}
}
