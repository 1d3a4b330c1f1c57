// Package figure draws a [drift.Report] for papers and slides: PNG and SVG by gonum/plot, which it keeps away from package drift. What
// colours tell, shapes tell as well.
package figure

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/plotfile"
)

// A Figure is one of a report's.
type Figure struct {
	// Name of its file, without ending: letters, digits and hyphens.
	Name string
	draw func() (*plot.Plot, error)
	wide bool
}

// Of lists the figures that a report has: confidence over time, requests over time, labels, and each column of numbers on both sides.
func Of(r *drift.Report) []Figure {
	var list []Figure
	if len(r.Timeline) > 0 {
		list = append(list, Figure{"confidence-over-time", func() (*plot.Plot, error) { return timeline(r) }, true})
	}
	if len(r.Operation.Slots) > 1 {
		list = append(list, Figure{"requests-over-time", func() (*plot.Plot, error) { return requests(r) }, true})
	}
	taken := map[string]bool{}
	for i := range r.Columns {
		c := &r.Columns[i]
		name := plain(c.Name)
		if name == "" || taken[name] {
			name = fmt.Sprintf("%s-%d", name, i)
		}
		taken[name] = true
		switch {
		case len(c.Bins) > 1 && c.Baseline.N > 0 && c.Window.N > 0:
			list = append(list, Figure{"distribution-" + name, func() (*plot.Plot, error) { return distribution(c) }, false})
		case len(c.Shares) > 0:
			list = append(list, Figure{"shares-" + name, func() (*plot.Plot, error) { return shares(c) }, false})
		}
	}
	return list
}

// plain keeps of a name what any file system takes.
func plain(name string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	}), "-"), "-")
}

// Formats that figures are written in.
var Formats = plotfile.Formats

// errFormat is a format that figures are not written in.
var errFormat = errors.New("unknown format")

// Write draws one figure as "png" or "svg": 5 inches square, 10 by 4 over time.
func (f *Figure) Write(w io.Writer, format string) error {
	if !slices.Contains(Formats, format) {
		return fmt.Errorf("draw %q: %w %q: one of %v", f.Name, errFormat, format, Formats)
	}
	p, err := f.draw()
	if err != nil {
		return fmt.Errorf("draw %q: %w", f.Name, err)
	}
	width, height := vg.Length(plotfile.Side), vg.Length(plotfile.Side)
	if f.wide {
		width, height = 10*vg.Inch, 4*vg.Inch
	}
	return plotfile.Write(w, p, width, height, format)
}
