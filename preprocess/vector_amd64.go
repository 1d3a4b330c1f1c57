package preprocess

import "golang.org/x/sys/cpu"

//go:generate go run -C kernels . -part rows -out ../rows_amd64.s -stubs ../rows_stubs_amd64.go -pkg preprocess
//go:generate go run -C kernels . -part columns -out ../columns_amd64.s -stubs ../columns_stubs_amd64.go -pkg preprocess

// hasVector reports whether this processor runs the vector instructions. Every one since 2013 (Intel) and 2015 (AMD) does.
var hasVector = cpu.X86.HasAVX2

// addVector is the part of add that takes 8 columns at a time: as many as sums has, a multiple of 8. Upper and lower have one
// weight more than there are rows.
func addVector(dst []uint8, sums []int32, begins bool, src []uint8, stride int, upper, lower []int16) {
	taps := len(upper) - 1
	_ = src[(taps-1)*stride:][:len(sums)]
	in, out := &sums[0], &sums[0]
	if begins {
		in = nil
	}
	var to *uint8
	if dst != nil {
		out, to = nil, &dst[:len(sums)][0]
	}
	columnsAVX2(to, in, out, &src[0], stride, &upper[0], &lower[0], taps, len(sums))
}

// applyVector makes the window of four rows.
func (a *axis) applyVector(to, from *[4]*uint8, channels int) {
	if channels == 3 {
		rowsRGBAVX2(to, from, &a.first[0], &a.split.words[0], a.split.groups, a.n)
	} else {
		rowsGreyAVX2(to, from, &a.first[0], &a.split.words[0], a.split.groups, a.n)
	}
}
