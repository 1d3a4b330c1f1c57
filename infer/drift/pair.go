package drift

import (
	"math"

	"github.com/scones-unlimited/scones/infer/drift/twosample"
)

// A pair is a column on both sides, with the values that are there.
type pair struct {
	name  string
	group Group
	unit  string

	x, y   []float64 // numbers
	pooled *twosample.Pooled
	sd     float64 // of the baseline, of both sides where that is 0

	shares []Share // words
	counts *twosample.Counts

	vx, vy  [][]float32 // vectors, at most maxVectors of each
	vectors *twosample.Vectors

	below *proportions

	m, n               int
	missingX, missingY int
	rows               []int // of the window, for each of y, of the words or of vy
	column             *Column
	baseline           *Column
	words              []string
}

// proportions of answers below the threshold.
type proportions struct {
	a, m, b, n int
	threshold  float64
}

// maxVectors bounds the kernel of a test of vectors.
const maxVectors = 500

// pairs matches the columns; missing names those that the window lacks.
func pairs(base, window *Sample, seed uint64) (found []*pair, missing []string) {
	for i := range base.Columns {
		b := &base.Columns[i]
		if b.Name == RightColumn {
			continue
		}
		w := window.Column(b.Name)
		if first := firstScore(b, base.Labels); w != nil && first != nil {
			if second := firstScore(w, base.Labels); second != nil {
				b, w = first, second
			}
		}
		if w == nil || (b.Numbers == nil) != (w.Numbers == nil) || (b.Values == nil) != (w.Values == nil) {
			missing = append(missing, b.Name)
			continue
		}
		p := &pair{name: b.Name, group: b.Group, unit: b.Unit, column: w, baseline: b}
		switch {
		case b.Numbers != nil:
			p.numbers(b, w)
		case b.Values != nil:
			p.labels(b, w)
		default:
			if !p.embeddings(b, w, seed) {
				missing = append(missing, b.Name)
				continue
			}
		}
		p.missingX, p.missingY = b.Len()-p.m, w.Len()-p.n
		found = append(found, p)
		if b.Name == ConfidenceColumn && base.Threshold > 0 {
			found = append(found, belowThreshold(p, base.Threshold))
		}
	}
	return found, missing
}

// firstScore is the scores of two classes as numbers: the second is what the first leaves, and numbers have a sharper test than vectors.
// Nil for anything else.
func firstScore(c *Column, labels []string) *Column {
	if c.Name != ScoresColumn || c.Vectors == nil {
		return nil
	}
	name := "of the first class"
	if len(labels) == 2 {
		name = labels[0]
	}
	first := &Column{Name: "score:" + name, Group: c.Group, Numbers: make([]float64, len(c.Vectors))}
	for i, v := range c.Vectors {
		switch len(v) {
		case 0:
			first.Numbers[i] = math.NaN()
		case 2:
			first.Numbers[i] = float64(v[0])
		default:
			return nil
		}
	}
	return first
}

func (p *pair) numbers(b, w *Column) {
	p.x = present(b.Numbers)
	for row, v := range w.Numbers {
		if v == v {
			p.y, p.rows = append(p.y, v), append(p.rows, row)
		}
	}
	p.m, p.n = len(p.x), len(p.y)
	if p.m == 0 || p.n == 0 {
		return
	}
	p.pooled = twosample.Pool(p.x, p.y)
	if _, p.sd = moments(p.x); p.sd == 0 {
		_, p.sd = moments(append(append([]float64{}, p.x...), p.y...))
	}
}

func (p *pair) labels(b, w *Column) {
	for row, v := range w.Values {
		if v != "" {
			p.words, p.rows = append(p.words, v), append(p.rows, row)
		}
	}
	x := words(b.Values)
	p.m, p.n = len(x), len(p.words)
	p.shares = shares(x, p.words)
	cx, cy := make([]int, len(p.shares)), make([]int, len(p.shares))
	for k, s := range p.shares {
		cx[k], cy[k] = s.Baseline, s.Window
	}
	if p.m > 0 && p.n > 0 {
		p.counts = twosample.Count(cx, cy)
	}
}

// embeddings is false when the two sides have vectors of different lengths.
func (p *pair) embeddings(b, w *Column, seed uint64) bool {
	x, _ := vectors(b.Vectors)
	y, rows := vectors(w.Vectors)
	p.m, p.n = len(x), len(y)
	if p.m == 0 || p.n == 0 {
		return true
	}
	if len(x[0]) != len(y[0]) {
		return false
	}
	p.vx = pick(x, chosen(len(x), maxVectors, seed))
	keep := chosen(len(y), maxVectors, seed+1)
	p.vy, p.rows = pick(y, keep), pick(rows, keep)
	return true
}

func vectors(all [][]float32) (there [][]float32, rows []int) {
	for row, v := range all {
		if v != nil {
			there, rows = append(there, v), append(rows, row)
		}
	}
	return there, rows
}

// kernel is computed when it is first asked for.
func (p *pair) kernel() *twosample.Vectors {
	if p.vectors == nil {
		p.vectors = twosample.NewVectors(p.vx, p.vy)
	}
	return p.vectors
}

func belowThreshold(confidence *pair, threshold float64) *pair {
	t := &proportions{m: confidence.m, n: confidence.n, threshold: threshold}
	for _, v := range confidence.x {
		if below(v, threshold) {
			t.a++
		}
	}
	for _, v := range confidence.y {
		if below(v, threshold) {
			t.b++
		}
	}
	p := *confidence
	p.name, p.group, p.unit, p.pooled, p.below = BelowColumn, Predictions, "", nil, t
	return &p
}

// below tells whether a confidence misses a threshold, as package result judges float32 scores.
func below(confidence, threshold float64) bool { return float32(confidence) < float32(threshold) }

// cohen is Cohen's h (1988): the distance of two proportions on the scale of d.
func cohen(p, q float64) float64 {
	return math.Abs(2*math.Asin(math.Sqrt(p)) - 2*math.Asin(math.Sqrt(q)))
}
