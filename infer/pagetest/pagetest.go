// Package pagetest has a browser lay out the pages that commands write, for tests.
package pagetest

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A Frame is a page in a window of Width pixels.
type Frame struct {
	HTML  string
	Width int
}

// LaidOut is what measure.js finds in a frame.
type LaidOut struct {
	// Width of the window, and of what can be scrolled to.
	Width, Scroll int
	Dark          bool
	Background    []int // red, green, blue
	// Faint texts have less contrast than WCAG 2 asks for, Wide elements reach beyond the window.
	Faint, Wide []string
	// Images of the page, and how many of them the browser cannot show.
	Images, Broken int
}

//go:embed measure.js
var measure string

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

// Lay lays frames out by day or by night. Without a browser the test is skipped, or fails when SCONES_TEST_REQUIRE names "chromium".
func Lay(t *testing.T, frames []Frame, dark bool) []LaidOut {
	t.Helper()
	browser := chromium(t)
	name := filepath.Join(t.TempDir(), "frames.html")
	if err := os.WriteFile(name, framed(frames), 0o644); err != nil {
		t.Fatal(err)
	}
	scheme := 1
	if dark {
		scheme = 0
	}
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
	var found []LaidOut
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != len(frames) {
		t.Fatalf("%d frames of %d", len(found), len(frames))
	}
	return found
}

// framed is a page with each of the frames in it, which measures them when all are there.
func framed(frames []Frame) []byte {
	var out bytes.Buffer
	for _, f := range frames {
		text := strings.Replace(f.HTML, "http-equiv", "data-off", 1) // a page may forbid scripts, the measuring one too
		text = strings.ReplaceAll(text, "<details", "<details open")
		text += "<script>" + measure + "</script>"
		fmt.Fprintf(&out, `<iframe style="border: 0" width="%d" height="900" srcdoc="%s"></iframe>`, f.Width, html.EscapeString(text))
	}
	out.WriteString(`<script>onload = () => {
	const found = [...document.querySelectorAll('iframe')].map(f => f.contentWindow.measure())
	document.body.textContent = '@@' + btoa(unescape(encodeURIComponent(JSON.stringify(found)))) + '@@'
}</script>`)
	return out.Bytes()
}

// Check reports what is wrong with a frame: a wrong width or colour scheme, what reaches beyond the window, texts of too little contrast,
// and pictures that are not there.
func Check(t *testing.T, found LaidOut, width int, dark bool, images int) {
	t.Helper()
	if found.Width != width || found.Dark != dark {
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
	if found.Images != images || found.Broken > 0 {
		t.Errorf("%d pictures of %d, %d broken", found.Images, images, found.Broken)
	}
}
