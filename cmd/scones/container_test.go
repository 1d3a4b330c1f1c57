//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A recipe is the last stage of a Containerfile.
type containerRecipe struct {
	copies           map[string]string // from the build stage, to the image
	env              []string
	labels           []string
	user             string
	entrypoint, args []string
}

// readContainerfile reads what the last stage says; an instruction that it does not know fails the test.
func readContainerfile(t *testing.T) containerRecipe {
	t.Helper()
	data, err := os.ReadFile("Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	r := containerRecipe{copies: make(map[string]string)}
	list := func(text string) (words []string) {
		if err := json.Unmarshal([]byte(text), &words); err != nil {
			t.Fatalf("%s is not in exec form, so that SIGTERM would not arrive: %v", text, err)
		}
		return words
	}
	stages := strings.Split(string(data), "\nFROM ")
	for line := range strings.Lines(stages[len(stages)-1][strings.Index(stages[len(stages)-1], "\n")+1:]) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch instruction {
		case "", "#", "EXPOSE":
		case "COPY":
			words := strings.Fields(rest)
			if len(words) != 3 || words[0] != "--from=build" {
				t.Fatalf("COPY %s", rest)
			}
			r.copies[strings.TrimPrefix(words[1], "/out")] = words[2]
		case "ENV":
			r.env = append(r.env, rest)
		case "LABEL":
			r.labels = append(r.labels, rest)
		case "USER":
			r.user = rest
		case "ENTRYPOINT":
			r.entrypoint = list(rest)
		case "CMD":
			r.args = list(rest)
		default:
			t.Fatalf("unknown instruction %s", instruction)
		}
	}
	return r
}

var libraryPath = regexp.MustCompile(`(/\S+\.so[.0-9]*|/\S*ld-linux\S+)`)

// layOut makes the image's root folder: what the recipe copies, and of the system the libraries that this takes.
func layOut(t *testing.T, r containerRecipe, sources map[string]string) string {
	t.Helper()
	root := t.TempDir()
	put := func(from, to string) {
		data, err := os.ReadFile(from)
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(root, to)), 0o755), os.WriteFile(filepath.Join(root, to), data, 0o755))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range r.copies {
		source, known := sources[from]
		if !known {
			t.Fatalf("the Containerfile copies %s, which the test does not make", from)
		}
		if info, err := os.Stat(source); err == nil && info.IsDir() {
			err := filepath.WalkDir(source, func(name string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() {
					put(name, filepath.Join(to, strings.TrimPrefix(name, source)))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		put(source, to)
		out, err := exec.Command("ldd", source).CombinedOutput()
		if err != nil {
			t.Fatalf("ldd %s: %v\n%s", source, err, out)
		}
		for _, library := range libraryPath.FindAllString(string(out), -1) {
			put(library, library)
		}
	}
	return root
}

// TestContainer runs the Containerfile's last stage from a plain folder, as SageMaker would: its root is the folder, it is the first
// process of its kind and no more than an ordinary user. The time to the first good /ping goes to the log.
func TestContainer(t *testing.T) {
	library := orttest.Library(t)
	if os.Getuid() != 0 {
		orttest.Missing(t, "root", "only root may change the root folder")
	}
	r := readContainerfile(t)
	if r.user != "65532:65532" || len(r.labels) != 2 || len(r.entrypoint) != 1 {
		t.Errorf("the recipe is %+v", r)
	}
	binary, err := os.Executable() // which is scones when it is called so
	if err != nil {
		t.Fatal(err)
	}
	models := t.TempDir()
	data, err := os.ReadFile("../../model/builtin/model.onnx")
	if err == nil {
		err = os.WriteFile(filepath.Join(models, "model.onnx"), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	root := layOut(t, r, map[string]string{"/usr/bin/scones": binary, "/usr/lib/libonnxruntime.so": library, "/opt/ml/model": models})
	answersAsContainer(t, root, r.entrypoint[0], r.args, r.env)
}

// answersAsContainer runs a program in a root folder as SageMaker would, asks it for a picture's class and tells it to stop.
func answersAsContainer(t *testing.T, root, program string, args, env []string) {
	t.Helper()
	for dir := root; dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) { // the user must get there
		_ = os.Chmod(dir, 0o755)
	}
	_, port, err := net.SplitHostPort(mototest.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	url := "http://127.0.0.1:" + port
	command := exec.Command(program, append(args, "--log", "off")...)
	command.Env = append(env, "SAGEMAKER_BIND_TO_PORT="+port, "SAGEMAKER_REGION=us-east-1")
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Cloneflags: syscall.CLONE_NEWPID, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	command.Dir = "/"
	var said strings.Builder
	command.Stderr = &said
	start := time.Now()
	if err := command.Start(); err != nil {
		if errors.Is(err, syscall.EPERM) {
			orttest.Missing(t, "root", err.Error())
		}
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		response, err := http.Get(url + "/ping")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				break
			}
		}
		select {
		case err := <-ended:
			t.Fatalf("the container ended: %v\n%s", err, &said)
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Logf("/ping was good after %v", time.Since(start).Round(time.Millisecond))
	picture, err := os.ReadFile("../../testdata/images/bicycle-png-32x32.png")
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := post(t, url+"/invocations", picture); status != http.StatusOK || !strings.HasPrefix(answer, "[0.9") {
		t.Errorf("%d %s", status, answer)
	}
	// As the first process it gets no signal that it does not ask for: SIGTERM must end it all the same.
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("after SIGTERM: %v\n%s", err, &said)
		}
	case <-ctx.Done():
		_ = command.Process.Kill()
		t.Fatal("SIGTERM did not end it")
	}
}
