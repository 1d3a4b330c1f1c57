//go:build unix

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// noise writes n PNG files of 32 × 32 random pixels; every 50th is cut short, so that rows with errors are resumed too.
func noise(t *testing.T, n int) string {
	t.Helper()
	root := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	picture := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for i := range n {
		for at := range picture.Pix {
			picture.Pix[at] = uint8(random.Uint32() | 0xff*uint32(at%4/3))
		}
		var buf bytes.Buffer
		if err := png.Encode(&buf, picture); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 {
			buf.Truncate(buf.Len() / 2)
		}
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("%05d.png", i)), buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// command runs this test binary as scones, which TestMain's testscript makes possible by the name it is called with.
func command(t *testing.T, library string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "scones")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(link, args...)
	c.Env = append(os.Environ(), "ONNXRUNTIME_LIB="+library)
	return c
}

// TestKillAndResume kills a run at twenty random moments, resumes it, and compares bytes.
func TestKillAndResume(t *testing.T) {
	library := orttest.Library(t)
	const pictures = 1000
	root := noise(t, pictures)
	random := rand.New(rand.NewPCG(3, 4))
	for extension, kills := range map[string]int{"csv": 20, "jsonl": 5, "parquet": 5} {
		t.Run(extension, func(t *testing.T) {
			dir := t.TempDir()
			whole := filepath.Join(dir, "whole."+extension)
			start := time.Now()
			if out, err := command(t, library, "classify", "--top-k", "2", "--out", whole, root).CombinedOutput(); exitOf(err) != exitPictures {
				t.Fatalf("uninterrupted run: %v\n%s", err, out)
			}
			took := time.Since(start)
			want, err := os.ReadFile(whole)
			if err != nil {
				t.Fatal(err)
			}
			for i := range kills {
				out := filepath.Join(dir, fmt.Sprintf("killed-%d.%s", i, extension))
				c := command(t, library, "classify", "--top-k", "2", "--resume", "--out", out, root)
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(random.Int64N(int64(took))))
				_ = c.Process.Signal(syscall.SIGKILL) // it may have ended by itself
				_ = c.Wait()
				if said, err := command(t, library, "classify", "--top-k", "2", "--resume", "--out", out, root).CombinedOutput(); exitOf(err) != exitPictures {
					t.Fatalf("kill %d: resumed run: %v\n%s", i, err, said)
				}
				got, err := os.ReadFile(out)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("kill %d: resumed file differs from the uninterrupted one: %v", i, err)
				}
			}
		})
	}
}

// TestInterruptKeepsRows sends Ctrl-C while paths still come, and expects the rows so far, the way on, and exit code 130.
func TestInterruptKeepsRows(t *testing.T) {
	library := orttest.Library(t)
	root := noise(t, 3)
	out := filepath.Join(t.TempDir(), "out.csv")
	c := command(t, library, "classify", "--out", out, "-")
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(stdin, "%s/00000.png\n%s/00001.png\n", root, root)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if data, _ := os.ReadFile(out); bytes.Count(data, []byte("\n")) == 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no rows after a minute; stderr: %s", stderr.Bytes())
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := exitOf(c.Wait()); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if want := fmt.Sprintf("2 pictures are in %s; the same command with --resume goes on", out); !bytes.Contains(stderr.Bytes(), []byte(want)) {
		t.Errorf("stderr %q, want %q in it", stderr.Bytes(), want)
	}
}

// exitOf is a command's exit code, -1 for what is none.
func exitOf(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return -1
}
