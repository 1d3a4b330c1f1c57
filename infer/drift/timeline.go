package drift

import (
	"math"
	"slices"
)

// timeline chooses the moments that a picture of the window shows, in the order of time.
func (r *Report) timeline(window *Sample, threshold float64) {
	order := byTime(window)
	label, confidence := window.Column(LabelColumn), window.Column(ConfidenceColumn)
	r.Timeline = []Moment{}
	for _, k := range chosen(len(order), MaxMoments, 0) {
		row := order[k]
		m := Moment{Time: window.Rows[row].Time, Index: row, Confidence: Number(math.NaN()), Error: window.Rows[row].Error}
		if label != nil && label.Values != nil {
			m.Label = label.Values[row]
		}
		if confidence != nil && confidence.Numbers != nil {
			v := confidence.Numbers[row]
			m.Confidence, m.Below = Number(v), threshold > 0 && below(v, threshold)
		}
		r.Timeline = append(r.Timeline, m)
	}
}

// byTime is the order of the rows in time; rows without a time keep their place only when none has one, else they come last.
func byTime(s *Sample) []int {
	order := indices(len(s.Rows))
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := s.Rows[a].Time, s.Rows[b].Time
		if x.IsZero() != y.IsZero() {
			if x.IsZero() {
				return 1
			}
			return -1
		}
		return x.Compare(y)
	})
	return order
}
