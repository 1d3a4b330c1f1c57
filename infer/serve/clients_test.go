package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// clientsPython is a Python with the packages of .ci/clients.txt. Without one the test is skipped, or fails when SCONES_TEST_REQUIRE
// names "clients".
func clientsPython(t *testing.T) string {
	t.Helper()
	python := os.Getenv("SCONES_TEST_CLIENTS")
	if python == "" {
		orttest.Missing(t, "clients", "SCONES_TEST_CLIENTS names no Python with the packages of .ci/clients.txt")
	}
	return python
}

// check runs one of the programs in testdata/clients.
func check(t *testing.T, name string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), clientsPython(t), append([]string{filepath.Join("testdata", "clients", name)}, args...)...)
	c.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "NO_PROXY=*", "no_proxy=*")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	} else if testing.Verbose() {
		t.Logf("%s", out)
	}
}

func writePicture(t *testing.T, grey uint8) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "picture.png")
	if err := os.WriteFile(path, shade(t, grey), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRuntimeClients asks servers in every state with boto3 and with the AWS SDK for Go.
func TestRuntimeClients(t *testing.T) {
	clientsPython(t)
	urls := make(map[string]string)
	serve := func(name string, o Options, scorer *fakeScorer) *Server {
		s, h := started(t, o, scorer, infer.Plan{Workers: 1, Batch: 1})
		urls[name] = h.URL
		return s
	}
	serve("good", Options{MaxPayload: 4000}, &fakeScorer{})
	serve("signed", Options{Keys: map[string]string{"AKIDEXAMPLE": "a-secret-that-only-the-test-knows"}}, &fakeScorer{})
	failing := &fakeScorer{}
	serve("failing", Options{}, failing)
	lost := errors.New("secret: the device is lost")
	failing.err.Store(&lost)
	gate := make(chan struct{})
	defer close(gate)
	serve("timeout", Options{Timeout: 50 * time.Millisecond}, &fakeScorer{gate: gate})
	serve("stopping", Options{}, &fakeScorer{}).phase.Store(refusing)
	serve("full", Options{Queue: 1}, &fakeScorer{}).admission.enter(1, 0)
	empty, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, handler := range map[string]http.Handler{
		"loading":  empty.Handler(),
		"internal": empty.exchange(runtimeDoor, func(*exchange) *problem { panic("something") }),
	} {
		h := httptest.NewServer(handler)
		defer h.Close()
		urls[name] = h.URL
	}
	text, err := json.Marshal(urls)
	if err != nil {
		t.Fatal(err)
	}
	picture := writePicture(t, 0)
	t.Run("boto3", func(t *testing.T) { check(t, "boto3_check.py", string(text), picture) })
	t.Run("gosdk", func(t *testing.T) {
		c := exec.CommandContext(t.Context(), "go", "run", ".", string(text), picture)
		c.Dir = filepath.Join("testdata", "clients", "gosdk")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		} else if testing.Verbose() {
			t.Logf("%s", out)
		}
	})
}

// TestTritonClient asks with tritonclient's http client.
func TestTritonClient(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{Workers: 1, Batch: 4})
	check(t, "triton_check.py", strings.TrimPrefix(h.URL, "http://"), writePicture(t, 0))
}

// TestGeneratedClient validates openapi.json, has openapi-python-client write a client from it, and asks with that.
func TestGeneratedClient(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{Workers: 1, Batch: 4})
	check(t, "openapi_check.py", h.URL, writePicture(t, 0), t.TempDir())
}

// dial opens a connection to a server of a test.
func dial(t *testing.T, url string) net.Conn {
	t.Helper()
	var d net.Dialer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
