package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/thumbnail"
)

// A view is what the template shows.
type view struct {
	*drift.Report
	Style      template.CSS
	Title      string
	Mark       string // of the verdict
	Word       string
	Sentence   string
	Guarantee  string
	Refresh    int
	Timeline   *timeline
	Labels     []words  // columns of words that are predictions
	Moved      []column // that drifted, with examples
	MoreMoved  int
	Others     []column
	MoreOthers int
	Constant   string // columns of one value
	Carriers   []carrier
	Rate       *rates
	Gaps       []gap
	Errors     []errorCount
	Problems   []Problem
	Skipped    []skipped
	Tests      []drift.Test
	MoreTests  int
	Distances  []drift.Compared
	Notes      []string
	Reasons    []string
}

// A picture of a row that the page shows, if it can.
type picture struct {
	Thumbnail thumbnail.Thumbnail
	Name      string
	Time      string
	Value     string
	place     string
}

// A column of numbers or words on both sides.
type column struct {
	drift.Compared
	Texts     []string // what its tests say
	Histogram *histogram
	Words     *words
	Baseline  []picture
	Window    []picture
}

type carrier struct {
	picture
	Share float64
	Why   []string
	Label string
}

type gap struct {
	From, To time.Time
	Length   string
}

type skipped struct {
	Side, Cause string
	Count       int
}

type errorCount struct {
	Code  string
	Count int
}

func newView(r *drift.Report, o Options) *view {
	v := &view{Report: r, Style: template.CSS(style), Title: o.Title, Refresh: o.Refresh}
	if v.Title == "" {
		v.Title = short(r.Window.Source)
	}
	switch r.Verdict {
	case drift.Quiet:
		v.Mark, v.Word = "✓", "Quiet"
	case drift.Drift:
		v.Mark, v.Word = "▲", "Drift"
	default:
		v.Mark, v.Word = "?", "Cannot say"
	}
	v.Guarantee = sentence(r.Level.Guarantee)
	v.Sentence = strings.TrimPrefix(r.Sentence, string(r.Verdict)+": ")
	v.Timeline = newTimeline(r)
	v.Rate = newRates(&r.Operation)
	v.columns()
	for _, c := range r.Carriers[:min(len(r.Carriers), maxCarriers)] {
		v.Carriers = append(v.Carriers, carrier{picture: pictureOf(c.Row, ""), Share: c.Share, Why: c.Why[:min(len(c.Why), 3)]})
	}
	for _, g := range r.Operation.Gaps {
		if mean := r.Window.To.Sub(r.Window.From) / time.Duration(max(r.Window.Rows, 1)); g.To.Sub(g.From) < 4*mean {
			continue // as long as others
		}
		v.Gaps = append(v.Gaps, gap{g.From, g.To, length(g.To.Sub(g.From))})
	}
	v.Problems = o.Problems[:min(len(o.Problems), maxLines)]
	v.skips("baseline", r.Baseline.Skipped)
	if len(o.Problems) == 0 {
		v.skips("window", r.Window.Skipped)
	}
	v.failures()
	n := min(len(r.Tests), maxTests)
	v.Tests, v.MoreTests = r.Tests[:n], len(r.Tests)-n
	v.Distances = r.Columns[:min(len(r.Columns), maxTests)]
	v.Notes, v.Reasons = r.Notes[:min(len(r.Notes), maxLines)], r.Reasons[:min(len(r.Reasons), maxLines)]
	return v
}

// columns sorts them into labels, those that moved, and the others.
func (v *view) columns() {
	texts := map[string][]string{}
	for _, t := range v.Report.Tests {
		if t.Drift && t.Text != "" {
			texts[t.Column] = append(texts[t.Column], strings.TrimPrefix(t.Text, t.Column+": "))
		}
	}
	var constants []string
	for _, c := range v.Columns {
		one := column{Compared: c, Texts: texts[c.Name], Histogram: newHistogram(&c), Words: newWords(&c)}
		if c.Group == drift.Predictions && one.Words != nil && !c.Drift && len(v.Labels) < maxLabels {
			v.Labels = append(v.Labels, *one.Words)
		}
		switch {
		case c.Drift:
			one.Baseline, one.Window = examples(c.Examples.Baseline), examples(c.Examples.Window)
			if len(v.Moved) < maxMoved {
				v.Moved = append(v.Moved, one)
			} else {
				v.MoreMoved++
			}
		case constant(&c) != "" && c.Group != drift.Predictions:
			constants = append(constants, constant(&c))
		case one.Histogram == nil && (one.Words == nil || c.Group == drift.Predictions):
		case len(v.Others) < maxOthers:
			v.Others = append(v.Others, one)
		default:
			v.MoreOthers++
		}
	}
	v.Constant = strings.Join(constants, ", ")
}

func examples(list []drift.Example) []picture {
	var out []picture
	for _, e := range list[:min(len(list), maxExamples)] {
		out = append(out, pictureOf(e.Row, e.Value))
	}
	return out
}

func pictureOf(row drift.Row, value string) picture {
	name := row.Picture
	if before, _, ok := strings.Cut(name, "@"); ok && strings.Contains(before, "#") {
		name = strings.Replace(before, "#", ":", 1) // where a capture's line begins is of no interest to people
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case row.ID != "":
		name = row.ID
	case name == "":
		name = row.EventID
	}
	name = printable(name)
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName/3]) + "…" + string(runes[len(runes)-maxName*2/3+1:])
	}
	p := picture{Name: name, Value: printable(value), place: row.Picture}
	if !row.Time.IsZero() {
		p.Time = when(row.Time)
	}
	return p
}

// failures counts the window's errors that are on the time axis.
func (v *view) failures() {
	counts := map[string]int{}
	for _, m := range v.Report.Timeline {
		if m.Error != "" {
			counts[m.Error]++
		}
	}
	for code, n := range counts {
		v.Errors = append(v.Errors, errorCount{printable(code), n})
	}
	slices.SortFunc(v.Errors, func(a, b errorCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code)) })
	v.Errors = v.Errors[:min(len(v.Errors), maxLines)]
}

func (v *view) skips(side string, counts map[string]int) {
	var list []skipped
	for cause, n := range counts {
		list = append(list, skipped{side, printable(cause), n})
	}
	slices.SortFunc(list, func(a, b skipped) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause)) })
	v.Skipped = append(v.Skipped, list[:min(len(list), maxLines)]...)
}

// shown are all pictures of the page, the first ones first.
func (v *view) shown() []*picture {
	var all []*picture
	for i := range v.Moved {
		for _, side := range [][]picture{v.Moved[i].Baseline, v.Moved[i].Window} {
			for j := range side {
				all = append(all, &side[j])
			}
		}
	}
	for i := range v.Carriers {
		all = append(all, &v.Carriers[i].picture)
	}
	return all
}

// dropThumbnail takes the last one off the page.
func (v *view) dropThumbnail() bool {
	for _, p := range slices.Backward(v.shown()) {
		if p.Thumbnail.URL != "" {
			p.Thumbnail = thumbnail.Thumbnail{}
			return true
		}
	}
	return false
}

// sentence begins with a capital and ends with a stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// when writes a time as people compare it.
func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// length writes a duration with two units at most.
func length(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return d.Round(time.Millisecond).String()
}
