package page_test

import (
	"bytes"
	"fmt"
	"html/template"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/evaluate/page"
	"github.com/scones-unlimited/scones/infer/thumbnail"
	"github.com/scones-unlimited/scones/preprocess"
)

// report evaluates answers to n pictures of so many classes, with names that a page must not obey.
func report(t *testing.T, n, classes int) *evaluate.Report {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	set := &evaluate.Set{}
	for c := range classes {
		set.Labels = append(set.Labels, fmt.Sprintf("class %d %s <script>alert(1)</script>", c, strings.Repeat("long ", 10)))
	}
	for i := range n {
		a := evaluate.Answer{Picture: fmt.Sprintf(`photos/"><img src=x onerror=alert(%d)>%s.png`, i, strings.Repeat("x", 100)), Truth: r.IntN(classes), Score: 0.4 + 0.6*r.Float64()}
		a.Predicted = a.Truth
		if r.Float64() > a.Score {
			a.Predicted = r.IntN(classes)
		}
		set.Answers = append(set.Answers, a)
		set.Unlabelled = append(set.Unlabelled, fmt.Sprintf("javascript:alert(%d)", i))
	}
	rep, err := evaluate.Run(set, evaluate.Doubts{}, evaluate.Options{Threshold: 0.93, Target: 0.6, Worst: 24, Gates: evaluate.Gates{MinAccuracy: 0.99}})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Comparison, err = evaluate.Compare(set, set); err != nil {
		t.Fatal(err)
	}
	rep.Model, rep.Data, rep.Scones = "model & <b>more</b>.onnx", "photos", "test"
	return rep
}

// noise is a picture that compresses badly.
func noise(side int) *preprocess.Picture {
	r := rand.New(rand.NewPCG(3, 4))
	p := &preprocess.Picture{Width: side, Height: side, Channels: 3, Pix: make([]uint8, 3*side*side)}
	for i := range p.Pix {
		p.Pix[i] = uint8(r.Uint32())
	}
	return p
}

func write(t *testing.T, r *evaluate.Report, thumbnails map[string]thumbnail.Thumbnail) string {
	t.Helper()
	var out bytes.Buffer
	if err := page.Write(&out, r, thumbnails); err != nil {
		t.Fatal(err)
	}
	if out.Len() >= page.MaxBytes {
		t.Errorf("the page has %d bytes", out.Len())
	}
	return out.String()
}

// What a browser would run or fetch, within a tag: html/template leaves no < of a name outside one.
var (
	tag      = regexp.MustCompile(`<[^>]*>`)
	value    = regexp.MustCompile(`\s(alt|title|aria-label|content|points|style)="[^"]*"`)
	outside  = regexp.MustCompile(`(?i)^<(script|link|iframe|object|embed|form|base)|\son[a-z]+=|(src|srcset|href|action|poster)=("[^d]|[^"])`)
	imported = regexp.MustCompile(`(?i)@import|url\(|expression\(`)
)

// fetched finds the first thing in a page that comes from elsewhere or runs.
func fetched(text string) string {
	for _, t := range tag.FindAllString(text, -1) {
		if found := outside.FindString(value.ReplaceAllString(t, "")); found != "" {
			return t
		}
	}
	return imported.FindString(text)
}

func TestPageNeedsNothingElse(t *testing.T) {
	for _, bad := range []string{`<script>`, `<img src="http://a/b.png">`, `<img src=x>`, `<p onclick="x">`, `<a href="//a">`, `<style>@import "a"`} {
		if fetched(bad) == "" {
			t.Errorf("%s passes for a page that needs nothing", bad)
		}
	}
	for _, size := range [][2]int{{1, 1}, {2, 2}, {50, 2}, {500, 7}, {3000, 1000}} {
		r := report(t, size[0], size[1])
		thumbnails := map[string]thumbnail.Thumbnail{}
		for _, side := range []int{32, 300} {
			small, err := thumbnail.New(noise(side))
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range r.Worst {
				if i%2 == side%3 {
					thumbnails[w.Picture] = small
				}
			}
		}
		text := write(t, r, thumbnails)
		if found := fetched(text); found != "" {
			t.Errorf("%d pictures of %d classes: the page has %q", size[0], size[1], found)
		}
		for _, want := range []string{"Content-Security-Policy", "model &amp; &lt;b&gt;more&lt;/b&gt;.onnx", "Gate ", "</html>"} {
			if !strings.Contains(text, want) {
				t.Errorf("%d pictures of %d classes: the page lacks %q", size[0], size[1], want)
			}
		}
	}
}

// TestPageDropsThumbnails: a page that would be too large loses the last pictures, not the first.
func TestPageDropsThumbnails(t *testing.T) {
	r := report(t, 100, 2)
	thumbnails := map[string]thumbnail.Thumbnail{}
	for _, w := range r.Worst {
		thumbnails[w.Picture] = thumbnail.Thumbnail{URL: template.URL("data:image/png;base64," + strings.Repeat("A", 40_000)), Width: 32, Height: 32}
	}
	text := write(t, r, thumbnails)
	if kept := strings.Count(text, "<img "); kept < 9 || kept > 12 {
		t.Errorf("%d thumbnails of 24 are kept", kept)
	}
	if strings.LastIndex(text, "<img ") > strings.Index(text, "no picture") {
		t.Error("a thumbnail follows a picture without one")
	}
}

func TestThumbnailsKeepSmallPicturesAndShrinkLargeOnes(t *testing.T) {
	for side, want := range map[int]string{32: "data:image/png;", 56: "data:image/png;", 57: "data:image/jpeg;", 2000: "data:image/jpeg;"} {
		got, err := thumbnail.New(noise(side))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(got.URL), want) || got.Width != side || len(got.URL) > 20_000 {
			t.Errorf("side %d: %.24s…, %d bytes, width %d", side, got.URL, len(got.URL), got.Width)
		}
	}
}
