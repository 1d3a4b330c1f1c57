package preprocess

// Axes keeps the weights of the last few directions: folders mix upright and lying pictures, and a Lanczos filter's sines take
// as long as the resize of a small picture.
type axes struct {
	kept [4]axis
	now  uint64
}

// longest is the largest input length whose weights are kept beside others: a filter of Lanczos has 6 a sample, of 8 bytes each,
// so a set of axes stays below 7 MB. Longer ones share a place.
const longest = 1 << 15

// of returns the axis of a direction, computed when it isn't kept. The second result says so.
func (c *axes) of(d direction) (a *axis, fresh bool) {
	c.now++
	a = &c.kept[0]
	for i := range c.kept {
		k := &c.kept[i]
		if k.direction == d {
			k.used = c.now
			return k, false
		}
		if k.used < a.used && d.in <= longest {
			a = k
		}
	}
	a.prepare(d)
	a.used = c.now
	return a, true
}
