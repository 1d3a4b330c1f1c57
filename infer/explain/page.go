package explain

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"io"
	"strings"
)

// A Page collects explanations for [Page.Write]. Only what is shown is kept, about 30 kB a picture.
type Page struct {
	About About
	// Most pictures that are shown; zero means [MaxCards].
	Most  int
	cards []card
	weak  int
	left  int
}

// MaxCards bounds the pictures of a page; browsers begin to be slow beyond it.
const MaxCards = 500

// cardSide is the longer side of a picture on the page, in pixels; the page shows it at half of that, for fine screens.
const cardSide = 400

// card is what the page shows of one picture.
type card struct {
	*Explanation
	Thumbnail, Map      template.URL
	Deletion, Insertion string // points of the curves
	RandomD, RandomI    string
	Gain, RandomGain    float64
}

// Add takes in an explanation and reports whether there was room for it.
func (p *Page) Add(x *Explanation) (bool, error) {
	if len(p.cards) >= cmp.Or(p.Most, MaxCards) {
		p.left++
		return false, nil
	}
	c := card{
		Gain: x.Test.gain(), RandomGain: x.RandomInsertion() - x.RandomDeletion(),
		Deletion: points(x.Test.DeletionCurve), Insertion: points(x.Test.InsertionCurve),
		RandomD: points(x.meanCurve(func(t *Test) []float64 { return t.DeletionCurve })),
		RandomI: points(x.meanCurve(func(t *Test) []float64 { return t.InsertionCurve })),
	}
	var err error
	if c.Thumbnail, err = dataURL(Thumbnail(x, cardSide)); err != nil {
		return false, err
	}
	if c.Map, err = dataURL(Overlay(x, cardSide)); err != nil {
		return false, err
	}
	shown := *x
	shown.Source, shown.Seen, shown.Values = nil, nil, nil
	c.Explanation = &shown
	if !shown.Holds() {
		p.weak++
	}
	p.cards = append(p.cards, c)
	return true, nil
}

// meanCurve of the random maps.
func (x *Explanation) meanCurve(of func(*Test) []float64) []float64 {
	mean := make([]float64, testSteps+1)
	for i := range x.Random {
		for k, v := range of(&x.Random[i]) {
			mean[k] += v / float64(len(x.Random))
		}
	}
	return mean
}

// points draws a curve into 100 × 60, the origin at the top as SVG has it.
func points(curve []float64) string {
	var b strings.Builder
	for i, v := range curve {
		fmt.Fprintf(&b, "%.4g,%.4g ", 100*float64(i)/float64(len(curve)-1), 60*(1-v))
	}
	return strings.TrimSpace(b.String())
}

func dataURL(picture image.Image) (template.URL, error) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, picture, &jpeg.Options{Quality: 82}); err != nil {
		return "", fmt.Errorf("encode picture of the page: %w", err)
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(file.Bytes())), nil
}

//go:embed page.html
var pageFile embed.FS

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"score": func(v float64) string { return fmt.Sprintf("%.2f", v) },
	"three": func(v float32) string { return fmt.Sprintf("%.3f", v) },
	"short": func(hash string) string { return hash[:min(len(hash), 12)] },
}).ParseFS(pageFile, "page.html"))

// Write writes one HTML file that needs no other: no script, no font, no picture from elsewhere.
func (p *Page) Write(w io.Writer) error {
	return pageTemplate.Execute(w, map[string]any{
		"About": p.About, "Cards": p.cards, "Weak": p.weak, "Left": p.left,
	})
}
