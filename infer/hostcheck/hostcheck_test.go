package hostcheck_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/scones-unlimited/scones/infer/hostcheck"
)

func TestHandler(t *testing.T) {
	h := hostcheck.Handler(http.NotFoundHandler(), "watch.example")
	for host, want := range map[string]int{
		"127.0.0.1:8080": 404, "[::1]:80": 404, "localhost": 404, "LOCALHOST.:9": 404, "watch.example:1": 404, "evil.example:8080": 421, "": 421, "127.0.0.1.evil.example": 421,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
}
