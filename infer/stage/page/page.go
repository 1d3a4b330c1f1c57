// Package page writes a [stage.Report] as one HTML file that needs nothing else, with the pictures that it speaks of.
package page

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"sync"

	evaluatepage "github.com/scones-unlimited/scones/infer/evaluate/page"
	"github.com/scones-unlimited/scones/infer/pagetext"
	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/infer/thumbnail"
	"github.com/scones-unlimited/scones/preprocess"
)

// Limits of what a page shows; the JSON has everything.
const (
	maxPictures = 18      // of a finding
	maxLines    = 200     // of a finding, those with pictures included
	maxSamples  = 6       // of a class
	maxClasses  = 24      // with samples
	maxBytes    = 900_000 // of all pictures
	maxText     = 300     // characters of a line
)

//go:embed page.html
var source string

// page is parsed when it is needed first: most commands write none.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"text": printable, "bar": bar}).Parse(source))
})

// A view is what the template shows.
type view struct {
	*stage.Report
	Style    template.CSS
	Findings []finding
	Samples  []sample
	More     int // classes without samples
	Stopped  int
	Largest  int
}

type finding struct {
	stage.Finding
	Pictures []shown
	Lines    []stage.Case
	Left     int
}

// A shown case has thumbnails of its picture and of the one that it is the same as.
type shown struct {
	stage.Case
	First, Second thumbnail.Thumbnail
}

type sample struct {
	Label    string
	Pictures []thumbnail.Thumbnail
	Names    []string
}

// Write writes the page of a stage. Pictures that cannot be read are named only; so are those beyond what a page should weigh.
func Write(ctx context.Context, w io.Writer, s *stage.Stage, limits preprocess.Limits) error {
	v := &view{Report: &s.Report, Style: evaluatepage.Style(), Stopped: len(s.Stops())}
	var names []string
	for _, f := range s.Findings {
		shownCases := pictured(f.Cases)
		for _, c := range shownCases {
			names = append(names, c.Picture)
			if c.Other != "" {
				names = append(names, c.Other)
			}
		}
	}
	samples := s.Samples(maxSamples)
	v.More = max(0, len(samples)-maxClasses)
	for _, c := range samples[:min(len(samples), maxClasses)] {
		names = append(names, c.Pictures...)
	}
	thumbnails, err := thumbnail.All(ctx, names, s.Image, limits)
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	b := &budget{thumbnails: thumbnails, left: maxBytes}
	for _, f := range s.Findings {
		v.Findings = append(v.Findings, b.finding(f))
	}
	for _, c := range samples[:min(len(samples), maxClasses)] {
		one := sample{Label: c.Label}
		for _, name := range c.Pictures {
			if t := b.take(name); t.URL != "" {
				one.Pictures, one.Names = append(one.Pictures, t), append(one.Names, name)
			}
		}
		v.Samples = append(v.Samples, one)
	}
	for i := range s.Classes {
		c := &s.Classes[i]
		v.Largest = max(v.Largest, c.Train, c.Validation, c.Test)
	}
	var out bytes.Buffer
	if err := page().Execute(&out, v); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	_, err = out.WriteTo(w)
	return err
}

// pictured are the cases that are shown with their pictures.
func pictured(cases []stage.Case) (all []stage.Case) {
	for _, c := range cases {
		if c.Picture != "" && len(all) < maxPictures {
			all = append(all, c)
		}
	}
	return all
}

// A budget hands out thumbnails while there is room.
type budget struct {
	thumbnails map[string]thumbnail.Thumbnail
	left       int
}

func (b *budget) take(name string) thumbnail.Thumbnail {
	t := b.thumbnails[name]
	if len(t.URL) > b.left {
		return thumbnail.Thumbnail{}
	}
	b.left -= len(t.URL)
	return t
}

func (b *budget) finding(f stage.Finding) finding {
	out := finding{Finding: f}
	shownNow := map[stage.Case]bool{}
	for _, c := range pictured(f.Cases) {
		one := shown{Case: c, First: b.take(c.Picture)}
		if c.Other != "" {
			one.Second = b.take(c.Other)
		}
		if one.First.URL != "" || one.Second.URL != "" {
			out.Pictures = append(out.Pictures, one)
			shownNow[c] = true
		}
	}
	for _, c := range f.Cases {
		switch {
		case shownNow[c]:
		case len(out.Lines) == maxLines:
			out.Left++
		default:
			out.Lines = append(out.Lines, c)
		}
	}
	return out
}

// bar is a share of the largest class in percent.
func bar(n, largest int) int { return 100 * n / max(largest, 1) }

// printable replaces control characters and cuts what no line needs.
func printable(text string) string { return pagetext.Printable(text, maxText) }
