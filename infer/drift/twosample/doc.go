// Package twosample tests whether two samples come from one population, with the true size of every test at any number of values.
//
// The null distribution is that of permutations: if nothing has changed, any division of the pooled values into parts of these sizes was
// as likely as the one that was seen. Ties, few different values and unequal sizes need no correction then. Where the divisions can be
// counted, p is exact; else permutations are drawn and the one that was seen counts among them, so that p never claims more than the
// draws can show (Phipson and Smyth 2010).
//
// By convention x is the baseline, of m values, and y the window, of n. Neither is empty, and no value is NaN: that is the caller's to
// see to.
package twosample

// A Result is the p-value of a permutation test.
type Result struct {
	// P is the probability of the statistic that was seen, or a greater one.
	P float64
	// Exact is true when all permutations were counted; else Draws of them were drawn.
	Exact bool
	Draws int
}
