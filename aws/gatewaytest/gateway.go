// Package gatewaytest starts versitygw, an S3 server that checks signatures and keeps objects as files, for tests.
package gatewaytest

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/mototest"
)

// EnvProgram is the environment variable that names the program.
const EnvProgram = "SCONES_TEST_VERSITYGW"

// Start starts a gateway on an address of this machine and returns its URL; it ends with the test. Its credentials are those of
// [mototest.Environment]. Where the program is not named the test is skipped, or fails where SCONES_TEST_REQUIRE names versitygw.
func Start(t testing.TB) string { return start(t, "test") }

func start(t testing.TB, access string) string {
	t.Helper()
	program := os.Getenv(EnvProgram)
	if program == "" {
		if slices.Contains(strings.Split(os.Getenv(mototest.EnvRequire), ","), "versitygw") {
			t.Fatalf("versitygw is required by %s: %s names no program", mototest.EnvRequire, EnvProgram)
		}
		t.Skipf("needs versitygw: %s names no program", EnvProgram)
	}
	address := mototest.FreeAddress(t)
	server := exec.CommandContext(t.Context(), program, "--port", address, "--access", access, "--secret", "test", "--region", "us-east-1", "posix", t.TempDir())
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Wait() }) // the context has ended it
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		response, err := http.Get("http://" + address + "/")
		if err == nil {
			response.Body.Close()
			return "http://" + address
		}
		if time.Now().After(deadline) {
			t.Fatalf("versitygw does not answer after a minute: %v\n%s", err, said.Bytes())
		}
	}
}
