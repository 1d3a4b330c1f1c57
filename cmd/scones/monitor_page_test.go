//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
)

// monitored makes captures of 200 ordinary pictures with a baseline of them, and 90 dark ones. It returns their folder.
func monitored(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, o := range map[string]capturetest.Options{"base": {Records: 200, Side: 16, Seed: 1}, "dark": {Records: 90, Side: 16, Seed: 2, Dark: 0.5}} {
		if err := capturetest.Folder(filepath.Join(dir, name), o); err != nil {
			t.Fatal(err)
		}
	}
	scones(t, dir, 0, "monitor", "baseline", "-o", "baseline.json", "--labels", "bicycle,motorcycle", "--threshold", "0.75", "base")
	return dir
}

// pageOf starts a command that shows one, and returns its address. Told ends it with a signal and returns the rest of what it printed.
func pageOf(t *testing.T, dir string, args ...string) (address string, told func(os.Signal) (string, int)) {
	t.Helper()
	c := command(t, "", args...)
	c.Dir = dir
	var out bytes.Buffer
	c.Stdout = &out
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	t.Cleanup(func() { _ = c.Process.Kill(); <-end })
	ready := make(chan string, 1)
	go func() {
		defer close(end)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if at := strings.Index(lines.Text(), "http://"); at >= 0 {
				ready <- strings.TrimRight(strings.Fields(lines.Text()[at:])[0], ",")
			}
		}
		_ = c.Wait()
	}()
	select {
	case address = <-ready:
	case <-end:
		t.Fatalf("scones %q ended", args)
	}
	return address, func(s os.Signal) (string, int) {
		if s != nil {
			_ = c.Process.Signal(s)
		}
		<-end
		return out.String(), c.ProcessState.ExitCode()
	}
}

// TestMonitorPage opens a report as people do, on a phone and on a desk, by day and by night, and has it audited.
func TestMonitorPage(t *testing.T) {
	ctx := browser(t)
	dir := monitored(t)
	scones(t, dir, 4, "monitor", "run", "--once", "--baseline", "baseline.json", "--html", "drift.html", "dark")
	scones(t, dir, 0, "monitor", "run", "--once", "--baseline", "baseline.json", "--html", "same.html", "base")
	for _, name := range []string{"drift", "same"} {
		info, err := os.Stat(filepath.Join(dir, name+".html"))
		if err != nil || info.Size() >= 300_000 {
			t.Fatalf("%v, %v", info, err)
		}
		do(t, ctx, chromedp.Navigate("file://"+filepath.Join(dir, name+".html")))
		for _, width := range []int64{390, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				look(t, ctx, name, width, scheme)
				if name == "drift" || width == 390 {
					audit(t, ctx, name+" "+scheme)
				}
			}
		}
	}
}

// TestMonitorWatchServes shows the page and the metrics to whoever asks by the right name.
func TestMonitorWatchServes(t *testing.T) {
	dir := monitored(t)
	address, told := pageOf(t, dir, "monitor", "watch", "--baseline", "baseline.json", "--every", "1s", "--serve", "127.0.0.1:0", "dark")
	get := func(path, host string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", strings.TrimSuffix(address, "/")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(body)
	}
	for range 600 { // until the first check is made, which is what the test waits for
		if code, _ := get("/healthz", ""); code == 200 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if code, body := get("/", ""); code != 200 || !strings.Contains(body, "Pictures that carry the drift") {
		t.Errorf("the page: %d", code)
	}
	_, metrics := get("/metrics", "")
	if !strings.Contains(metrics, `scones_monitor_verdict{verdict="drift"} 1`) {
		t.Errorf("metrics %s", metrics)
	}
	if promtool, err := exec.LookPath("promtool"); err == nil {
		lint := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		lint.Stdin = strings.NewReader(metrics)
		if said, err := lint.CombinedOutput(); err != nil {
			t.Errorf("promtool: %v %s", err, said)
		}
	}
	if code, _ := get("/", "evil.example"); code != 421 {
		t.Errorf("by another name: %d", code)
	}
	if _, code := told(syscall.SIGINT); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

// TestMonitorLabel labels pictures with the keyboard, is interrupted, goes on, and finishes.
func TestMonitorLabel(t *testing.T) {
	ctx := browser(t)
	dir := monitored(t)
	args := []string{"monitor", "label", "--baseline", "baseline.json", "--most", "4", "-o", "relabel", "dark"}
	address, told := pageOf(t, dir, args...)
	key := func(k string) chromedp.Action[chromedp.Void] { return chromedp.KeyEvent(k) }
	// shows waits for a text in the page's heading, or where there is none in its body. A page that goes away while it is asked is no fault.
	shows := func(text string) chromedp.Action[chromedp.Void] {
		return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
			shown := chromedp.Evaluate[string](`document.readyState === "complete" ? (document.querySelector("h1") ?? document.body).textContent : ""`)
			for range 600 {
				var got string
				if got, err = shown(ctx, target); err == nil && strings.Contains(got, text) {
					return none, nil
				}
				time.Sleep(50 * time.Millisecond)
			}
			return none, fmt.Errorf("the page does not show %q: %w", text, err)
		}
	}
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address), shows("What does picture 1 show?"), until(`document.querySelector("img").naturalWidth === 16`))
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			look(t, ctx, "label", width, scheme)
			audit(t, ctx, "label "+scheme)
		}
	}
	do(t, ctx, key("2"), shows("What does picture 2 show?"), key("1"), shows("What does picture 3 show?"), key(kb.ArrowLeft), shows("What does picture 2 show?"), key("n"), shows("What does picture 3 show?"))
	if said, code := told(syscall.SIGINT); code != 0 || said != "1 picture of 4 labelled in relabel/train.lst, 0 not sure, 1 of no class, 2 open\n" {
		t.Errorf("exit code %d: %q", code, said)
	}

	address, told = pageOf(t, dir, args...)
	do(t, ctx, chromedp.Navigate(address), shows("What does picture 3 show?"), key("s"), shows("What does picture 4 show?"))
	do(t, ctx, chromedp.Focus(chromedp.CSS(`button[value="1"]`)), key(kb.Enter), shows("All pictures are answered"))
	audit(t, ctx, "the end")
	do(t, ctx, key(kb.Enter), shows("can be closed"))
	if said, code := told(nil); code != 0 || said != "2 pictures of 4 labelled in relabel/train.lst, 1 not sure, 1 of no class, 0 open\n" {
		t.Errorf("exit code %d: %q", code, said)
	}
	list, err := os.ReadFile(filepath.Join(dir, "relabel", "train.lst"))
	if err != nil {
		t.Fatal(err)
	}
	var classes []string
	for line := range strings.Lines(string(list)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		classes = append(classes, strings.Join(fields[:2], " "))
		if _, err := os.Stat(filepath.Join(dir, "relabel", fields[2])); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"0 1", "1 1"}, classes); diff != "" {
		t.Error(diff)
	}
	// The answers are true classes of a run.
	said := scones(t, dir, 4, "monitor", "run", "--once", "--baseline", "baseline.json", "--truth", "relabel/truth.csv", "dark")
	if !strings.Contains(said, "measured: accuracy ") || !strings.Contains(said, " of 2, 95 %") {
		t.Errorf("%s", said)
	}
}
