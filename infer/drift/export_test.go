package drift

// Holm lets tests see the adjustment.
var Holm = holm

// Isotonic maps numbers by what was right.
func Isotonic(confidence, right, of []float64) []float64 {
	var known []judged
	for i, c := range confidence {
		known = append(known, judged{c, right[i]})
	}
	return isotonic(known).of(of)
}
