package parity

import (
	"cmp"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model"
)

// usual is the answer that the contract makes of the network's output.
func usual(raw []float32, m *model.Model) []float32 {
	scores := slices.Clone(raw)
	m.Probabilities(scores)
	return scores
}

// activated applies another activation to the network's output.
func activated(a model.Activation) func([]float32, *model.Model) []float32 {
	return func(raw []float32, m *model.Model) []float32 {
		other := *m
		other.Output.Activation = a
		return usual(raw, &other)
	}
}

// softmaxed applies softmax to what is an answer already.
func softmaxed(raw []float32, m *model.Model) []float32 {
	return activated(model.Softmax)(usual(raw, m), m)
}

// activationHypotheses are the ways to make an answer of the network's output. Where the graph's own end is a softmax its logits are not
// to be had; then it is the other side's answer that is brought to probabilities.
func activationHypotheses(m *model.Model, remotes [][]float32) (list []*hypothesis) {
	if len(m.Labels) > 1 {
		list = append(list, &hypothesis{axis: ActivationAxis, says: "applies softmax twice", answer: softmaxed})
	}
	if m.Output.Activation != model.NoActivation {
		list = append(list, &hypothesis{axis: ActivationAxis, says: "gives the network's output without " + string(m.Output.Activation), answer: activated(model.NoActivation)})
		for _, a := range []model.Activation{model.Softmax, model.Sigmoid} {
			if a != m.Output.Activation {
				list = append(list, &hypothesis{axis: ActivationAxis, says: "applies " + string(a) + " instead of " + string(m.Output.Activation), answer: activated(a)})
			}
		}
	} else if !probabilities(remotes) && len(m.Labels) > 1 {
		list = append(list, &hypothesis{axis: ActivationAxis, says: "gives logits, without softmax", other: func(remote []float32) []float32 {
			return activated(model.Softmax)(remote, m)
		}})
	}
	return list
}

// probabilities tells whether answers can be those of a softmax or of sigmoids.
func probabilities(answers [][]float32) bool {
	for _, a := range answers {
		for _, v := range a {
			if v < 0 || v > 1 {
				return false
			}
		}
	}
	return true
}

// orderHypothesis finds the order of classes that makes the local answers most like the others: pairs of a local and a remote class are
// taken in the order of their mean difference. It is nil when the order is the one they have.
func orderHypothesis(local, remote [][]float32) *hypothesis {
	const mostClasses = 2048 // a table of their pairs is held
	classes := len(local[0])
	if classes < 2 || classes > mostClasses {
		return nil
	}
	type pair struct {
		from, to int
		cost     float64
	}
	pairs := make([]pair, 0, classes*classes)
	for from := range classes {
		for to := range classes {
			cost := 0.0
			for i := range local {
				cost += math.Abs(float64(local[i][from]) - float64(remote[i][to]))
			}
			pairs = append(pairs, pair{from, to, cost})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.cost, b.cost) })
	order, used := make([]int, classes), make([]bool, classes)
	for i := range order {
		order[i] = -1
	}
	for _, p := range pairs {
		if order[p.to] < 0 && !used[p.from] {
			order[p.to], used[p.from] = p.from, true
		}
	}
	if slices.IsSorted(order) {
		return nil
	}
	says := "has the classes in another order"
	if classes == 2 {
		says = "has the two classes the other way round"
	}
	return &hypothesis{axis: OrderAxis, says: says, fitted: true, answer: func(raw []float32, m *model.Model) []float32 {
		scores, moved := usual(raw, m), make([]float32, len(order))
		for to, from := range order {
			moved[to] = scores[from]
		}
		return moved
	}}
}

// temperatures that are tried, as logarithms.
const (
	leastLogTemperature = -3.0 // 0.05
	mostLogTemperature  = 3.0  // 20
)

// temperatureHypothesis finds the temperature that makes the local answers most like the others, by squared error. It is nil when that
// is about 1 or at the end of the range.
func temperatureHypothesis(local, remote [][]float32, multiLabel bool) *hypothesis {
	loss := func(logT float64) (sum float64) {
		for i := range local {
			for c, v := range tempered(local[i], math.Exp(logT), multiLabel) {
				sum += (float64(v) - float64(remote[i][c])) * (float64(v) - float64(remote[i][c]))
			}
		}
		return sum
	}
	best, step := 0.0, 0.1
	least := loss(best)
	for logT := leastLogTemperature; logT <= mostLogTemperature; logT += step {
		if l := loss(logT); l < least {
			best, least = logT, l
		}
	}
	for ; step > 1e-6; step /= 2 { // the loss has one valley within a step of the best
		for _, logT := range []float64{best - step/2, best + step/2} {
			if l := loss(logT); l < least {
				best, least = logT, l
			}
		}
	}
	if math.Abs(best) < 0.02 || best <= leastLogTemperature || best >= mostLogTemperature {
		return nil
	}
	t := math.Exp(best)
	return &hypothesis{axis: TemperatureAxis, says: "divides the logits by a temperature of " + digits(t, 3), fitted: true,
		answer: func(raw []float32, m *model.Model) []float32 { return tempered(usual(raw, m), t, multiLabel) }}
}

// tempered divides the logits behind probabilities by t. Those of a softmax are the logarithms, up to a number that softmax takes away.
func tempered(scores []float32, t float64, multiLabel bool) []float32 {
	const tiny = 1e-30
	out := make([]float32, len(scores))
	if multiLabel || len(scores) == 1 {
		for i, p := range scores {
			logit := math.Log(max(float64(p), tiny)) - math.Log(max(1-float64(p), tiny))
			out[i] = float32(1 / (1 + math.Exp(-logit/t)))
		}
		return out
	}
	largest := math.Inf(-1)
	for _, p := range scores {
		largest = max(largest, math.Log(max(float64(p), tiny))/t)
	}
	sum := 0.0
	for _, p := range scores {
		sum += math.Exp(math.Log(max(float64(p), tiny))/t - largest)
	}
	for i, p := range scores {
		out[i] = float32(math.Exp(math.Log(max(float64(p), tiny))/t-largest) / sum)
	}
	return out
}
