package explain_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/color"
	"image/jpeg"
	"regexp"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/explain"
	"github.com/scones-unlimited/scones/infer/pagetest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// explanation of a picture twice as wide as high, whose middle square the model sees; it looks at the upper left of that.
func explanation(t *testing.T) *explain.Explanation {
	t.Helper()
	m := contract(model.Resize{Mode: model.ShortSide, ShortSide: side, Filter: model.Bilinear})
	c, err := infer.New(m, contrast(0, 0, 8, 8), preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := explain.New(c, explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := e.Explain(t.Context(), board(t, 2*side, side))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestOverlay looks at single pixels: dark where the model sees nothing, coloured where it looks, grey elsewhere.
func TestOverlay(t *testing.T) {
	picture := explain.Overlay(explanation(t), 640)
	if got, want := picture.Rect.String(), "(0,0)-(640,320)"; got != want {
		t.Fatalf("the overlay is %s, want %s", got, want)
	}
	at := func(x, y int) color.NRGBA { return picture.NRGBAAt(x, y) }
	for _, outside := range []color.NRGBA{at(5, 5), at(155, 300), at(485, 5)} {
		if outside.R != outside.G || outside.R > 90 {
			t.Errorf("outside of what the model sees a pixel is %v, want dark grey", outside)
		}
	}
	if inside := at(190, 30); inside.R <= inside.B || inside.R <= inside.G {
		t.Errorf("where the model looks a pixel is %v, want red", inside)
	}
	if far := at(440, 280); far.R != far.G || far.G != far.B {
		t.Errorf("where the model does not look a pixel is %v, want grey", far)
	}
}

// TestPage reads a page as a browser would get it: whole pictures in it, nothing from elsewhere, names that cannot become markup.
func TestPage(t *testing.T) {
	const most = 4
	p := explain.Page{Most: most, About: explain.About{Model: "a<b>.onnx", ModelSHA256: strings.Repeat("c", 64)}}
	x := explanation(t)
	x.Picture = `"><script>alert(1)</script>.png`
	for i := range most + 3 {
		room, err := p.Add(x)
		if err != nil {
			t.Fatal(err)
		}
		if want := i < most; room != want {
			t.Fatalf("picture %d has room: %v, want %v", i, room, want)
		}
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, bad := range []string{"<script", "http:", "https:", "url(", "a<b>", "@import", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, want := range []string{"3 more are not on this page", fmt.Sprintf("%d pictures", most), "prefers-color-scheme: dark", "width=device-width"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	sources := regexp.MustCompile(`src="data:image/jpeg;base64,([^"]+)"`).FindAllStringSubmatch(text, -1)
	if len(sources) != 2*most {
		t.Fatalf("the page has %d pictures, want two of each", len(sources))
	}
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(sources[0][1], "&#43;", "+"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
}

// TestPageInABrowser lays the page out on a phone and on a desk, by day and by night.
func TestPageInABrowser(t *testing.T) {
	var p explain.Page
	x := explanation(t)
	for _, name := range []string{"a.png", strings.Repeat("long-name", 20) + ".png", "weak.png"} {
		shown := *x
		if shown.Picture = name; name == "weak.png" {
			shown.Random = []explain.Test{shown.Test}
		}
		if _, err := p.Add(&shown); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	frames := []pagetest.Frame{{HTML: out.String(), Width: 390}, {HTML: out.String(), Width: 1280}}
	for _, dark := range []bool{true, false} {
		for i, found := range pagetest.Lay(t, frames, dark) {
			t.Run(fmt.Sprintf("%d px, dark %v", frames[i].Width, dark), func(t *testing.T) {
				pagetest.Check(t, found, frames[i].Width, dark, 6)
			})
		}
	}
}
