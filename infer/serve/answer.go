package serve

import (
	"encoding/json"
	"math"
	"time"

	"github.com/scones-unlimited/scones/model"
)

// appendAnswer writes an engine's answer in a format.
func appendAnswer(dst []byte, f format, e *engine, a answer) ([]byte, error) {
	switch f {
	case asLines:
		dst = append(dst, `{"prediction": `...)
		return append(appendArray(dst, a.scores), "}\n"...), nil
	case asVerbose:
		return appendVerbose(dst, e, a)
	}
	return appendArray(dst, a.scores), nil
}

// A Verbose is the answer to Accept: application/json;verbose=1.
type Verbose struct {
	// Model that answered, and the SHA-256 of its file.
	Model string `json:"model"`
	SHA   string `json:"sha256,omitempty"`
	// Label, Index and Score of the most probable class.
	Label string  `json:"label"`
	Index int     `json:"index"`
	Score float32 `json:"score"`
	// Classes in order of probability, a hundred at most.
	Classes []model.Class `json:"classes"`
	// Milliseconds say where the time went.
	Milliseconds Milliseconds `json:"milliseconds"`
	// Batch is the number of pictures that were scored together.
	Batch int `json:"batch"`
}

// Milliseconds of an answer's parts.
type Milliseconds struct {
	Decode    float64 `json:"decode"`
	Queue     float64 `json:"queue"`
	Inference float64 `json:"inference"` // of the whole batch
}

// maxVerbose bounds the classes of a verbose answer.
const maxVerbose = 100

func appendVerbose(dst []byte, e *engine, a answer) ([]byte, error) {
	classes, err := e.model.Classifier.Model.Rank(a.scores, maxVerbose)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(Verbose{
		Model: e.model.Name, SHA: e.model.SHA256, Label: classes[0].Label, Index: classes[0].Index, Score: classes[0].Score,
		Classes: classes, Milliseconds: Milliseconds{milliseconds(a.decode), milliseconds(a.queue), milliseconds(a.inference)}, Batch: a.batch,
	})
	return append(dst, body...), err
}

// milliseconds with three places.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d.Nanoseconds())/1e3) / 1e3
}
