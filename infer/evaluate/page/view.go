package page

import (
	"cmp"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/thumbnail"
)

// A view is what the template shows.
type view struct {
	*evaluate.Report
	Style       template.CSS
	Doubts      []doubt
	Reliability reliability
	Curve       curve
	Matrix      []matrixRow
	Rows        []evaluate.Class // of the table
	MoreClasses int
	Pairs       []evaluate.Pair
	Pictures    []picture
	Gained      []evaluate.Change
	Lost        []evaluate.Change
	Count       int // of pictures
}

// A doubt with the lines that name its pictures.
type doubt struct {
	evaluate.Doubt
	Lines []string
	More  int
}

// A picture with its thumbnail, if it has one.
type picture struct {
	evaluate.Worst
	Thumbnail thumbnail.Thumbnail
}

type matrixRow struct {
	Label string
	Cells []cell
}

// A cell of the confusion matrix; Share of its row decides its shade, 0 to 100.
type cell struct {
	Count int
	Shade int
	Right bool
	Title string
}

func newView(r *evaluate.Report, thumbnails map[string]thumbnail.Thumbnail) *view {
	v := &view{
		Report: r, Style: template.CSS(style), Reliability: newReliability(r), Curve: newCurve(r), Matrix: newMatrix(r),
		Pairs: r.Mistakes[:min(len(r.Mistakes), maxLines)], Count: r.Pictures,
	}
	for _, d := range r.Doubts.Doubts() {
		lines := r.Doubts.Lines(d.Kind)
		n := min(len(lines), maxLines)
		v.Doubts = append(v.Doubts, doubt{d, lines[:n], len(lines) - n})
	}
	v.Rows = r.Classes
	if len(v.Rows) > maxClasses {
		v.Rows = slices.Clone(v.Rows)
		slices.SortStableFunc(v.Rows, func(a, b evaluate.Class) int { return cmp.Compare(a.F1, b.F1) })
		v.Rows, v.MoreClasses = v.Rows[:maxClasses], len(v.Rows)-maxClasses
	}
	for _, w := range r.Worst {
		v.Pictures = append(v.Pictures, picture{w, thumbnails[w.Picture]})
	}
	if c := r.Comparison; c != nil {
		v.Gained, v.Lost = v.changes(c.Gained), v.changes(c.Lost)
	}
	return v
}

// changes are the first ones of a list, their pictures by short name.
func (v *view) changes(list []evaluate.Change) []evaluate.Change {
	list = slices.Clone(list[:min(len(list), maxChanges)])
	for i := range list {
		list[i].Picture = v.below(list[i].Picture)
	}
	return list
}

// Name is a picture's name below the evaluated folder, which the page's head names.
func (v *view) Name(picture string) string { return short(v.below(picture)) }

// Plain is a line without the folder's name.
func (v *view) Plain(line string) string { return printable(v.below(line)) }

// below cuts the folder, or that of the list, off a text's beginning.
func (v *view) below(text string) string {
	if within, ok := strings.CutPrefix(text, v.Data+"/"); ok {
		return within
	}
	if folder := path.Dir(v.Data); folder != "." && path.Ext(v.Data) != "" {
		return strings.TrimPrefix(text, folder+"/")
	}
	return text
}

// dropThumbnail takes the last one off the page.
func (v *view) dropThumbnail() bool {
	for i := range slices.Backward(v.Pictures) {
		if v.Pictures[i].Thumbnail.URL != "" {
			v.Pictures[i].Thumbnail = thumbnail.Thumbnail{}
			return true
		}
	}
	return false
}

func newMatrix(r *evaluate.Report) []matrixRow {
	if r.Confusion == nil || len(r.Confusion) > maxMatrix {
		return nil
	}
	var rows []matrixRow
	for t, counts := range r.Confusion {
		row := matrixRow{Label: r.Classes[t].Label}
		for p, n := range counts {
			c := cell{Count: n, Right: t == p, Title: fmt.Sprintf("%d of %d pictures of %s taken for %s", n, r.Classes[t].Pictures, r.Classes[t].Label, r.Classes[p].Label)}
			if n > 0 {
				c.Shade = max(8, 70*n/r.Classes[t].Pictures)
			}
			row.Cells = append(row.Cells, c)
		}
		rows = append(rows, row)
	}
	return rows
}
