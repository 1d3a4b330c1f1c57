package evaluate

import (
	"cmp"
	"math"
	"slices"
)

// ROCArea is the probability that a picture of the class scores higher than one that is not of it, ties counting half: the area under
// the receiver operating characteristic, as sklearn.metrics.roc_auc_score. It is NaN when all pictures are of the class or none is.
// Errors wrap [ErrInput].
func ROCArea(score []float64, positive []bool) (float64, error) {
	if err := checkScores(score, positive); err != nil {
		return 0, err
	}
	// Pairs that are in order, from the lowest score up: each positive beats the negatives below it and half of those beside it.
	var won sum
	below, positives := 0.0, 0.0
	for _, tie := range slices.Backward(ties(score, positive)) {
		won.add(float64(tie.positive) * (below + float64(tie.negative)/2))
		below += float64(tie.negative)
		positives += float64(tie.positive)
	}
	return won.value() / (below * positives), nil // 0/0 where one kind is missing
}

// PRArea is the average precision Σ (R_k - R_(k-1)) P_k over the distinct scores from the highest down, as
// sklearn.metrics.average_precision_score: the area under precision against recall without interpolation. It is NaN when no picture is
// of the class; one that knows nothing has the class's share. Errors wrap [ErrInput].
func PRArea(score []float64, positive []bool) (float64, error) {
	if err := checkScores(score, positive); err != nil {
		return 0, err
	}
	var area sum
	hits, all := 0.0, 0.0
	for _, tie := range ties(score, positive) {
		hits += float64(tie.positive)
		all += float64(tie.positive + tie.negative)
		area.add(float64(tie.positive) * hits / all)
	}
	if hits == 0 {
		return math.NaN(), nil
	}
	return area.value() / hits, nil
}

// Areas gives each class's areas against all others. Errors wrap [ErrInput].
func Areas(p [][]float64, truth []int) (roc, pr []float64, err error) {
	if err := check(p, truth); err != nil {
		return nil, nil, err
	}
	score, positive := make([]float64, len(p)), make([]bool, len(p))
	for c := range p[0] {
		for i, row := range p {
			score[i], positive[i] = row[c], truth[i] == c
		}
		r, err := ROCArea(score, positive)
		if err != nil {
			return nil, nil, err
		}
		a, err := PRArea(score, positive)
		if err != nil {
			return nil, nil, err
		}
		roc, pr = append(roc, r), append(pr, a)
	}
	return roc, pr, nil
}

// Mean of the values that are numbers, NaN when none is.
func Mean(values []float64) float64 {
	var total sum
	n := 0
	for _, v := range values {
		if v == v {
			total.add(v)
			n++
		}
	}
	return total.value() / float64(n)
}

// A tie counts the pictures of one score.
type tie struct {
	score              float64
	positive, negative int
}

// ties groups pictures by score, the highest first.
func ties(score []float64, positive []bool) []tie {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	var groups []tie
	for _, i := range order {
		if len(groups) == 0 || groups[len(groups)-1].score != score[i] {
			groups = append(groups, tie{score: score[i]})
		}
		if positive[i] {
			groups[len(groups)-1].positive++
		} else {
			groups[len(groups)-1].negative++
		}
	}
	return groups
}
