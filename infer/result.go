package infer

import (
	"time"

	"github.com/scones-unlimited/scones/model"
)

// A Result is the answer for one picture of a batch.
type Result struct {
	// Index of the picture in its source, from 0.
	Index int
	// Name of the picture.
	Name string
	// Width and Height in pixels as decoded, before EXIF orientation; zero when the picture could not be decoded.
	Width, Height int
	// Scores are the probabilities in class order; nil with Err.
	Scores []float32
	// Top holds the most probable classes, best first, as many as were asked for; nil with Err.
	Top []model.Class
	// Elapsed is the time from opening the picture to its scores, its share of the batch's inference included.
	Elapsed time.Duration
	// Err says why this picture has no answer; the code is [preprocess.CodeOf]'s.
	Err error
}
