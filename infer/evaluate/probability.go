package evaluate

import (
	"fmt"
	"math"
)

// Top gives each picture's most probable class, its score, and whether it is the true one. Of equal scores the lowest class counts, as
// in [github.com/scones-unlimited/scones/model.Model.Rank]. Errors wrap [ErrInput].
func Top(p [][]float64, truth []int) (predicted []int, score []float64, right []bool, err error) {
	if err := check(p, truth); err != nil {
		return nil, nil, nil, err
	}
	predicted, score, right = make([]int, len(p)), make([]float64, len(p)), make([]bool, len(p))
	for i, row := range p {
		best := 0
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		predicted[i], score[i], right[i] = best, row[best], best == truth[i]
	}
	return predicted, score, right, nil
}

// TopK gives the share of pictures whose true class is among the k most probable; of equal scores the lower class comes first. Errors
// wrap [ErrInput].
func TopK(p [][]float64, truth []int, k int) (float64, error) {
	if err := check(p, truth); err != nil {
		return 0, err
	}
	if k < 1 {
		return 0, fmt.Errorf("%w: the %d most probable classes", ErrInput, k)
	}
	among := 0
	for i, row := range p {
		before := 0
		for c, v := range row {
			if v > row[truth[i]] || v == row[truth[i]] && c < truth[i] {
				before++
			}
		}
		if before < k {
			among++
		}
	}
	return float64(among) / float64(len(p)), nil
}

// epsilon is the smallest probability that a logarithm is taken of, float64's machine epsilon, as in sklearn.metrics.log_loss: one
// picture whose true class has probability 0 costs 36, not infinity.
const epsilon = 0x1p-52

// LogLoss is the mean of -ln p(true class), in nats; p[i][c] is the probability of class c for picture i. Probabilities are clipped to
// 2⁻⁵² and 1 - 2⁻⁵² as sklearn.metrics.log_loss does. A model that knows nothing of c classes has ln c. Errors wrap [ErrInput], and
// [ErrNotDistribution] where scores do not sum to one.
func LogLoss(p [][]float64, truth []int) (float64, error) {
	if err := checkDistribution(p, truth); err != nil {
		return 0, err
	}
	var total sum
	for i, row := range p {
		total.add(-math.Log(min(max(row[truth[i]], epsilon), 1-epsilon)))
	}
	return total.value() / float64(len(p)), nil
}

// Brier is the mean over pictures of the squared distance between the probabilities and the truth, Σ (p_c - y_c)² (Brier 1950), halved
// for two classes so that it is (p_1 - y_1)²: sklearn.metrics.brier_score_loss with scale_by_half="auto". It is 0 to 1 for two classes
// and 0 to 2 for more. Errors are as of [LogLoss].
func Brier(p [][]float64, truth []int) (float64, error) {
	if err := checkDistribution(p, truth); err != nil {
		return 0, err
	}
	var total sum
	for i, row := range p {
		for c, v := range row {
			if c == truth[i] {
				v = 1 - v
			}
			total.add(v * v)
		}
	}
	mean := total.value() / float64(len(p))
	if len(p[0]) < 3 {
		mean /= 2
	}
	return mean, nil
}

func checkDistribution(p [][]float64, truth []int) error {
	if err := check(p, truth); err != nil {
		return err
	}
	for i, row := range p {
		var total sum
		for _, v := range row {
			total.add(v)
		}
		if abs(total.value()-1) > sumTolerance {
			return fmt.Errorf("%w: those of picture %d sum to %v", ErrNotDistribution, i, total.value())
		}
	}
	return nil
}
