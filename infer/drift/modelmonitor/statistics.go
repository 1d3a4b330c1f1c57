package modelmonitor

import (
	"math"
	"slices"

	"github.com/scones-unlimited/scones/infer/drift"
)

// Statistics is a statistics.json.
type Statistics struct {
	Version  float64   `json:"version"` // 0 in the container's files
	Dataset  Dataset   `json:"dataset"`
	Features []Feature `json:"features"`
}

// Dataset counts rows.
type Dataset struct {
	ItemCount int `json:"item_count"`
}

// A Type is what values of a feature are.
type Type string

// The types.
const (
	Integral   Type = "Integral"
	Fractional Type = "Fractional"
	String     Type = "String"
	Unknown    Type = "Unknown"
)

// A Feature is a column.
type Feature struct {
	Name         string     `json:"name"`
	InferredType Type       `json:"inferred_type"`
	Numerical    *Numerical `json:"numerical_statistics,omitempty"`
	Strings      *Strings   `json:"string_statistics,omitempty"`
}

// Common counts values.
type Common struct {
	NumPresent int `json:"num_present"`
	NumMissing int `json:"num_missing"`
}

// Numerical describes numbers. StdDev is that of the population, with n.
type Numerical struct {
	Common       Common  `json:"common"`
	Mean         float64 `json:"mean"`
	Sum          float64 `json:"sum"`
	StdDev       float64 `json:"std_dev"`
	Min          float64 `json:"min"`
	Max          float64 `json:"max"`
	Distribution struct {
		KLL KLL `json:"kll"`
	} `json:"distribution"`
}

// KLL is a distribution of numbers.
type KLL struct {
	Buckets []Bucket `json:"buckets"`
	Sketch  Sketch   `json:"sketch"`
}

// A Bucket counts the numbers of a range.
type Bucket struct {
	LowerBound float64 `json:"lower_bound"`
	UpperBound float64 `json:"upper_bound"`
	Count      float64 `json:"count"`
}

// Strings describes words.
type Strings struct {
	Common        Common `json:"common"`
	DistinctCount int    `json:"distinct_count"`
	Distribution  struct {
		Categorical Categorical `json:"categorical"`
	} `json:"distribution"`
}

// Categorical is a distribution of words.
type Categorical struct {
	Buckets []Category `json:"buckets"`
}

// A Category counts a word.
type Category struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Describe computes the statistics of a sample. Columns of vectors have no place in the file and are left out.
func Describe(s *drift.Sample) *Statistics {
	out := &Statistics{Dataset: Dataset{ItemCount: len(s.Rows)}, Features: []Feature{}}
	for i := range s.Columns {
		c := &s.Columns[i]
		switch {
		case c.Numbers != nil:
			out.Features = append(out.Features, numbers(c))
		case c.Values != nil:
			out.Features = append(out.Features, words(c))
		}
	}
	return out
}

func numbers(c *drift.Column) Feature {
	var v []float64
	whole := true
	for _, x := range c.Numbers {
		if x == x {
			v = append(v, x)
			whole = whole && x == math.Trunc(x)
		}
	}
	f := Feature{Name: c.Name, InferredType: Fractional, Numerical: &Numerical{Common: Common{len(v), len(c.Numbers) - len(v)}}}
	switch {
	case len(v) == 0:
		f.InferredType = Unknown
	case whole:
		f.InferredType = Integral
	}
	n := f.Numerical
	n.Distribution.KLL.Sketch = NewSketch(v)
	n.Distribution.KLL.Buckets = []Bucket{}
	if len(v) == 0 {
		return f
	}
	for _, x := range v {
		n.Sum += x
	}
	n.Mean = n.Sum / float64(len(v))
	for _, x := range v {
		n.StdDev += (x - n.Mean) * (x - n.Mean)
	}
	n.StdDev = math.Sqrt(n.StdDev / float64(len(v)))
	n.Min, n.Max = slices.Min(v), slices.Max(v)
	n.Distribution.KLL.Buckets = n.Distribution.KLL.Sketch.buckets(n.Min, n.Max)
	return f
}

func words(c *drift.Column) Feature {
	f := Feature{Name: c.Name, InferredType: String, Strings: &Strings{}}
	at := map[string]int{}
	buckets := []Category{}
	for _, v := range c.Values {
		if v == "" {
			f.Strings.Common.NumMissing++
			continue
		}
		f.Strings.Common.NumPresent++
		k, ok := at[v]
		if !ok {
			k = len(buckets)
			at[v], buckets = k, append(buckets, Category{Value: v})
		}
		buckets[k].Count++
	}
	slices.SortStableFunc(buckets, func(a, b Category) int { return b.Count - a.Count })
	f.Strings.DistinctCount, f.Strings.Distribution.Categorical.Buckets = len(buckets), buckets
	return f
}

// Sample turns statistics back into rows: numbers evenly spread over their sketch, words as often as they were counted, at most
// [drift.MaxRows]. Values of a row do not belong together any more; tests of single columns do not mind. Groups are told by the names that
// package drift knows: other numbers are of [drift.Pictures].
func (s *Statistics) Sample() *drift.Sample {
	rows := 0
	for i := range s.Features {
		common := s.Features[i].common()
		rows = max(rows, common.NumPresent+common.NumMissing)
	}
	kept := min(rows, drift.MaxRows)
	out := &drift.Sample{Rows: make([]drift.Row, kept)}
	if rows > kept {
		out.Total = rows
	}
	for i := range s.Features {
		f := &s.Features[i]
		c := drift.Column{Name: f.Name, Group: groupOf(f.Name)}
		present := 0
		if common := f.common(); rows > 0 {
			present = int(math.Round(float64(common.NumPresent) * float64(kept) / float64(rows)))
		}
		switch {
		case f.Numerical != nil:
			c.Numbers = slices.Grow(f.Numerical.Distribution.KLL.Sketch.Quantiles(present), kept)
			for len(c.Numbers) < kept {
				c.Numbers = append(c.Numbers, math.NaN())
			}
		case f.Strings != nil:
			c.Values = make([]string, 0, kept)
			for _, b := range f.Strings.Distribution.Categorical.Buckets {
				count := int(math.Round(float64(b.Count) * float64(kept) / float64(rows)))
				for range min(count, kept-len(c.Values)) {
					c.Values = append(c.Values, b.Value)
				}
			}
			for len(c.Values) < kept {
				c.Values = append(c.Values, "")
			}
		default:
			continue
		}
		out.Columns = append(out.Columns, c)
	}
	return out
}

func groupOf(name string) drift.Group {
	switch name {
	case drift.LabelColumn:
		return drift.Predictions
	case drift.ConfidenceColumn:
		return drift.Scores
	case drift.LatencyColumn, drift.RightColumn:
		return drift.Operation
	}
	if len(name) > 6 && name[:6] == "score:" {
		return drift.Scores
	}
	return drift.Pictures
}

func (f *Feature) common() Common {
	switch {
	case f.Numerical != nil:
		return f.Numerical.Common
	case f.Strings != nil:
		return f.Strings.Common
	}
	return Common{}
}
