package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// precision is the number of fractional bits of a weight, as in package preprocess.
const precision = 22

// lines is the number of rows that one call resizes: they share the loads of the weights, and their accumulators fill the
// registers.
const lines = 4

// clear is a shuffle's index that gives zero.
const clear = 0x80

// pixelOrder takes four RGB pixels, from the same 16 bytes in both halves, to words: red of two neighbours, their green, their
// blue, nothing. The upper half takes pixels 2 and 3.
func pixelOrder() Mem {
	m := GLOBL("pixelOrder", RODATA|NOPTR)
	for half := range 2 {
		for channel := range 4 {
			for pixel := range 2 {
				from := clear
				if channel < 3 {
					from = 6*half + 3*pixel + channel
				}
				DATA(16*half+4*channel+2*pixel, U16(clear<<8|from))
			}
		}
	}
	return m
}

// weightOrder repeats the pair of weights of pixels 0 and 1 in the lower half and that of pixels 2 and 3 in the upper. The four
// weights are words from byte at.
func weightOrder(name string, at int) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for half := range 2 {
		for i := range 8 {
			from := at + 4*half + 2*(i%2)
			DATA(16*half+2*i, U16((from+1)<<8|from))
		}
	}
	return m
}

// roundRGB is half a unit of the result, once a channel: in the lower half only, as the halves are added in the end.
func roundRGB() Mem {
	m := GLOBL("roundRGB", RODATA|NOPTR)
	for i := range 8 {
		half := U32(0)
		if i < 4 {
			half = 1 << (precision - 1)
		}
		DATA(4*i, half)
	}
	return m
}

// pointers loads the four addresses that a parameter points to.
func pointers(param string) (out [lines]Register) {
	from := Load(Param(param), GP64())
	for i := range out {
		p := GP64()
		MOVQ(Mem{Base: from, Disp: 8 * i}, p)
		out[i] = p
	}
	return out
}

// multiplyAdd adds the products of two pairs of words to each sum. Samples are at most 255 and weights' halves at least -32768,
// so that no product of a pair overflows.
func multiplyAdd(pair, weights, product, sum VecVirtual) {
	VPMADDWD(weights, pair, product)
	VPADDD(product, sum, sum)
}

func rowsRGB() {
	order, high, low, round := pixelOrder(), weightOrder("highOrder", 0), weightOrder("lowOrder", 8), roundRGB()
	TEXT("rowsRGBAVX2", NOSPLIT, "func(dst, src *[4]*uint8, first *int32, weights *int16, groups, n int)")
	Pragma("noescape")
	Doc("rowsRGBAVX2 makes n pixels of four rows: pixel i is the weighted sum of 4*groups pixels from first[i]. A group's weights are",
		"the upper halves of four, then the lower halves. It reads 4 bytes more than the pixels it weighs.")
	dst, src := pointers("dst"), pointers("src")
	first, weights, n := Load(Param("first"), GP64()), Load(Param("weights"), GP64()), Load(Param("n"), GP64())
	orderY, highY, lowY, roundY := YMM(), YMM(), YMM(), YMM()
	VMOVDQU(order, orderY)
	VMOVDQU(high, highY)
	VMOVDQU(low, lowY)
	VMOVDQU(round, roundY)

	Label("pixel")
	at := GP64()
	MOVLQSX(Mem{Base: first}, at)
	ADDQ(Imm(4), first)
	LEAQ(Mem{Base: at, Index: at, Scale: 2}, at)
	var sumHigh, sumLow [lines]VecVirtual
	for i := range lines {
		sumHigh[i], sumLow[i] = YMM(), YMM()
		VPXOR(sumHigh[i], sumHigh[i], sumHigh[i])
		VMOVDQA(roundY, sumLow[i])
	}
	left := GP64()
	Load(Param("groups"), left)

	Label("group")
	pair, product, wHigh, wLow := YMM(), YMM(), YMM(), YMM()
	VBROADCASTI128(Mem{Base: weights}, wLow)
	VPSHUFB(highY, wLow, wHigh)
	VPSHUFB(lowY, wLow, wLow)
	for i := range lines {
		VBROADCASTI128(Mem{Base: src[i], Index: at, Scale: 1}, pair)
		VPSHUFB(orderY, pair, pair)
		multiplyAdd(pair, wHigh, product, sumHigh[i])
		multiplyAdd(pair, wLow, pair, sumLow[i])
	}
	ADDQ(Imm(16), weights)
	ADDQ(Imm(12), at)
	DECQ(left)
	JNE(LabelRef("group"))

	for i := range lines {
		VPSLLD(Imm(16), sumHigh[i], sumHigh[i])
		VPADDD(sumHigh[i], sumLow[i], sumLow[i])
	}
	for i := 0; i < lines; i += 2 { // rows i and i+1 side by side
		VPERM2I128(Imm(0x20), sumLow[i+1], sumLow[i], sumHigh[i])
		VPERM2I128(Imm(0x31), sumLow[i+1], sumLow[i], sumHigh[i+1])
		VPADDD(sumHigh[i], sumHigh[i+1], sumLow[i])
		VPSRAD(Imm(precision), sumLow[i], sumLow[i])
	}
	done := sumLow[0]
	VPACKSSDW(sumLow[2], done, done)
	VPACKUSWB(done, done, done)
	upper := XMM()
	VEXTRACTI128(Imm(1), done, upper)
	DECQ(n)
	JE(LabelRef("last"))
	rows := [lines]struct {
		from Op
		at   int
	}{{done.AsX(), 0}, {upper, 0}, {done.AsX(), 1}, {upper, 1}}
	for i, r := range rows { // the fourth byte is the next pixel's, which overwrites it
		VPEXTRD(Imm(uint64(r.at)), r.from, Mem{Base: dst[i]})
		ADDQ(Imm(3), dst[i])
	}
	JMP(LabelRef("pixel"))

	Label("last")
	for i, r := range rows {
		VPEXTRW(Imm(uint64(2*r.at)), r.from, Mem{Base: dst[i]})
		VPEXTRB(Imm(uint64(4*r.at+2)), r.from, Mem{Base: dst[i], Disp: 2})
	}
	VZEROUPPER()
	RET()
}

