package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestNoSockets has the system calls of a whole run recorded: classifying opens no socket, of any family. The installer, which may, is
// kept out by naming the library.
func TestNoSockets(t *testing.T) {
	library := orttest.Library(t)
	strace, err := exec.LookPath("strace")
	if err != nil {
		orttest.Missing(t, "strace", err.Error())
	}
	scones := buildScones(t)
	pictures, err := filepath.Abs(filepath.Join("..", "..", "testdata", "mxnet", "resnet20-32"))
	if err != nil {
		t.Fatal(err)
	}
	truth, err := filepath.Abs(filepath.Join("..", "..", "testdata", "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"classify": {"classify", "--top-k", "2", pictures},
		"auto":     {"classify", "--device", "auto", pictures},
		"evaluate": {"evaluate", "--labels-csv", truth, "--html", filepath.Join(t.TempDir(), "page.html")},
		"runtime":  {"runtime", "--json"},
		"no model": {"classify", "--model", filepath.Join(t.TempDir(), "none.onnx"), pictures},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			trace := filepath.Join(dir, "trace")
			command := exec.CommandContext(t.Context(), strace, append([]string{"-f", "-qq", "-e", "trace=network,execve", "-o", trace, scones}, args...)...)
			// Without a folder for a cache, and without a proxy or anything else that a user may have set.
			command.Env = []string{ort.EnvLibrary + "=" + library, "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
			output, runErr := command.CombinedOutput()
			recorded, err := os.ReadFile(trace)
			if err != nil || !strings.Contains(string(recorded), "execve(") {
				orttest.Missing(t, "strace", "it cannot record here: "+string(output))
			}
			if (runErr != nil) != (name == "no model") {
				t.Fatalf("scones %s: %v\n%s", strings.Join(args, " "), runErr, output)
			}
			for line := range strings.Lines(string(recorded)) {
				if strings.Contains(line, " ???( <") { // a thread that the process's end took away: strace saw no call
					continue
				}
				if !strings.Contains(line, " execve(") && !strings.Contains(line, "--- SIG") && !strings.Contains(line, "+++ ") {
					t.Errorf("scones %s: %s", strings.Join(args, " "), line)
				}
			}
		})
	}
}

// buildScones builds the command as users do.
func buildScones(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "scones")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("build scones: %v\n%s", err, output)
	}
	return name
}
