package page_test

import (
	"fmt"
	"testing"

	"github.com/scones-unlimited/scones/infer/pagetest"
	"github.com/scones-unlimited/scones/infer/thumbnail"
)

// A frame is a page at a width.
type frame struct{ classes, width int }

var frames = []frame{{2, 390}, {2, 1280}, {12, 390}, {12, 1280}}

// TestPageInABrowser lays pages out on a phone and on a desk, by day and by night: nothing reaches beyond the window, every text has the
// contrast that WCAG 2 asks for (4.5), and every thumbnail is shown.
func TestPageInABrowser(t *testing.T) {
	var pages []pagetest.Frame
	for _, f := range frames {
		r := report(t, 300, f.classes)
		thumbnails := map[string]thumbnail.Thumbnail{}
		for i, w := range r.Worst {
			small, err := thumbnail.New(noise(20 + 10*i))
			if err != nil {
				t.Fatal(err)
			}
			thumbnails[w.Picture] = small
		}
		pages = append(pages, pagetest.Frame{HTML: write(t, r, thumbnails), Width: f.width})
	}
	for _, dark := range []bool{true, false} {
		for i, found := range pagetest.Lay(t, pages, dark) {
			t.Run(fmt.Sprintf("%d classes, %d px, dark %v", frames[i].classes, frames[i].width, dark), func(t *testing.T) {
				pagetest.Check(t, found, frames[i].width, dark, 24)
			})
		}
	}
}
