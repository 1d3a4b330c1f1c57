// Package monitor reads what a model answered in service, wherever that was recorded, as one kind of row: data capture of SageMaker and of
// scones serve, batch captures, results of scones classify, runs of a state machine, and tables that it wrote itself.
//
// A [Loader] turns [Source]s into [Row]s one at a time: memory stays the same however many there are. The order of rows is that of the
// sources; nothing depends on it. A record that occurs twice, by its event id, gives one row. What cannot be read is counted by its cause
// in the [Summary] and never ends a run. [Create] writes rows as Parquet, CSV or JSON lines, all of which Load reads again.
package monitor

import (
	"time"

	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// NoLatency is the latency of a row whose source does not tell it.
const NoLatency = time.Duration(-1)

// A Row is one answer, or one failure to answer.
type Row struct {
	// Time of the inference in UTC; zero where the source has none, as results of scones classify.
	Time time.Time
	// EventID tells the row from all others, empty where the source has none; InferenceID is the caller's name for it.
	EventID, InferenceID string
	// Scores in class order, as the model gave them; nil with an error, or where the source kept only the best.
	Scores []float32
	// Index of the best class and its Label, -1 and empty with an error; Confidence is its score.
	Index      int
	Label      string
	Confidence float32
	// Latency is [NoLatency] where it is unknown.
	Latency time.Duration
	// Error is a stable code, empty for an answer.
	Error string
	// Picture is nil where there is none or it cannot be decoded.
	Picture *picturestats.Stats
	// Place is where the picture's bytes can be read again.
	Place Place
}

// answer sets scores and what follows from them.
func (r *Row) answer(scores []float32, labels []string) {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	r.Scores, r.Index, r.Label, r.Confidence = scores, best, labelOf(best, labels), scores[best]
}

// fail makes the row one without an answer.
func (r *Row) fail(code string) {
	r.Scores, r.Index, r.Label, r.Confidence, r.Error = nil, -1, "", 0, code
}

// at names the row for people.
func (r *Row) at() string {
	if r.Place != (Place{}) {
		return r.Place.Short()
	}
	return r.EventID
}
