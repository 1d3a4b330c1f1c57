package label

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/infer/drift"
)

// Candidates say what [Choose] picks from.
type Candidates struct {
	Sample *drift.Sample
	// Report of the sample's drift; nil picks by the threshold alone.
	Report *drift.Report
	// Threshold that a confidence must reach, 0 to 1.
	Threshold float64
	// Most pictures.
	Most int
}

// A Question is a picture whose class is asked for.
type Question struct {
	EventID     string   `json:"event_id,omitempty"`
	InferenceID string   `json:"inference_id,omitempty"`
	Place       string   `json:"place"` // where the picture came from
	Said        string   `json:"said"`  // the model's class
	Confidence  *float64 `json:"confidence,omitempty"`
	Why         string   `json:"why"` // it was picked
	File        string   `json:"file,omitempty"`
}

// Choose picks pictures: at most half of them carry the drift, the heaviest first, the others are nearest the threshold. A row without a
// picture is not asked for.
func Choose(c Candidates) []Question {
	var chosen []Question
	taken := map[int]bool{}
	add := func(row int, why string) {
		if row < 0 || row >= len(c.Sample.Rows) || taken[row] || c.Sample.Rows[row].Picture == "" || c.Sample.Rows[row].Error != "" {
			return
		}
		taken[row] = true
		chosen = append(chosen, question(c.Sample, row, why))
	}
	if c.Report != nil {
		for _, carrier := range c.Report.Carriers {
			if len(chosen) >= (c.Most+1)/2 {
				break
			}
			why := fmt.Sprintf("carries %.1f %% of the drift", 100*carrier.Share)
			if len(carrier.Why) > 0 {
				why += ": " + carrier.Why[0]
			}
			add(carrier.Index, why)
		}
	}
	if confidence := c.Sample.Column(drift.ConfidenceColumn); confidence != nil {
		order := make([]int, 0, len(confidence.Numbers))
		for row, v := range confidence.Numbers {
			if !math.IsNaN(v) {
				order = append(order, row)
			}
		}
		away := func(row int) float64 { return math.Abs(confidence.Numbers[row] - c.Threshold) }
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(away(a), away(b)) })
		for _, row := range order {
			if len(chosen) >= c.Most {
				break
			}
			add(row, fmt.Sprintf("%.4f is near the threshold of %v", confidence.Numbers[row], c.Threshold))
		}
	}
	return chosen
}

func question(s *drift.Sample, row int, why string) Question {
	r := &s.Rows[row]
	q := Question{EventID: r.EventID, InferenceID: r.ID, Place: r.Picture, Why: why}
	if c := s.Column(drift.LabelColumn); c != nil {
		q.Said = c.Values[row]
	}
	if c := s.Column(drift.ConfidenceColumn); c != nil && !math.IsNaN(c.Numbers[row]) {
		q.Confidence = &c.Numbers[row]
	}
	return q
}