func rowsGrey() {
	TEXT("rowsGreyAVX2", NOSPLIT, "func(dst, src *[4]*uint8, first *int32, weights *int16, groups, n int)")
	Pragma("noescape")
	Doc("rowsGreyAVX2 makes n samples of four rows: sample i is the weighted sum of 8*groups samples from first[i]. A group's weights",
		"are the upper halves of eight, then the lower halves.")
	dst, src := pointers("dst"), pointers("src")
	first, weights, n := Load(Param("first"), GP64()), Load(Param("weights"), GP64()), Load(Param("n"), GP64())
	round := XMM()
	half := GP32()
	MOVL(U32(1<<(precision-1)), half)
	VMOVD(half, round)
	VPSHUFD(Imm(0), round, round)

	Label("sample")
	at := GP64()
	MOVLQSX(Mem{Base: first}, at)
	ADDQ(Imm(4), first)
	var sumHigh, sumLow [lines]VecVirtual
	for i := range lines {
		sumHigh[i], sumLow[i] = XMM(), XMM()
		VPXOR(sumHigh[i], sumHigh[i], sumHigh[i])
		VPXOR(sumLow[i], sumLow[i], sumLow[i])
	}
	left := GP64()
	Load(Param("groups"), left)

	Label("group")
	pair, product, wHigh, wLow := XMM(), XMM(), XMM(), XMM()
	VMOVDQU(Mem{Base: weights}, wHigh)
	VMOVDQU(Mem{Base: weights, Disp: 16}, wLow)
	for i := range lines {
		VPMOVZXBW(Mem{Base: src[i], Index: at, Scale: 1}, pair)
		multiplyAdd(pair, wHigh, product, sumHigh[i])
		multiplyAdd(pair, wLow, pair, sumLow[i])
	}
	ADDQ(Imm(32), weights)
	ADDQ(Imm(8), at)
	DECQ(left)
	JNE(LabelRef("group"))

	for i := range lines {
		VPSLLD(Imm(16), sumHigh[i], sumHigh[i])
		VPADDD(sumHigh[i], sumLow[i], sumLow[i])
	}
	done := sumLow[0]
	VPHADDD(sumLow[1], sumLow[0], sumLow[0])
	VPHADDD(sumLow[3], sumLow[2], sumLow[2])
	VPHADDD(sumLow[2], done, done)
	VPADDD(round, done, done)
	VPSRAD(Imm(precision), done, done)
	VPACKSSDW(done, done, done)
	VPACKUSWB(done, done, done)
	for i := range lines {
		VPEXTRB(Imm(uint64(i)), done, Mem{Base: dst[i]})
		INCQ(dst[i])
	}
	DECQ(n)
	JNE(LabelRef("sample"))
	RET()
}
