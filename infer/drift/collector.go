package drift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// MaxRows is how many rows of a sample are compared. More than these are seldom needed to see what matters; a [Collector] keeps a
// uniform sample of all.
const MaxRows = 10_000

// A Collector makes a [Sample] of rows that come one by one, in constant memory: above its limit it keeps a uniform sample (Vitter's
// algorithm R, 1985), in the order in which the rows came.
type Collector struct {
	sample Sample
	limit  int
	seen   int
	order  []int // number of each kept row among all
	r      *rand.Rand
}

// NewCollector keeps up to limit rows, [MaxRows] when 0, with these columns; what values they have already is passed over, but the kind
// counts: an empty slice that is not nil.
func NewCollector(limit int, seed uint64, columns ...Column) *Collector {
	if limit == 0 {
		limit = MaxRows
	}
	c := &Collector{limit: limit, r: rand.New(rand.NewPCG(seed, 4))}
	c.sample.Columns = slices.Clone(columns)
	for i := range c.sample.Columns {
		column := &c.sample.Columns[i]
		switch {
		case column.Numbers != nil:
			column.Numbers = []float64{}
		case column.Values != nil:
			column.Values = []string{}
		case column.Vectors != nil:
			column.Vectors = [][]float32{}
		}
	}
	return c
}

// A Cell is a value for one column: the field that the column's kind has. The zero value is missing, but for numbers, where it is 0.
type Cell struct {
	Number float64
	Value  string
	Vector []float32
}

// Missing is the cell of a number that is not there.
var Missing = Cell{Number: math.NaN()}

// Add takes a row with a cell for each column. Vectors are kept, not copied. Errors wrap [ErrSample].
func (c *Collector) Add(row Row, cells ...Cell) error {
	if len(cells) != len(c.sample.Columns) {
		return fmt.Errorf("%w: row %d has %d cells for %d columns", ErrSample, c.seen, len(cells), len(c.sample.Columns))
	}
	c.seen++
	s := &c.sample
	at := len(s.Rows)
	if at == c.limit {
		if at = c.r.IntN(c.seen); at >= c.limit {
			return nil
		}
		s.Rows[at], c.order[at] = row, c.seen
	} else {
		s.Rows, c.order = append(s.Rows, row), append(c.order, c.seen)
	}
	for i, cell := range cells {
		column := &s.Columns[i]
		switch {
		case column.Numbers != nil:
			column.Numbers = set(column.Numbers, at, cell.Number)
		case column.Values != nil:
			column.Values = set(column.Values, at, cell.Value)
		case column.Vectors != nil:
			column.Vectors = set(column.Vectors, at, cell.Vector)
		}
	}
	return nil
}

func set[T any](values []T, at int, v T) []T {
	if at == len(values) {
		return append(values, v)
	}
	values[at] = v
	return values
}

// Sample gives what was kept, in the order of coming. The collector is not to be used afterwards.
func (c *Collector) Sample() *Sample {
	order := make([]int, len(c.order))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return c.order[a] - c.order[b] })
	s := c.sample.take(order)
	if c.seen > len(s.Rows) {
		s.Total = c.seen
	}
	return s
}

// take gives a sample of some rows, in the order of their indices.
func (s *Sample) take(rows []int) *Sample {
	t := *s
	t.Rows = pick(s.Rows, rows)
	t.Columns = slices.Clone(s.Columns)
	for i := range t.Columns {
		c := &t.Columns[i]
		c.Numbers, c.Values, c.Vectors = pick(c.Numbers, rows), pick(c.Values, rows), pick(c.Vectors, rows)
	}
	return &t
}

func pick[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = values[row]
	}
	return out
}

// chosen gives limit of n indices in order, uniformly; all of them where they are no more.
func chosen(n, limit int, seed uint64) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	if n <= limit {
		return all
	}
	r := rand.New(rand.NewPCG(seed, 5))
	for i := range limit {
		j := i + r.IntN(n-i)
		all[i], all[j] = all[j], all[i]
	}
	slices.Sort(all[:limit])
	return all[:limit]
}

// thinned is the sample with at most limit of its rows.
func (s *Sample) thinned(limit int, seed uint64) *Sample {
	if len(s.Rows) <= limit {
		return s
	}
	t := s.take(chosen(len(s.Rows), limit, seed))
	t.Total = s.Seen()
	return t
}
