package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Confusion counts answers: cell [t][p] holds the pictures of class t that were taken for class p, as sklearn.metrics.confusion_matrix.
// Errors wrap [ErrInput].
func Confusion(truth, predicted []int, classes int) ([][]int, error) {
	if len(truth) != len(predicted) {
		return nil, fmt.Errorf("%w: %d true classes, %d answers", ErrInput, len(truth), len(predicted))
	}
	cells := make([]int, classes*classes)
	m := make([][]int, classes)
	for c := range m {
		m[c] = cells[c*classes:][:classes:classes]
	}
	for i, t := range truth {
		p := predicted[i]
		if t < 0 || t >= classes || p < 0 || p >= classes {
			return nil, fmt.Errorf("%w: picture %d is of class %d and taken for %d, there are %d classes", ErrInput, i, t, p, classes)
		}
		m[t][p]++
	}
	return m, nil
}

// A Class holds one class's figures. Those without a value are NaN.
type Class struct {
	Label string `json:"label"`
	// Pictures of the class, Predicted pictures that were taken for it, Right those that are both.
	Pictures  int `json:"pictures"`
	Predicted int `json:"predicted"`
	Right     int `json:"right"`
	// Precision is Right / Predicted, NaN when nothing was taken for the class.
	Precision         Number   `json:"precision"`
	PrecisionInterval Interval `json:"precision_interval"` // Wilson
	// Recall is Right / Pictures, NaN without a picture of the class.
	Recall         Number   `json:"recall"`
	RecallInterval Interval `json:"recall_interval"` // Wilson
	// F1 is 2 Right / (Pictures + Predicted), NaN when both are 0.
	F1 Number `json:"f1"`
	// ROCArea and PRArea of the class against all others; NaN also where the scores of all classes are not known.
	ROCArea Number `json:"roc_area"`
	PRArea  Number `json:"pr_area"`
}

// Classes takes the figures of each class from a confusion matrix, as sklearn.metrics.precision_recall_fscore_support with
// zero_division=nan. The areas are left NaN.
func Classes(confusion [][]int, labels []string) []Class {
	classes := make([]Class, len(confusion))
	for t, row := range confusion {
		c := &classes[t]
		c.Label, c.Right, c.ROCArea, c.PRArea = labels[t], row[t], Number(math.NaN()), Number(math.NaN())
		for p, n := range row {
			c.Pictures += n
			classes[p].Predicted += n
		}
	}
	for i := range classes {
		c := &classes[i]
		c.Precision, c.PrecisionInterval = share(c.Right, c.Predicted), Wilson(c.Right, c.Predicted)
		c.Recall, c.RecallInterval = share(c.Right, c.Pictures), Wilson(c.Right, c.Pictures)
		c.F1 = share(2*c.Right, c.Pictures+c.Predicted)
	}
	return classes
}

// share is a quotient of counts, NaN of nothing.
func share(k, n int) Number { return Number(float64(k) / float64(n)) }

// A Pair is a kind of mistake: Count pictures of class Truth that were taken for class Predicted.
type Pair struct {
	Truth     string `json:"truth"`
	Predicted string `json:"predicted"`
	Count     int    `json:"count"`
}

// Mistakes lists the kinds of mistakes, the most frequent first.
func Mistakes(confusion [][]int, labels []string) []Pair {
	var pairs []Pair
	for t, row := range confusion {
		for p, n := range row {
			if n > 0 && p != t {
				pairs = append(pairs, Pair{labels[t], labels[p], n})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Compare(b.Count, a.Count) })
	return pairs
}
