// Package figure draws an [evaluate.Report] for papers and slides: PNG and SVG by gonum/plot, which it keeps away from package evaluate.
package figure

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/plotfile"
)

// A Kind is one of the figures.
type Kind string

// The figures.
const (
	Reliability Kind = "reliability" // score against accuracy, equal-mass bins
	Coverage    Kind = "coverage"    // accuracy against the share that is accepted
	Confusion   Kind = "confusion"   // true class against answer; only with a matrix in the report
)

// Kinds that a report has.
func Kinds(r *evaluate.Report) []Kind {
	kinds := []Kind{Reliability, Coverage}
	if r.Confusion != nil {
		kinds = append(kinds, Confusion)
	}
	return kinds
}

// Formats that figures are written in.
var Formats = plotfile.Formats

var paleBands = color.RGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}

// Write draws one figure, 5 inches square, as "png" or "svg".
func Write(w io.Writer, r *evaluate.Report, kind Kind, format string) error {
	make := map[Kind]func(*evaluate.Report) (*plot.Plot, error){Reliability: reliability, Coverage: coverage, Confusion: confusion}[kind]
	if make == nil {
		return fmt.Errorf("draw %q: there is no such figure", kind)
	}
	p, err := make(r)
	if err != nil {
		return fmt.Errorf("draw %q: %w", kind, err)
	}
	return plotfile.Write(w, p, plotfile.Side, plotfile.Side, format)
}
