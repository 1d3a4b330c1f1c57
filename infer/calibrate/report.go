package calibrate

import (
	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/model/onnx"
)

// Report tells what was fitted and what it changes.
type Report struct {
	// Model is its name, for people; FromSHA256 the hash of its file.
	Model      string `json:"model,omitempty"`
	FromSHA256 string `json:"from_sha256"`
	// Pictures of known class; Unlabelled ones were left out, Failed ones could not be scored.
	Pictures   int       `json:"pictures"`
	Unlabelled int       `json:"unlabelled"`
	Failed     []Failure `json:"failed,omitempty"`
	// Folds of the cross-validation, and the threshold of [Figures.Share].
	Folds     int     `json:"folds"`
	Threshold float64 `json:"threshold"`
	// Method with the least log loss, and its scaling, fitted on all pictures.
	Method  Method       `json:"method"`
	Scaling onnx.Scaling `json:"scaling"`
	// Interval of the temperature at [evaluate.Level]; nil for other methods.
	Interval *evaluate.Interval `json:"temperature_interval,omitempty"`
	// Before is the model as it is. After is what to expect of the calibrated one: every picture was judged by a scaling that was fitted
	// without it.
	Before Figures `json:"before"`
	After  Figures `json:"after"`
	// Gain is the mean fall of the log loss a picture, with its interval at [evaluate.Level]; below 0 it rises.
	Gain         float64           `json:"gain"`
	GainInterval evaluate.Interval `json:"gain_interval"`
	// Tried are all methods, the model as it is first.
	Tried []Trial `json:"tried"`
	// LargestError of a score in the new file against the scaled logits.
	LargestError float64 `json:"largest_error"`
	Passed       bool    `json:"passed"`
	// Problems are a sentence for each reason why nothing is written.
	Problems []string `json:"problems,omitempty"`
}

// Figures of probabilities against the truth.
type Figures struct {
	LogLoss float64 `json:"log_loss"`
	// ECE is the expected calibration error over [evaluate.DefaultBins] bins of equal width; MassECE over bins of as many pictures each.
	ECE      float64 `json:"ece"`
	MassECE  float64 `json:"ece_equal_mass"`
	Accuracy float64 `json:"accuracy"`
	// Share of the pictures whose score reaches the threshold, and how many of those are right; null where there are none.
	Share float64         `json:"share_at_threshold"`
	Right evaluate.Number `json:"accuracy_at_threshold"`
}

// A Trial is one method, cross-validated.
type Trial struct {
	Method Method `json:"method"`
	// Figures are nil when the method was not tried; Reason says why.
	Figures *Figures `json:"figures,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// Record is what a calibrated file says of itself, under [MetadataKey].
type Record struct {
	Method     Method       `json:"method"`
	Scaling    onnx.Scaling `json:"scaling"`
	FromSHA256 string       `json:"from_sha256"`
	Pictures   int          `json:"pictures"`
	Folds      int          `json:"folds"`
	Before     Figures      `json:"before"`
	After      Figures      `json:"after"`
}

func (r *Report) record() Record {
	return Record{r.Method, r.Scaling, r.FromSHA256, r.Pictures, r.Folds, r.Before, r.After}
}

// figures of probabilities, and the loss of each picture.
func figures(p [][]float64, truth []int, threshold float64) (*Figures, error) {
	_, score, right, err := evaluate.Top(p, truth)
	if err != nil {
		return nil, err
	}
	f := new(Figures)
	if f.LogLoss, err = evaluate.LogLoss(p, truth); err != nil {
		return nil, err
	}
	widths, err := evaluate.EqualWidth(score, right, evaluate.DefaultBins)
	if err != nil {
		return nil, err
	}
	masses, err := evaluate.EqualMass(score, right, evaluate.DefaultBins)
	if err != nil {
		return nil, err
	}
	f.ECE, f.MassECE = evaluate.ECE(widths), evaluate.ECE(masses)
	all, sure, sureRight := 0, 0, 0
	for i, ok := range right {
		if ok {
			all++
		}
		if score[i] >= threshold {
			sure++
			if ok {
				sureRight++
			}
		}
	}
	f.Accuracy, f.Share = float64(all)/float64(len(right)), float64(sure)/float64(len(right))
	f.Right = evaluate.Number(float64(sureRight) / float64(sure)) // NaN for none
	return f, nil
}
