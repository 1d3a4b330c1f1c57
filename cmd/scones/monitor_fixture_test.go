package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
)

// TestMonitorFixtures makes testdata/monitor anew with UPDATE=1, a baseline of drawn captures and a window of darker ones, and else sees
// that the window is what it would make.
func TestMonitorFixtures(t *testing.T) {
	folder, err := filepath.Abs("../../testdata/monitor")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	for name, o := range map[string]capturetest.Options{
		"usual": {Records: 200, Side: 16, Seed: 1}, "dark": {Records: 60, Side: 16, Seed: 2, Dark: 0.3},
	} {
		if err := capturetest.Folder(filepath.Join(work, name), o); err != nil {
			t.Fatal(err)
		}
	}
	scones := func(args ...string) {
		t.Helper()
		c := command(t, "", args...)
		c.Dir = work
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	scones("monitor", "load", "--labels", "bicycle,motorcycle", "--out", "window.csv", "dark")
	if os.Getenv("UPDATE") != "" {
		scones("monitor", "baseline", "--labels", "bicycle,motorcycle", "--threshold", "0.75", "-o", filepath.Join(folder, "baseline.json"), "usual")
		scones("monitor", "load", "--labels", "bicycle,motorcycle", "--out", filepath.Join(folder, "window.csv"), "dark")
	}
	got, err := os.ReadFile(filepath.Join(work, "window.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(folder, "window.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("testdata/monitor/window.csv is not what is made now")
	}
}
