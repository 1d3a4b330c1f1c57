//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/model/builtin"
)

// times is how often a test repeats what it does; SCONES_TEST_TIMES asks for another number.
func times(t *testing.T, few int) int {
	t.Helper()
	text := os.Getenv("SCONES_TEST_TIMES")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// verbose asks which model answers.
func verbose(t *testing.T, url string) (sha string) {
	t.Helper()
	picture, err := os.Open("../../testdata/images/bicycle-png-32x32.png")
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/invocations", picture)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json;verbose=1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		SHA string `json:"sha256"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", response.Status, err)
	}
	return answer.SHA
}

// TestServeSwapsFiles replaces the model's file under load, by rename and by copy, with SIGHUP and without, and with a file that is no
// model. Every request is answered.
func TestServeSwapsFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.onnx")
	contents := [][]byte{builtin.ONNX(), builtin.Int8()}
	if err := os.WriteFile(file, contents[0], 0o644); err != nil {
		t.Fatal(err)
	}
	p := serving(t, "--model", file, "--watch", "50ms", "--log", "off")
	answered, _, wait := loading(t, p.url+"/invocations", 2)
	last := verbose(t, p.url)
	for i := range times(t, 4) {
		atLeast(answered, answered.Load()+2)
		content := contents[(i+1)%2]
		var err error
		if i%2 == 0 {
			err = os.WriteFile(file+".new", content, 0o644)
			if err == nil {
				err = os.Rename(file+".new", file)
			}
		} else {
			err = os.WriteFile(file, content, 0o644)
		}
		if err == nil && i%3 == 0 {
			err = p.Process.Signal(syscall.SIGHUP)
		}
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			if sha := verbose(t, p.url); sha != last {
				last = sha
				break
			}
			if time.Now().After(end) {
				t.Fatalf("the model was not replaced after %d times:\n%s", i, p.log)
			}
		}
	}
	if err := os.WriteFile(file, []byte("no model"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	atLeast(answered, answered.Load()+50)
	if sha := verbose(t, p.url); sha != last {
		t.Errorf("a bad file took the old model's place")
	}
	before := answered.Load()
	atLeast(answered, before+10) // the clients would have ended at the first failure
	if code := p.stop(t, syscall.SIGTERM); code != exitGood {
		t.Errorf("exit code %d", code)
	}
	wait()
}

// TestServeStopsUnderLoad stops a server that works: what it took it answers, and readiness goes before it refuses.
func TestServeStopsUnderLoad(t *testing.T) {
	for range times(t, 3) {
		p := serving(t, "--log", "off", "--drain-delay", "200ms")
		answered, lost, wait := loading(t, p.url+"/invocations", 4)
		atLeast(answered, 20)
		if err := p.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for { // not ready, while requests are still answered
			response, err := http.Get(p.url + "/readyz")
			if err != nil {
				t.Fatalf("refused connections before readiness went: %v", err)
			}
			response.Body.Close()
			if response.StatusCode == http.StatusServiceUnavailable {
				break
			}
		}
		seen := answered.Load()
		wait()
		<-p.end
		if code := p.ProcessState.ExitCode(); code != exitGood {
			t.Errorf("exit code %d:\n%s", code, p.log)
		}
		if n := lost.Load(); n > 0 {
			t.Errorf("%d requests were lost", n)
		}
		if answered.Load() <= seen {
			t.Error("nothing was answered after readiness went")
		}
	}
}

// TestServeModelStore loads models on request, from below the store and from nowhere else.
func TestServeModelStore(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "store", "abc", "model")
	for _, folder := range []string{inside, filepath.Join(dir, "outside")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "model.onnx"), builtin.ONNX(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "outside"), filepath.Join(dir, "store", "link")); err != nil {
		t.Fatal(err)
	}
	p := serving(t, "--model-store", filepath.Join(dir, "store"), "--log", "off")
	for path, want := range map[string]int{
		filepath.Join(dir, "store", "link"): 400, filepath.Join(dir, "outside"): 400, filepath.Join(inside, "../../../outside"): 400,
		filepath.Join(dir, "store"): 400, "": 400,
	} {
		checkLoad(t, p.url, path, want)
	}
	checkLoad(t, p.url, inside, http.StatusOK)
	picture, err := os.ReadFile("../../testdata/images/bicycle-png-32x32.png")
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := post(t, p.url+"/models/abc/invoke", picture); status != http.StatusOK || !strings.HasPrefix(answer, "[0.9") {
		t.Errorf("%d %s", status, answer)
	}
}

// checkLoad asks for a model of the store.
func checkLoad(t *testing.T, url, path string, want int) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"model_name": "abc", "url": path})
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := post(t, url+"/models", body); status != want {
		t.Errorf("%s: %d %s, want %d", path, status, answer, want)
	}
}
