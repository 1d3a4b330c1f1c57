//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A process is a scones serve that answers.
type process struct {
	*exec.Cmd
	url string
	// log and out are what it wrote on standard error and output; read them after stop.
	log, out *bytes.Buffer
	end      chan struct{}
}

// serving starts scones serve on a free port and waits until it says that it is ready.
func serving(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{
		Cmd: command(t, orttest.Library(t), append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...),
		log: new(bytes.Buffer), out: new(bytes.Buffer), end: make(chan struct{}),
	}
	p.Stdout = p.out
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.end
	})
	ready := make(chan string, 1)
	go func() {
		defer close(p.end)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			p.log.WriteString(lines.Text() + "\n")
			if rest, found := strings.CutPrefix(lines.Text(), "scones: ready on "); found {
				ready <- rest[:strings.Index(rest, ",")]
			}
		}
		_ = p.Wait()
	}()
	select {
	case p.url = <-ready:
	case <-p.end:
		t.Fatalf("scones serve ended:\n%s", p.log)
	}
	return p
}

// stop sends a signal and returns the exit code.
func (p *process) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	<-p.end
	return p.ProcessState.ExitCode()
}

// post sends a picture and returns the status and the answer.
func post(t *testing.T, url string, picture []byte) (int, string) {
	t.Helper()
	response, err := http.Post(url, "application/x-image", bytes.NewReader(picture))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(body)
}

// TestServeAloneAndTogether asks for every picture alone and then for all at once, many times: a picture's neighbours in its batch
// change no digit of its answer.
func TestServeAloneAndTogether(t *testing.T) {
	p := serving(t, "--max-batch", "8", "--log", "off")
	files, err := filepath.Glob("../../testdata/images/*")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d pictures, %v", len(files), err)
	}
	alone, pictures := make(map[string]string), make(map[string][]byte)
	for _, file := range files {
		if pictures[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		status, body := post(t, p.url+"/invocations", pictures[file])
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", file, status, body)
		}
		alone[file] = body
	}
	var wg sync.WaitGroup
	for range 3 {
		for _, file := range files {
			wg.Go(func() {
				if status, body := post(t, p.url+"/endpoints/scones/invocations", pictures[file]); status != http.StatusOK || body != alone[file] {
					t.Errorf("%s together: %d %s, alone %s", file, status, body, alone[file])
				}
			})
		}
	}
	wg.Wait()
	if code := p.stop(t, syscall.SIGTERM); code != exitGood {
		t.Errorf("exit code %d after SIGTERM, want %d:\n%s", code, exitGood, p.log)
	}
}

// TestServeSecondSignal ends at once what would otherwise wait.
func TestServeSecondSignal(t *testing.T) {
	p := serving(t, "--drain-delay", "1h")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until the first was seen: two signals at once may become one
		response, err := http.Get(p.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable {
			break
		}
	}
	if code := p.stop(t, syscall.SIGTERM); code != exitInterrupted {
		t.Errorf("exit code %d after a second SIGTERM, want %d:\n%s", code, exitInterrupted, p.log)
	}
}
