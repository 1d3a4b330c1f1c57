package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// summarise describes numbers, NaN counted as missing.
func summarise(values []float64) Summary {
	v := present(values)
	none := Number(math.NaN())
	s := Summary{N: len(v), Missing: len(values) - len(v), Mean: none, SD: none, Min: none, P05: none, Median: none, P95: none, Max: none}
	if len(v) == 0 {
		return s
	}
	slices.Sort(v)
	mean, sd := moments(v)
	s.Mean, s.Min, s.Max = Number(mean), Number(v[0]), Number(v[len(v)-1])
	s.P05, s.Median, s.P95 = Number(quantile(v, 0.05)), Number(quantile(v, 0.5)), Number(quantile(v, 0.95))
	if len(v) > 1 {
		s.SD = Number(sd)
	}
	return s
}

// counted describes words or vectors.
func counted(n, missing int) Summary {
	s := summarise(nil)
	s.N, s.Missing = n, missing
	return s
}

// present leaves out NaN.
func present(values []float64) []float64 {
	v := make([]float64, 0, len(values))
	for _, x := range values {
		if x == x {
			v = append(v, x)
		}
	}
	return v
}

// moments are the mean and the standard deviation with n-1, 0 for one value.
func moments(v []float64) (mean, sd float64) {
	for i, x := range v {
		mean += (x - mean) / float64(i+1)
	}
	squares := 0.0
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	if len(v) > 1 {
		sd = math.Sqrt(squares / float64(len(v)-1))
	}
	return mean, sd
}

// binCount is the number of bins of a [Compared] column of numbers.
const binCount = 24

// bins counts both sides on shared edges. A far outlier does not squeeze the others into one bin: the outermost bins reach to the extremes,
// the inner ones divide the middle 98 % of both sides.
func bins(x, y []float64) []Bin {
	all := slices.Concat(x, y)
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	least, most := all[0], all[len(all)-1]
	low, high := quantile(all, 0.01), quantile(all, 0.99)
	if len(all) < 400 || high-low > (most-least)/2 {
		low, high = least, most
	}
	if low == high {
		low, high = least, most
	}
	if low == high {
		return []Bin{{Low: low, High: high, Baseline: len(x), Window: len(y)}}
	}
	out := make([]Bin, binCount)
	for i := range out {
		out[i].Low = low + (high-low)*float64(i)/binCount
		out[i].High = low + (high-low)*float64(i+1)/binCount
	}
	place := func(v float64) *Bin {
		return &out[min(binCount-1, max(0, int((v-low)/(high-low)*binCount)))]
	}
	for _, v := range x {
		place(v).Baseline++
	}
	for _, v := range y {
		place(v).Window++
	}
	out[0].Low, out[binCount-1].High = min(least, low), max(most, high)
	return out
}

// shares counts words on both sides, the most frequent first.
func shares(x, y []string) []Share {
	at := map[string]int{}
	var out []Share
	of := func(v string) *Share {
		i, ok := at[v]
		if !ok {
			i = len(out)
			at[v], out = i, append(out, Share{Value: v})
		}
		return &out[i]
	}
	for _, v := range x {
		of(v).Baseline++
	}
	for _, v := range y {
		of(v).Window++
	}
	slices.SortFunc(out, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Baseline+b.Window, a.Baseline+a.Window), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// words leaves out empty ones.
func words(values []string) []string {
	v := make([]string, 0, len(values))
	for _, x := range values {
		if x != "" {
			v = append(v, x)
		}
	}
	return v
}

// Present is the number of values that are there.
func (c *Column) Present() int {
	n := 0
	for row := range c.Len() {
		if c.has(row) {
			n++
		}
	}
	return n
}

// Usual says what a column's values are like: where the middle nine tenths of numbers lie, which words are the most frequent, how long
// vectors are.
func (c *Column) Usual() string {
	switch {
	case c.Numbers != nil:
		s := summarise(c.Numbers)
		if s.N == 0 {
			return ""
		}
		if s.Min == s.Max {
			return strings.TrimSpace(fmt.Sprintf("%.4g %s", s.Min, c.Unit))
		}
		return strings.TrimSpace(fmt.Sprintf("%.4g to %.4g, median %.4g %s", s.P05, s.P95, s.Median, c.Unit))
	case c.Values != nil:
		var parts []string
		there := words(c.Values)
		for i, s := range shares(there, nil) {
			if i == 3 {
				parts = append(parts, "…")
				break
			}
			parts = append(parts, fmt.Sprintf("%s %.0f %%", s.Value, 100*float64(s.Baseline)/float64(len(there))))
		}
		return strings.Join(parts, ", ")
	}
	if v, _ := vectors(c.Vectors); len(v) > 0 {
		return fmt.Sprintf("vectors of %d", len(v[0]))
	}
	return ""
}
