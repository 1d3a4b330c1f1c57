package drifttest

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// A Judge answers for a picture: the probabilities of the classes, and what it sees in it.
type Judge func(picture []byte) (scores, vector []float32, err error)

// An Answer is what is known of one picture after a change.
type Answer struct {
	Class  int
	Scores []float32
	Vector []float32
	Stats  picturestats.Stats
}

// A Pool is the answers for the same pictures after each change, in the order of the pictures.
type Pool struct {
	Labels  []string
	Answers map[Change][]Answer
	Foreign []Answer
}

// NewPool changes all pictures in every way and asks the judge. Foreign pictures are those of the change [Class].
func NewPool(labels []string, pictures, foreign []Picture, judge Judge) (*Pool, error) {
	p := &Pool{Labels: labels, Answers: map[Change][]Answer{}}
	reader, err := picturestats.NewReader(preprocess.Limits{})
	if err != nil {
		return nil, err
	}
	for _, change := range []Change{Nothing, Brightness, Blur, JPEG} {
		for i, picture := range pictures {
			a, err := answer(picture, change, reader, judge)
			if err != nil {
				return nil, fmt.Errorf("picture %d, %s: %w", i, change, err)
			}
			p.Answers[change] = append(p.Answers[change], a)
		}
	}
	p.Answers[Labels], p.Answers[Class] = p.Answers[Nothing], p.Answers[Nothing]
	for _, a := range p.Answers[Nothing] {
		a.Scores = tempered(a.Scores)
		p.Answers[Calibration] = append(p.Answers[Calibration], a)
	}
	for i, picture := range foreign {
		a, err := answer(picture, Nothing, reader, judge)
		if err != nil {
			return nil, fmt.Errorf("foreign picture %d: %w", i, err)
		}
		p.Foreign = append(p.Foreign, a)
	}
	return p, nil
}

func answer(p Picture, change Change, reader *picturestats.Reader, judge Judge) (a Answer, err error) {
	m, err := change.apply(p.Image)
	if err != nil {
		return a, err
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		return a, err
	}
	a.Class = p.Class
	if a.Stats, err = reader.Stats(file.Bytes()); err != nil {
		return a, err
	}
	a.Scores, a.Vector, err = judge(file.Bytes())
	return a, err
}

// tempered flattens probabilities: their logarithms shrink.
func tempered(scores []float32) []float32 {
	out, total := make([]float32, len(scores)), 0.0
	for i, s := range scores {
		v := math.Pow(max(float64(s), 1e-12), surer)
		out[i], total = float32(v), total+v
	}
	for i := range out {
		out[i] /= float32(total)
	}
	return out
}

// Deal divides the pictures at random: the first of them for the baseline, the others for windows.
func (p *Pool) Deal(r *rand.Rand, baseline int) (base, rest []int) {
	order := r.Perm(len(p.Answers[Nothing]))
	return order[:baseline], order[baseline:]
}

// Draw chooses the n rows of a window after a change: indices of pictures, those of foreign ones as -1 - index. No picture comes twice,
// but for foreign ones where there are too few.
func (p *Pool) Draw(r *rand.Rand, change Change, from []int, n int) []int {
	from = append([]int{}, from...)
	r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	var rows []int
	foreign := 0
	if change == Class {
		foreign = int(math.Round(foreignShare * float64(n)))
	}
	for k := range foreign {
		rows = append(rows, -1-(k+r.IntN(len(p.Foreign)))%len(p.Foreign))
	}
	if change != Labels {
		return append(rows, from[:n-foreign]...)
	}
	want := [2]int{}
	for range n {
		if r.Float64() < labelShare {
			want[0]++
		} else {
			want[1]++
		}
	}
	for _, i := range from {
		if class := p.Answers[Nothing][i].Class; want[class] > 0 {
			want[class]--
			rows = append(rows, i)
		}
	}
	return rows
}

// Sample makes the sample of rows.
func (p *Pool) Sample(change Change, rows []int, threshold float64) *drift.Sample {
	n := len(rows)
	s := &drift.Sample{Labels: p.Labels, Threshold: threshold, Source: string(change), Rows: make([]drift.Row, n)}
	label, confidence := make([]string, n), make([]float64, n)
	scores, vectors, formats := make([][]float32, n), make([][]float32, n), make([]string, n)
	numbers := make([][]float64, len(picturestats.Metrics))
	for k := range numbers {
		numbers[k] = make([]float64, n)
	}
	for i, row := range rows {
		a := p.At(change, row)
		best := 0
		for k, v := range a.Scores {
			if v > a.Scores[best] {
				best = k
			}
		}
		label[i], confidence[i], scores[i], vectors[i], formats[i] = p.Labels[best], float64(a.Scores[best]), a.Scores, a.Vector, a.Stats.Format
		for k, metric := range picturestats.Metrics {
			numbers[k][i] = metric.Of(&a.Stats)
		}
	}
	s.Columns = []drift.Column{
		{Name: drift.LabelColumn, Group: drift.Predictions, Values: label},
		{Name: drift.ConfidenceColumn, Group: drift.Scores, Numbers: confidence},
		{Name: drift.ScoresColumn, Group: drift.Scores, Vectors: scores},
		{Name: "format", Group: drift.Pictures, Values: formats},
	}
	for k, metric := range picturestats.Metrics {
		s.Columns = append(s.Columns, drift.Column{Name: metric.Name, Group: drift.Pictures, Unit: metric.Unit, Numbers: numbers[k]})
	}
	if vectors[0] != nil {
		s.Columns = append(s.Columns, drift.Column{Name: drift.EmbeddingColumn, Group: drift.Embeddings, Vectors: vectors})
	}
	return s
}

// At is the answer of a row that Draw chose.
func (p *Pool) At(change Change, row int) *Answer {
	if row < 0 {
		return &p.Foreign[-1-row]
	}
	return &p.Answers[change][row]
}
