// Package page writes an [evaluate.Report] as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. It is
// read on a phone, on paper, by day and by night, and has less than [MaxBytes].
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/pagetext"
	"github.com/scones-unlimited/scones/infer/thumbnail"
)

// MaxBytes of a page. Where thumbnails would exceed it, the last ones are left out.
const MaxBytes = 500_000

// Limits of what a page lists; the JSON has everything.
const (
	maxLines   = 30  // of a doubt
	maxChanges = 30  // on each side of a comparison
	maxClasses = 60  // in the table, those with the lowest F1
	maxMatrix  = 20  // classes of the confusion matrix
	maxText    = 80  // characters of a name
	maxLine    = 400 // characters of a line
)

//go:embed page.html
var source string

//go:embed page.css
var style string

// page is parsed when it is needed first: most commands write none.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"percent": percent, "figure": figure, "short": short, "p": pValue,
	}).Parse(source))
})

// Style is the style sheet of the page, for pages of the same make.
func Style() template.CSS { return template.CSS(style) }

// Write writes the page. Thumbnails are files of pictures by the name that the report has; a picture without one is shown by name alone.
// An error says that even without thumbnails the page is too large.
func Write(w io.Writer, r *evaluate.Report, thumbnails map[string]thumbnail.Thumbnail) error {
	v := newView(r, thumbnails)
	return pagetext.WriteFitting(w, MaxBytes, func(out io.Writer) error { return page().Execute(out, v) }, v.dropThumbnail)
}

// percent writes a share.
func percent(v any) string {
	share, ok := number(v)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.1f\u00a0%%", 100*share) // no line break before the sign
}

// figure writes a value with four digits.
func figure(v any) string {
	value, ok := number(v)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.4f", value)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case evaluate.Number:
		return float64(v), !v.Missing()
	case float64:
		return v, true
	}
	return 0, false
}

// pValue writes a probability that may be tiny.
func pValue(v float64) string { return fmt.Sprintf("%.3g", v) }

// short keeps the end of a long name, where names differ.
func short(text string) string { return pagetext.Short(text, maxText) }

// printable replaces control characters and cuts what no line needs.
func printable(text string) string { return pagetext.Printable(text, maxLine) }
