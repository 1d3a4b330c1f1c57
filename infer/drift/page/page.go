// Package page writes a [drift.Report] as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. It is read
// on a phone, on paper, by day and by night, and has less than [MaxBytes]. The verdict stands first and the method last. What colours
// tell, shapes and words tell as well.
package page

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/pagetext"
	"github.com/scones-unlimited/scones/infer/thumbnail"
	"github.com/scones-unlimited/scones/preprocess"
)

// MaxBytes of a page. Where thumbnails would exceed it, the last ones are left out.
const MaxBytes = 300_000

// Limits of what a page shows; the JSON has everything.
const (
	maxMoved    = 8  // columns that moved, with their examples
	maxOthers   = 24 // columns beside them
	maxLabels   = 3  // columns of predictions
	maxExamples = 5  // of each side of a column
	maxCarriers = 12
	maxLines    = 20  // of a list
	maxTests    = 60  // of the method's table
	maxText     = 60  // characters of a name
	maxName     = 27  // characters of a picture's
	maxLine     = 300 // characters of a line
	thumbSide   = 80  // pixels
)

//go:embed page.html
var source string

//go:embed page.css
var style string

// page is parsed when it is needed first: most commands write none.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"width": func(share float64) template.CSS {
			return template.CSS(strconv.FormatFloat(100*share, 'f', 1, 64) + "%")
		},
		"percent": percent, "figure": figure, "short": short, "plain": printable, "p": pValue, "when": when, "f1": func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) },
	}).Parse(source))
})

// Options say what a page shows besides its report. The zero value shows the report.
type Options struct {
	// Title names what is watched, such as an endpoint; empty is the window's source.
	Title string
	// Picture gives the bytes of a picture by what [drift.Row.Picture] says; nil shows no pictures. One that cannot be had is left out.
	Picture func(ctx context.Context, picture string) ([]byte, error)
	// Limits of pictures.
	Limits preprocess.Limits
	// Problems are causes of records that could not be read, in the window, for people.
	Problems []Problem
	// Refresh reloads the page after as many seconds; 0 never does.
	Refresh int
}

// A Problem is a cause of records that could not be read.
type Problem struct {
	Concerns string // record, answer, picture, file
	Code     string
	Count    int
	First    string // where it occurred first, and what was said
}

// Write writes the page. An error says that the page is too large even without thumbnails, or is ctx's or the writer's.
func Write(ctx context.Context, w io.Writer, r *drift.Report, o Options) error {
	v := newView(r, o)
	if err := v.pictures(ctx, o); err != nil {
		return err
	}
	return pagetext.WriteFitting(w, MaxBytes, func(out io.Writer) error { return page().Execute(out, v) }, v.dropThumbnail)
}

// pictures makes the thumbnails of all that the page shows.
func (v *view) pictures(ctx context.Context, o Options) error {
	if o.Picture == nil {
		return nil
	}
	maker, err := thumbnail.NewMaker(thumbSide, o.Limits)
	if err != nil {
		return err
	}
	made := map[string]thumbnail.Thumbnail{}
	for _, p := range v.shown() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.place == "" {
			continue
		}
		t, there := made[p.place]
		if !there {
			if data, err := o.Picture(ctx, p.place); err == nil {
				t, _ = maker.Of(data) // one that cannot be decoded is not shown
			}
			made[p.place] = t
		}
		p.Thumbnail = t
	}
	return nil
}

// percent writes a share.
func percent(v any) string {
	share, ok := number(v)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.1f\u00a0%%", 100*share) // no line break before the sign
}

// figure writes a value with four significant digits.
func figure(v any) string {
	value, ok := number(v)
	switch {
	case !ok:
		return "–"
	case value != 0 && (math.Abs(value) < 1e-3 || math.Abs(value) >= 1e6):
		return strconv.FormatFloat(value, 'g', 3, 64)
	case math.Abs(value) >= 1000:
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	text := strconv.FormatFloat(value, 'f', max(0, 3-digits(value)), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// digits before the point, 0 for values below 1.
func digits(v float64) int {
	n := 0
	for v = math.Abs(v); v >= 1; v /= 10 {
		n++
	}
	return n
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case drift.Number:
		return float64(v), !v.Missing()
	case float64:
		return v, !math.IsNaN(v)
	case int:
		return float64(v), true
	}
	return 0, false
}

// pValue writes a probability that may be tiny.
func pValue(v drift.Number) string {
	switch {
	case v.Missing():
		return "–"
	case v < 0.0001:
		return "<\u00a00.0001"
	}
	return strconv.FormatFloat(float64(v), 'f', 4, 64)
}

// short keeps the end of a long name, where names differ.
func short(text string) string { return pagetext.Short(text, maxText) }

// printable replaces control characters and cuts what no line needs.
func printable(text string) string { return pagetext.Printable(text, maxLine) }
