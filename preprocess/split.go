package preprocess

// A split holds an axis's weights as vector instructions take them. They multiply words, 16 bits, but a weight has up to 24 bits,
// so each is two words: weight = upper·65536 + lower, both signed. A sum of weighted samples is upper sums·65536 + lower sums.
// Each step is exact modulo 2³², and so is the 32-bit sum that Pillow computes: the two are equal for any weights and any number
// of them. (The product of a pair of words, which is summed in 32 bits, cannot saturate: samples are at most 255.)
type split struct {
	// Words holds, for rows, the weights of one output sample after the other, in groups: uppers, then lowers. Weights after the
	// last are zero.
	words []int16
	// Groups is the number of groups of each output sample.
	groups int
	// Reach is the number of bytes that are read of a row, at most.
	reach int
	// Upper and lower hold, for columns, the halves of the axis's weights in the same order, and one more.
	upper, lower []int16
}

// halves splits a weight.
func halves(w int32) (upper, lower int16) {
	lower = int16(w)
	return int16((w - int32(lower)) >> 16), lower
}

// lane is the number of weights of a group, by channels. A load of four RGB pixels takes 4 bytes more.
func lane(channels int) (weights, excess int) {
	if channels == 3 {
		return 4, 4
	}
	return 8, 0
}

// splitRows fills Words, Groups and Reach.
func (a *axis) splitRows(channels int) {
	s := &a.split
	most := int32(0)
	for _, c := range a.count[:a.n] {
		most = max(most, c)
	}
	weights, excess := lane(channels)
	s.groups = (int(most) + weights - 1) / weights
	s.reach = (int(a.first[a.n-1])+s.groups*weights)*channels + excess
	s.words = sized(s.words, a.n*s.groups*weights*2)
	clear(s.words)
	for i := range a.n {
		words := s.words[i*s.groups*weights*2:]
		for j, w := range a.weights[i*a.taps:][:a.count[i]] {
			at := j/weights*weights*2 + j%weights
			words[at], words[at+weights] = halves(w)
		}
	}
}

// splitColumns fills Upper and Lower.
func (a *axis) splitColumns() {
	s := &a.split
	n := a.n * a.taps
	s.upper, s.lower = sized(s.upper, n+1), sized(s.lower, n+1)
	for i := range a.n {
		for j, w := range a.weights[i*a.taps:][:a.count[i]] {
			s.upper[i*a.taps+j], s.lower[i*a.taps+j] = halves(w)
		}
	}
}
