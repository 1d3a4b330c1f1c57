package drift_test

import (
	"math"
	"math/rand/v2"

	"github.com/scones-unlimited/scones/infer/drift"
)

// A population of answers: two labels, rounded confidences that mostly are near 1, a picture statistic of real numbers, one of few values,
// and vectors in two clouds.
type population struct {
	bicycles   float64 // share
	confidence float64 // exponent of the confidences: 1 is the baseline's
	brightness float64 // factor
	labels     []string
}

var usual = population{bicycles: 0.5, confidence: 1, brightness: 1}

// sample draws n rows.
func (p population) sample(r *rand.Rand, n int) *drift.Sample {
	s := &drift.Sample{Labels: []string{"bicycle", "motorcycle"}, Threshold: 0.9, Rows: make([]drift.Row, n)}
	label, confidence, brightness := make([]string, n), make([]float64, n), make([]float64, n)
	format, scores, vectors := make([]float64, n), make([]float64, n), make([][]float32, n)
	for i := range n {
		label[i] = "motorcycle"
		side := float32(1)
		if r.Float64() < p.bicycles {
			label[i], side = "bicycle", -1
		}
		// Two decimals: ties are frequent.
		confidence[i] = math.Round(100*math.Pow(1-0.5*math.Pow(r.Float64(), 4), p.confidence)) / 100
		scores[i] = confidence[i]
		if label[i] != "bicycle" {
			scores[i] = math.Round(100*(1-confidence[i])) / 100
		}
		brightness[i] = (110 + 25*r.NormFloat64()) * p.brightness
		format[i] = float64(r.IntN(2))
		vectors[i] = []float32{side + float32(r.NormFloat64())/2, float32(r.NormFloat64()), float32(r.NormFloat64())}
	}
	s.Columns = []drift.Column{
		{Name: drift.LabelColumn, Group: drift.Predictions, Values: label},
		{Name: drift.ConfidenceColumn, Group: drift.Scores, Numbers: confidence},
		{Name: "score:bicycle", Group: drift.Scores, Numbers: scores},
		{Name: "brightness", Group: drift.Pictures, Unit: "of 255", Numbers: brightness},
		{Name: "grey", Group: drift.Pictures, Numbers: format},
		{Name: drift.EmbeddingColumn, Group: drift.Embeddings, Vectors: vectors},
	}
	return s
}
