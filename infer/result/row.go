// Package result is the one schema of answers: of the folder batch, the endpoint, Batch Transform and workflows, whatever the
// file format.
//
// A [Row] is the answer for one picture, a [Meta] says what produced the rows. The fields, in order, under the names that CSV
// columns, JSON keys and Parquet columns share:
//
//	path        string   the picture, as its source names it
//	label       string   the most probable class; empty with an error
//	index       int      its class index, from 0; -1 with an error
//	score       float32  its probability, 0 to 1; 0 with an error (empty in CSV)
//	confident   bool     score ≥ threshold; only when a threshold was asked for
//	width       int      pixels as decoded, before EXIF orientation; 0 when it could not be decoded
//	height      int      likewise
//	error       string   a stable code, one of package preprocess's; empty when there is an answer
//	error_text  string   what went wrong, for people
//	top_k       list     the most probable classes as {index, label, score}, best first; only when more than one was asked for
//
// Scores are float32 from the model to the file and are written with the fewest digits that read back to the same float32.
package result

import (
	"strconv"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Row is the answer for one picture. The package comment says what each field is.
type Row struct {
	Path      string        `json:"path" parquet:"path"`
	Label     string        `json:"label" parquet:"label"`
	Index     int           `json:"index" parquet:"index"`
	Score     float32       `json:"score" parquet:"score"`
	Confident *bool         `json:"confident,omitempty" parquet:"confident,optional"`
	Width     int           `json:"width" parquet:"width"`
	Height    int           `json:"height" parquet:"height"`
	Error     string        `json:"error" parquet:"error"`
	ErrorText string        `json:"error_text" parquet:"error_text"`
	TopK      []model.Class `json:"top_k,omitempty" parquet:"top_k,list"`
}

// Columns say which of the optional fields the rows have.
type Columns struct {
	// Threshold of the confident field, 0 to 1; nil leaves the field out.
	Threshold *float64 `json:"threshold,omitempty"`
	// TopK is the number of classes in the top_k field; 1 leaves the field out, 0 means all.
	TopK int `json:"top_k"`
}

// New makes the row of a batch result.
func New(r infer.Result, columns Columns) Row {
	row := Row{Path: r.Name, Index: -1, Width: r.Width, Height: r.Height}
	if columns.Threshold != nil {
		row.Confident = new(false)
	}
	if r.Err != nil {
		row.Error, row.ErrorText = string(preprocess.CodeOf(r.Err)), r.Err.Error()
		return row
	}
	best := r.Top[0]
	row.Label, row.Index, row.Score = best.Label, best.Index, best.Score
	if columns.Threshold != nil {
		// The threshold is a decimal that people write; the nearest float32 is what a score can equal.
		*row.Confident = best.Score >= float32(*columns.Threshold)
	}
	if columns.TopK != 1 {
		row.TopK = r.Top
	}
	return row
}

// FormatScore writes a score with the fewest digits that read back to the same float32.
func FormatScore(score float32) string { return strconv.FormatFloat(float64(score), 'g', -1, 32) }
