package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// wide and narrow are the numbers of columns that are summed at once.
const wide, narrow = 32, 8

func columns() {
	TEXT("columnsAVX2", NOSPLIT, "func(dst *uint8, in, out *int32, src *uint8, stride int, high, low *int16, taps, n int)")
	Pragma("noescape")
	Doc("columnsAVX2 sums n columns, a multiple of 8, over rows of src that lie stride apart; high and low are the halves of the rows'",
		"weights, and one more may be read. It begins at in, or at half a unit where in is nil, and ends in out or, where out is nil,",
		"rounded in dst. Only this function knows the order of in and out.")
	c := columnLoop{
		dst: Load(Param("dst"), GP64()), in: Load(Param("in"), GP64()), out: Load(Param("out"), GP64()),
		src: Load(Param("src"), GP64()), stride: Load(Param("stride"), GP64()), n: Load(Param("n"), GP64()),
		high: Load(Param("high"), GP64()), low: Load(Param("low"), GP64()),
		round: YMM(), zero: YMM(),
	}
	half := GP32()
	MOVL(U32(1<<(precision-1)), half)
	VMOVD(half, c.round.AsX())
	VPBROADCASTD(c.round.AsX(), c.round)
	VPXOR(c.zero, c.zero, c.zero)
	c.loop("wide", wide)
	c.loop("narrow", narrow)
	VZEROUPPER()
	RET()
}

// A columnLoop is what the loops over wide and over narrow groups of columns share.
type columnLoop struct {
	dst, in, out, src, stride, n, high, low Register
	round, zero                             VecVirtual
	sumHigh, sumLow                         []VecVirtual // of the group
}

func (c *columnLoop) loop(name string, step int) {
	Label(name)
	CMPQ(c.n, Imm(uint64(step)))
	JL(LabelRef(name + "Done"))
	sums := step / 8
	c.sumHigh, c.sumLow = make([]VecVirtual, sums), make([]VecVirtual, sums)
	for i := range sums {
		c.sumHigh[i], c.sumLow[i] = YMM(), YMM()
	}
	c.begin(name)
	c.addRows(name)
	for i := range sums {
		VPSLLD(Imm(16), c.sumHigh[i], c.sumHigh[i])
		VPADDD(c.sumHigh[i], c.sumLow[i], c.sumLow[i])
	}
	c.end(name)
	ADDQ(Imm(uint64(step)), c.src)
	SUBQ(Imm(uint64(step)), c.n)
	JMP(LabelRef(name))
	Label(name + "Done")
}

// begin sets the sums.
func (c *columnLoop) begin(name string) {
	for _, s := range c.sumHigh {
		VPXOR(s, s, s)
	}
	for _, s := range c.sumLow {
		VMOVDQA(c.round, s)
	}
	TESTQ(c.in, c.in)
	JE(LabelRef(name + "Begun"))
	for i, s := range c.sumLow {
		VMOVDQU(Mem{Base: c.in, Disp: 32 * i}, s)
	}
	ADDQ(Imm(uint64(32*len(c.sumLow))), c.in)
	Label(name + "Begun")
}

// end puts the sums where they belong.
func (c *columnLoop) end(name string) {
	TESTQ(c.out, c.out)
	JE(LabelRef(name + "Round"))
	for i, s := range c.sumLow {
		VMOVDQU(s, Mem{Base: c.out, Disp: 32 * i})
	}
	ADDQ(Imm(uint64(32*len(c.sumLow))), c.out)
	JMP(LabelRef(name + "Ended"))
	Label(name + "Round")
	s := c.sumLow
	for i := range s {
		VPSRAD(Imm(precision), s[i], s[i])
	}
	if len(s) == 1 {
		upper := XMM()
		VEXTRACTI128(Imm(1), s[0], upper)
		VPACKSSDW(upper, s[0].AsX(), upper)
		VPACKUSWB(upper, upper, upper)
		VMOVQ(upper, Mem{Base: c.dst})
	} else { // each half holds 4 of 16 neighbours
		VPACKSSDW(s[1], s[0], s[0])
		VPACKSSDW(s[3], s[2], s[2])
		VPACKUSWB(s[2], s[0], s[0])
		VMOVDQU(s[0], Mem{Base: c.dst})
	}
	ADDQ(Imm(uint64(8*len(s))), c.dst)
	Label(name + "Ended")
}

// addRows takes two rows at a time, and nothing for the second at the end of an odd number.
func (c *columnLoop) addRows(name string) {
	row, tap, left := GP64(), GP64(), GP64()
	MOVQ(c.src, row)
	XORQ(tap, tap)
	Load(Param("taps"), left)
	Label(name + "Pair")
	CMPQ(left, Imm(2))
	JL(LabelRef(name + "Odd"))
	c.addPair(row, tap, true)
	LEAQ(Mem{Base: row, Index: c.stride, Scale: 2}, row)
	ADDQ(Imm(2), tap)
	SUBQ(Imm(2), left)
	JMP(LabelRef(name + "Pair"))
	Label(name + "Odd")
	TESTQ(left, left)
	JE(LabelRef(name + "Added"))
	c.addPair(row, tap, false)
	Label(name + "Added")
}

// addPair interleaves two rows' samples, widens them to words and adds the products with the two rows' weights.
func (c *columnLoop) addPair(row, tap Register, second bool) {
	high, low, product := YMM(), YMM(), YMM()
	VPBROADCASTD(Mem{Base: c.high, Index: tap, Scale: 2}, high)
	VPBROADCASTD(Mem{Base: c.low, Index: tap, Scale: 2}, low)
	a, b := YMM(), YMM()
	under := Mem{Base: row, Index: c.stride, Scale: 1}
	add := func(i int, pair VecVirtual) {
		multiplyAdd(pair, high, product, c.sumHigh[i])
		multiplyAdd(pair, low, pair, c.sumLow[i])
	}
	if len(c.sumLow) == 1 {
		VMOVQ(Mem{Base: row}, a.AsX())
		if second {
			VMOVQ(under, b.AsX())
			VPUNPCKLBW(b.AsX(), a.AsX(), a.AsX())
		} else {
			VPUNPCKLBW(c.zero.AsX(), a.AsX(), a.AsX())
		}
		VPMOVZXBW(a.AsX(), a)
		add(0, a)
		return
	}
	VMOVDQU(Mem{Base: row}, a)
	if second {
		VMOVDQU(under, b)
	} else {
		VMOVDQA(c.zero, b)
	}
	both := YMM()
	VPUNPCKLBW(b, a, both)
	VPUNPCKHBW(b, a, b)
	for i, from := range []VecVirtual{both, b} { // a is free now: there are 16 registers, and this takes them all
		VPUNPCKLBW(c.zero, from, a)
		add(2*i, a)
		VPUNPCKHBW(c.zero, from, a)
		add(2*i+1, a)
	}
}
