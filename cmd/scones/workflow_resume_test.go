//go:build unix

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestKillAndResumeWorkflow kills a folder's workflow at random moments, resumes it, and compares bytes with a run that was left alone.
func TestKillAndResumeWorkflow(t *testing.T) {
	library := orttest.Library(t)
	root, dir := noise(t, 150), t.TempDir()
	run := func(out string) []string { return []string{"workflow", "run", "--resume", "--out", out, root} }
	whole := filepath.Join(dir, "whole.csv")
	start := time.Now()
	if said, err := command(t, library, run(whole)...).CombinedOutput(); exitOf(err) != exitPictures {
		t.Fatalf("uninterrupted run: %v\n%s", err, said)
	}
	took := time.Since(start)
	want, err := os.ReadFile(whole)
	if err != nil || bytes.Count(want, []byte("\n")) != 151 {
		t.Fatalf("the uninterrupted run wrote %d lines: %v", bytes.Count(want, []byte("\n")), err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	out := filepath.Join(dir, "killed.csv")
	for range 3 {
		c := command(t, library, run(out)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(took))))
		_ = c.Process.Signal(syscall.SIGKILL) // it may have ended by itself
		_ = c.Wait()
	}
	if said, err := command(t, library, run(out)...).CombinedOutput(); exitOf(err) != exitPictures {
		t.Fatalf("resumed run: %v\n%s", err, said)
	}
	if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the resumed file differs from the uninterrupted one: %v", err)
	}
}
