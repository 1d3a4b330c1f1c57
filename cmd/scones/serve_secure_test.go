//go:build unix

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// certificate writes a certificate for 127.0.0.1 and its key, and returns a client that trusts it.
func certificate(t *testing.T, folder string) (*http.Client, []string) {
	t.Helper()
	h := httptest.NewTLSServer(nil)
	defer h.Close()
	pair := h.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, "key.pem": {Type: "PRIVATE KEY", Bytes: key}}
	for name, block := range files {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return h.Client(), []string{"--tls-cert", filepath.Join(folder, "cert.pem"), "--tls-key", filepath.Join(folder, "key.pem")}
}

// TestServeSecured demands the token over TLS, writes CloudWatch's lines on standard output, and keeps the secrets out of the log.
func TestServeSecured(t *testing.T) {
	orttest.Library(t)
	folder := t.TempDir()
	client, flags := certificate(t, folder)
	const token, secret = "0123456789abcdef-token", "a-secret-key-of-aws"
	for name, text := range map[string]string{"token": token + "\n", "keys": "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = " + secret + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := serving(t, append(flags, "--token", filepath.Join(folder, "token"), "--verify-sigv4", filepath.Join(folder, "keys"), "--emf", "--log", "json")...)
	if !strings.HasPrefix(p.url, "https://") {
		t.Fatalf("it listens on %s", p.url)
	}
	picture, err := os.ReadFile("../../testdata/images/bicycle-gif.gif")
	if err != nil {
		t.Fatal(err)
	}
	send := func(path, authorization string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+path, bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	for _, c := range []struct {
		path, authorization string
		status              int
	}{
		{"/invocations", "Bearer " + token, http.StatusOK}, {"/invocations", "", http.StatusUnauthorized}, {"/invocations", "Bearer wrong", http.StatusUnauthorized},
		{"/endpoints/scones/invocations", "Bearer " + token, http.StatusBadRequest}, {"/endpoints/scones/invocations", "", http.StatusForbidden},
	} {
		if got := send(c.path, c.authorization); got != c.status {
			t.Errorf("%s with %q: %d, want %d", c.path, c.authorization, got, c.status)
		}
	}
	if code := p.stop(t, syscall.SIGTERM); code != exitGood {
		t.Errorf("exit code %d:\n%s", code, p.log)
	}
	if text := p.log.String(); strings.Contains(text, token) || strings.Contains(text, secret) || !strings.Contains(text, `"status":401`) {
		t.Errorf("the log is\n%s", text)
	}
	var line struct {
		EndpointName string
		Invocations  int
	}
	if err := json.Unmarshal(p.out.Bytes(), &line); err != nil || line.EndpointName != "scones" || line.Invocations != 1 {
		t.Errorf("standard output is %s, %v", p.out, err)
	}
}
