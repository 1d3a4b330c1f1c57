package evaluate_test

import (
	"math/rand/v2"
)

// An answered is a set of probabilities with the truth.
type answered struct {
	name  string
	p     [][]float64
	truth []int
}

// random draws answers that are right about as often as their scores say.
func random(r *rand.Rand, n, classes int, sharp float64) ([][]float64, []int) {
	p, truth := make([][]float64, n), make([]int, n)
	for i := range p {
		p[i] = make([]float64, classes)
		total := 0.0
		for c := range p[i] {
			p[i][c] = r.ExpFloat64()
			if c == i%classes {
				p[i][c] += sharp * r.Float64()
			}
			total += p[i][c]
		}
		u := r.Float64()
		truth[i] = classes - 1
		for c := range p[i] {
			p[i][c] /= total
			if u -= p[i][c]; u < 0 {
				truth[i] = c
				u = 2
			}
		}
	}
	return p, truth
}

// coarse rounds probabilities of two classes, so that many are equal.
func coarse(p [][]float64) [][]float64 {
	for _, row := range p {
		row[0] = float64(int(row[0]*8)) / 8
		row[1] = 1 - row[0]
	}
	return p
}

func same(n int, row ...float64) [][]float64 {
	p := make([][]float64, n)
	for i := range p {
		p[i] = row
	}
	return p
}

// answers are random and degenerate.
func answers() []answered {
	r := rand.New(rand.NewPCG(1, 2))
	var all []answered
	add := func(name string, p [][]float64, truth []int) { all = append(all, answered{name, p, truth}) }
	for _, n := range []int{2, 3, 17, 200, 1001} {
		p, truth := random(r, n, 2, 6)
		add("two classes", p, truth)
		p, truth = random(r, n, 2, 6)
		add("ties", coarse(p), truth)
		p, truth = random(r, n, 7, 20)
		add("seven classes", p, truth)
	}
	p, truth := random(r, 400, 2, 3)
	for i := range p { // as float32 from a model
		p[i][0] = float64(float32(p[i][0]))
		p[i][1] = float64(float32(p[i][1]))
	}
	add("float32", p, truth)
	add("one picture, right", same(1, 0.25, 0.75), []int{1})
	add("one picture, wrong", same(1, 0.25, 0.75), []int{0})
	add("one class only", same(5, 0.9, 0.1), []int{0, 0, 0, 0, 0})
	add("all wrong", same(4, 0.9, 0.1), []int{1, 1, 1, 1})
	add("all wrong and certain", same(4, 1, 0), []int{1, 1, 1, 1})
	add("all right and certain", same(4, 0, 1), []int{1, 1, 1, 1})
	add("all the same", same(6, 0.5, 0.5), []int{0, 1, 0, 1, 1, 1})
	add("one class, three known", same(3, 0.2, 0.5, 0.3), []int{1, 1, 1})
	add("three classes, ties", same(7, 0.25, 0.5, 0.25), []int{0, 1, 2, 0, 1, 2, 2})
	return all
}
