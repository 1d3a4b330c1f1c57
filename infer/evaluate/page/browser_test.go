package page_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/evaluate/page"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// chromium finds a browser under the names that systems give it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	orttest.Missing(t, "chromium", "there is no Chromium or Chrome")
	return ""
}

// laidOut is what testdata/measure.js finds.
type laidOut struct {
	Width, Scroll  int
	Dark           bool
	Background     []int
	Faint, Wide    []string
	Images, Broken int
}

// A frame is a page at a width.
type frame struct{ classes, width int }

var frames = []frame{{2, 390}, {2, 1280}, {12, 390}, {12, 1280}}

// TestPageInABrowser lays pages out on a phone and on a desk, by day and by night: nothing reaches beyond the window, every text has the
// contrast that WCAG 2 asks for (4.5), and every thumbnail is shown.
func TestPageInABrowser(t *testing.T) {
	browser := chromium(t)
	name := filepath.Join(t.TempDir(), "frames.html")
	if err := os.WriteFile(name, framed(t), 0o644); err != nil {
		t.Fatal(err)
	}
	for scheme, dark := range []bool{true, false} {
		for i, found := range lay(t, browser, name, scheme) {
			t.Run(fmt.Sprintf("%d classes, %d px, dark %v", frames[i].classes, frames[i].width, dark), func(t *testing.T) {
				if found.Width != frames[i].width || found.Dark != dark {
					t.Fatalf("the window is %d px wide, dark %v", found.Width, found.Dark)
				}
				if found.Scroll > found.Width || len(found.Wide) > 0 {
					t.Errorf("the page is %d px wide; beyond the window are %q", found.Scroll, found.Wide)
				}
				if len(found.Faint) > 0 {
					t.Errorf("texts of too little contrast: %q", found.Faint)
				}
				if bright := found.Background[0] > 128; bright == dark {
					t.Errorf("the background is %v", found.Background)
				}
				if found.Images != 24 || found.Broken > 0 {
					t.Errorf("%d pictures of 24, %d broken", found.Images, found.Broken)
				}
			})
		}
	}
}

// framed is a page with each of the frames in it, which measures them when all are there.
func framed(t *testing.T) []byte {
	t.Helper()
	measure, err := os.ReadFile("testdata/measure.js")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range frames {
		r := report(t, 300, f.classes)
		thumbnails := map[string]page.Thumbnail{}
		for i, w := range r.Worst {
			thumbnail, err := page.NewThumbnail(noise(20 + 10*i))
			if err != nil {
				t.Fatal(err)
			}
			thumbnails[w.Picture] = thumbnail
		}
		text := write(t, r, thumbnails)
		text = strings.Replace(text, "http-equiv", "data-off", 1) // the page forbids scripts, the measuring one too
		text = strings.ReplaceAll(text, "<details", "<details open")
		text += "<script>" + string(measure) + "</script>"
		fmt.Fprintf(&out, `<iframe style="border: 0" width="%d" height="900" srcdoc="%s"></iframe>`, f.width, html.EscapeString(text))
	}
	out.WriteString(`<script>onload = () => {
	const found = [...document.querySelectorAll('iframe')].map(f => f.contentWindow.measure())
	document.body.textContent = '@@' + btoa(unescape(encodeURIComponent(JSON.stringify(found)))) + '@@'
}</script>`)
	return out.Bytes()
}

// lay has a browser lay the frames out; scheme is 0 for dark and 1 for light.
func lay(t *testing.T, browser, name string, scheme int) []laidOut {
	t.Helper()
	c := exec.CommandContext(t.Context(), browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir="+t.TempDir(),
		fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme), "--window-size=1400,900", "--dump-dom", "file://"+name)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(out), "@@")
	if len(parts) < 3 {
		t.Fatalf("the browser says %.300s", out)
	}
	data, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var found []laidOut
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != len(frames) {
		t.Fatalf("%d frames of %d", len(found), len(frames))
	}
	return found
}
