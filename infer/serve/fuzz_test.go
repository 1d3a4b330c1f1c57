package serve

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer"
)

// fuzzed is a server whose requests need no network.
func fuzzed(f *testing.F) *Server {
	f.Helper()
	s, err := New(Options{MaxPayload: 100_000, Keys: nil})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Install(f.Context(), testModel(f, &fakeScorer{}, infer.Plan{Workers: 1, Batch: 4})); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.models.clear)
	return s
}

// meant fails on a status that no client can be the cause of.
func meant(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 || w.Code < 200 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// FuzzInfer sends bodies of any content to the Open Inference Protocol's door.
func FuzzInfer(f *testing.F) {
	s := fuzzed(f)
	h := newHostile(f, 1)
	for range 50 {
		for _, data := range [][]byte{h.json(), h.binary()} {
			head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
			_, length, _ := strings.Cut(string(head), "Inference-Header-Content-Length: ")
			f.Add(body, length)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, length string) {
		r := httptest.NewRequest(http.MethodPost, inferPath, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if length != "" {
			r.Header.Set("Inference-Header-Content-Length", length)
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		meant(t, w)
	})
}

// FuzzInvocations sends bodies of any content, type and wish to the container's door.
func FuzzInvocations(f *testing.F) {
	s := fuzzed(f)
	h := newHostile(f, 2)
	for range 50 {
		f.Add(h.file(), h.pick(pictureTypes...), h.pick("", "application/json", "application/json;verbose=1", "application/jsonlines;q=0.1, */*"))
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType, accept string) {
		r := httptest.NewRequest(http.MethodPost, "/invocations", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		meant(t, w)
	})
}

// FuzzSignature gives any Authorization header and path to the check of signatures, which must let none in.
func FuzzSignature(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=K/20261125/r/sagemaker/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64), "/a%2Fb?x=%zz")
	f.Add("AWS4-HMAC-SHA256 Credential=K/20261125/r/sagemaker/aws4_request,SignedHeaders=host;x-amz-date,Signature=", "/")
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header, path string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		if u, err := r.URL.Parse(path); err == nil {
			r.URL = u
		}
		r.Header.Set("Authorization", header)
		r.Header.Set("X-Amz-Date", now.Format(signatureTime))
		s, p := checkSignature(r, map[string]string{"K": "a secret that the fuzzer does not know"}, signatureService, now)
		if p == nil && s.verify(r, []byte("body")) == nil {
			t.Errorf("let in with %q", header)
		}
	})
}
