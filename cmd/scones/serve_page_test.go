//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// browser starts headless Chromium, with a camera of its own that shows a test picture.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		orttest.Missing(t, "chromium", "no chromium on the PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.WSURLReadTimeout(2*time.Minute))
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var faults []string
	err := chromedp.Listen(ctx, func(event any) {
		if e, thrown := event.(*runtime.EventExceptionThrown); thrown {
			mu.Lock()
			faults = append(faults, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
			mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, fault := range faults {
			t.Errorf("the page's script: %s", fault)
		}
	})
	return ctx
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// value evaluates a JavaScript expression.
func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// until waits for a JavaScript expression.
func until(expression string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool]("Boolean("+expression+")", chromedp.WithPollingTimeout(time.Minute))(ctx, target)
		if err != nil {
			err = fmt.Errorf("wait for %s: %w", expression, err)
		}
		return chromedp.Void{}, err
	}
}

// choose puts files into the page's input, as its dialog would.
func choose(t *testing.T, files ...string) chromedp.Action[chromedp.Void] {
	for i := range files {
		path, err := filepath.Abs(files[i])
		if err != nil {
			t.Fatal(err)
		}
		files[i] = path
	}
	return chromedp.SetUploadFiles(chromedp.CSS("#files"), files)
}

// look emulates a screen and a colour scheme, and keeps a picture of the whole page.
func look(t *testing.T, ctx context.Context, name string, width int64, scheme string) {
	t.Helper()
	do(t, ctx, chromedp.EmulateViewport(width, 900),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}),
		chromedp.Sleep(200*time.Millisecond)) // for the frame to be drawn
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.ArtifactDir(), fmt.Sprintf("%s-%d-%s.png", name, width, scheme))
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		t.Fatal(err)
	}
	if wide := value[int64](t, ctx, `document.documentElement.scrollWidth`); wide > width {
		t.Errorf("%s is %d pixels wide on a screen of %d", name, wide, width)
	}
}

// audit runs axe-core over the page; SCONES_AXE names its file.
func audit(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	path := os.Getenv("SCONES_AXE")
	if path == "" {
		orttest.Missing(t, "axe", "SCONES_AXE does not name axe.min.js")
	}
	script, err := os.ReadFile(path)
	if err != nil {
		orttest.Missing(t, "axe", err.Error())
	}
	value[int](t, ctx, string(script)+";0")
	found := value[string](t, ctx, `axe.run().then(r => JSON.stringify(r.violations.map(v =>
		({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.html)}))))`)
	var violations []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: %s %s: %s: %s", where, v.Impact, v.ID, v.Help, strings.Join(v.Nodes, " "))
	}
}

// TestPage uses the page as people do.
func TestPage(t *testing.T) {
	ctx := browser(t)
	p := serving(t, "--log", "off", "--threshold", "0.5")
	images := "../../testdata/images/"
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(p.url), until(`document.documentElement.dataset.running`))

	// Several pictures at once, one of them broken.
	do(t, ctx, choose(t, images+"bicycle-png-32x32.png", images+"motorcycle-png-32x32.png", "../../go.mod"),
		until(`document.querySelectorAll(".seen:not([hidden])").length === 2 && document.querySelectorAll(".verdict.fail").length === 1`))
	type card struct{ Name, Verdict, First string }
	cards := value[[]card](t, ctx, `[...document.querySelectorAll("#results li")].map(c => ({name: c.querySelector("h3").textContent,
		verdict: c.querySelector(".verdict").textContent, first: c.querySelector("tbody th")?.textContent ?? ""}))`)
	want := []struct{ name, verdict, first string }{
		{"go.mod", "ClientError: Loading image data failed", ""},
		{"motorcycle-png-32x32.png", "✓ motorcycle: passes 0.50", "motorcycle"},
		{"bicycle-png-32x32.png", "✓ bicycle: passes 0.50", "bicycle"},
	}
	for i, w := range want {
		if i >= len(cards) || cards[i].Name != w.name || !strings.HasPrefix(cards[i].Verdict, w.verdict) || cards[i].First != w.first {
			t.Fatalf("cards %+v, want %v", cards, want)
		}
	}

	// The threshold, by keyboard.
	do(t, ctx, chromedp.Focus(chromedp.CSS("#threshold")), chromedp.KeyEvent(kb.End),
		until(`document.querySelectorAll(".verdict.fail").length === 3`),
		until(`document.querySelector("#results li:last-child .verdict").textContent === "✗ bicycle: stays below 1.00"`))

	// What the model saw has its size.
	do(t, ctx, until(`[...document.querySelectorAll(".seen:not([hidden]) img")].every(i => i.naturalWidth === 32 && i.naturalHeight === 32)`))

	// The last requests and the charts come by themselves.
	do(t, ctx, until(`document.querySelectorAll("#requests tr").length === 3 && document.getElementById("requests").textContent.includes("motorcycle 9")`),
		until(`document.querySelector("#rate polyline").getAttribute("points").length > 0`),
		until(`document.getElementById("latency-text").textContent.startsWith("half below")`))

	// Programs.
	for language, part := range map[string]string{"curl": "curl --data-binary '@go.mod'", "boto3": `endpoint_url="` + p.url + `"`, "go": `aws.String("scones")`} {
		do(t, ctx, chromedp.Click(chromedp.CSS(`input[value=`+language+`]`)),
			until(`document.getElementById("program").textContent.includes(`+string(mustJSON(t, part))+`)`))
	}

	// Paste and drop.
	value[int](t, ctx, `new Promise(done => {
		const from = document.querySelector("#results li:last-child img"), canvas = document.createElement("canvas");
		canvas.width = canvas.height = 32;
		canvas.getContext("2d").drawImage(from, 0, 0);
		canvas.toBlob(done);
	}).then(b => {
		const give = (name) => { const d = new DataTransfer(); d.items.add(new File([b], name, {type: "image/png"})); return d; };
		document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: give("pasted.png"), bubbles: true}));
		document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: give("dropped.png"), bubbles: true, cancelable: true}));
		return 0;
	})`)
	do(t, ctx,
		until(`["pasted.png", "dropped.png"].every(n => [...document.querySelectorAll("#results li")].some(c => c.querySelector("h3").textContent === n && !c.querySelector(".seen").hidden))`))

	// A photograph.
	do(t, ctx, chromedp.Click(chromedp.CSS("#photo")), until(`!document.getElementById("shoot").disabled && document.getElementById("video").videoWidth > 0`))
	look(t, ctx, "camera", 1280, "light")
	do(t, ctx, chromedp.Click(chromedp.CSS("#shoot")),
		until(`document.querySelector("#results h3").textContent.startsWith("photo-") && !document.querySelector("#results .seen").hidden`))

	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 1280} {
			look(t, ctx, "page", width, scheme)
			audit(t, ctx, fmt.Sprintf("page, %s, %d pixels", scheme, width))
		}
	}

	// The documents.
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(p.url+"/docs"))
	value[int](t, ctx, `document.querySelectorAll("details").forEach((d, i) => d.open = i % 4 === 0), 0`)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 1280} {
			look(t, ctx, "docs", width, scheme)
			audit(t, ctx, fmt.Sprintf("docs, %s, %d pixels", scheme, width))
		}
	}
}

func mustJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
