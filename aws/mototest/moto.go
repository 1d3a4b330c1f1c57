// Package mototest starts moto's server, a stand-in for AWS's control plane, for tests.
package mototest

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// EnvProgram is the environment variable that names moto_server. It is not looked for in PATH, where it may be of any version.
const EnvProgram = "SCONES_TEST_MOTO"

// EnvRequire is the environment variable that lists the parts which tests must not skip for want of.
const EnvRequire = "SCONES_TEST_REQUIRE"

// Start starts moto on an address of this machine and returns its URL; it ends with the test. More of the environment can be given. Where
// the program is not named the test is skipped, or fails where SCONES_TEST_REQUIRE names moto.
func Start(t testing.TB, environment ...string) string {
	t.Helper()
	program := os.Getenv(EnvProgram)
	if program == "" {
		if slices.Contains(strings.Split(os.Getenv(EnvRequire), ","), "moto") {
			t.Fatalf("moto is required by %s: %s names no moto_server", EnvRequire, EnvProgram)
		}
		t.Skipf("needs moto: %s names no moto_server", EnvProgram)
	}
	address := FreeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), program, "-H", host, "-p", port)
	server.Env = slices.Concat(os.Environ(), []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1"}, environment)
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Wait() }) // the context has ended it
	url := "http://" + address
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(url + "/moto-api/")
		if err == nil {
			response.Body.Close()
			return url
		}
		if time.Now().After(deadline) {
			t.Fatalf("moto does not answer after four minutes: %v\n%s", err, said.Bytes())
		}
	}
}

// Environment points AWS's tools at a stand-in, and at nothing else.
func Environment(t testing.TB, url string) map[string]string {
	none := t.TempDir() + "/none"
	return map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true",
	}
}

// FreeAddress is an address of this machine that nobody listens on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
