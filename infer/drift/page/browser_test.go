package page_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/drift/page"
	"github.com/scones-unlimited/scones/infer/pagetest"
)

// TestPageInABrowser lays pages out on a phone and on a desk, by day and by night: nothing reaches beyond the window, every text has the
// contrast that WCAG 2 asks for (4.5), and every thumbnail is shown.
func TestPageInABrowser(t *testing.T) {
	type kind struct {
		name string
		html string
	}
	var kinds []kind
	for name, c := range map[string]struct {
		n    int
		dark float64
	}{"drift": {120, 0.4}, "quiet": {150, 0}, "too few": {6, 0}} {
		kinds = append(kinds, kind{name, write(t, report(t, c.n, c.dark), page.Options{Picture: read, Problems: []page.Problem{{"record", "truncated-record", 3, "captures/x.jsonl:7: the file ends within the record"}}})})
	}
	var frames []pagetest.Frame
	var names []string
	for _, k := range kinds {
		for _, width := range []int{390, 1280} {
			frames = append(frames, pagetest.Frame{HTML: k.html, Width: width})
			names = append(names, fmt.Sprintf("%s, %d px", k.name, width))
		}
	}
	for _, dark := range []bool{true, false} {
		for i, found := range pagetest.Lay(t, frames, dark) {
			t.Run(fmt.Sprintf("%s, dark %v", names[i], dark), func(t *testing.T) {
				pagetest.Check(t, found, frames[i].Width, dark, strings.Count(frames[i].HTML, "<img"))
			})
		}
	}
}
