package ort

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// clients are the command lines of Python package clients, in the order of preference. Each goes on with "download".
var clients = [][]string{
	{"python3", "-m", "pip"},
	{"pip3"},
	{"python", "-m", "pip"},
	{"py", "-m", "pip"},
	{"pip"},
	{"uv", "tool", "run", "pip"},
}

// wheelPlatforms are the platform tags of the packages. The Python of the package does not matter, its library is the same.
var wheelPlatforms = map[string]string{
	"linux/amd64":   "manylinux_2_28_x86_64",
	"linux/arm64":   "manylinux_2_28_aarch64",
	"darwin/arm64":  "macosx_14_0_arm64",
	"windows/amd64": "win_amd64",
	"windows/arm64": "win_arm64",
}

// wheelBytes are the sizes of the packages, for the progress bar alone.
var wheelBytes = map[bool]int64{false: 17_222_993, true: 252_761_835}

// clientTimeout bounds one client's work: a quarter of a gigabyte on a slow line.
const clientTimeout = 30 * time.Minute

func requirement(gpu bool) string {
	if gpu {
		return "onnxruntime-gpu==" + Version
	}
	return "onnxruntime==" + Version
}

// fetchWheel lets the user's package client download the package, with the user's settings and mirror, and unpacks the files into dir.
func fetchWheel(ctx context.Context, o InstallOptions, files []pin, dir string) error {
	download := []string{
		"download", requirement(o.GPU), "--no-deps", "--only-binary=:all:", "--disable-pip-version-check",
		// Said in full, so that the package is found whatever Python the client runs in.
		"--python-version", "3.11", "--implementation", "cp", "--platform", wheelPlatforms[o.Platform], "--dest", dir,
	}
	var failed []error
	for _, client := range clients {
		program, err := exec.LookPath(client[0])
		if err != nil {
			continue
		}
		err = runClient(ctx, program, append(client[1:len(client):len(client)], download...), dir, o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name := strings.Join(client, " ")
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
			continue
		}
		wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
		if err != nil || len(wheels) != 1 {
			failed = append(failed, fmt.Errorf("%s: it left %d packages, want 1", name, len(wheels)))
			continue
		}
		return unpackZip(ctx, wheels[0], "capi", files, dir)
	}
	if len(failed) == 0 {
		return errors.New("no pip was found")
	}
	return errors.Join(failed...)
}

// runClient runs a package client that works in dir alone and reports how much it has written there.
func runClient(ctx context.Context, program string, args []string, dir string, o InstallOptions) error {
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	temp := filepath.Join(dir, "temp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // so that it ends what it has started
	command.WaitDelay = 3 * time.Second
	command.Env = append(os.Environ(), "TMPDIR="+temp, "TEMP="+temp, "TMP="+temp, "PIP_NO_INPUT=1", "PIP_PROGRESS_BAR=off")
	output := &tail{}
	command.Stdout, command.Stderr = output, output
	done := make(chan struct{})
	reported := make(chan struct{})
	go func() {
		defer close(reported)
		if o.Progress != nil {
			report(dir, wheelBytes[o.GPU], o.Progress, done)
		}
	}()
	err := command.Run()
	close(done)
	<-reported
	if err != nil {
		return fmt.Errorf("%w: %s", err, output.last())
	}
	return nil
}

// report tells the size of what lies in dir five times a second until done.
func report(dir string, total int64, progress func(done, total int64), done <-chan struct{}) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		var size int64
		filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				if info, err := entry.Info(); err == nil {
					size += info.Size()
				}
			}
			return nil
		})
		progress(min(size, total), total)
	}
}

// A tail keeps the last of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	const keep = 4096
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - keep; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// last returns the last line that says something, an error's for preference.
func (t *tail) last() string {
	lines := bytes.Split(bytes.TrimSpace(t.kept), []byte("\n"))
	for i := len(lines) - 1; i >= 0; i-- {
		if bytes.Contains(bytes.ToLower(lines[i]), []byte("error")) {
			return string(bytes.TrimSpace(lines[i]))
		}
	}
	return string(bytes.TrimSpace(lines[len(lines)-1]))
}
