package gatewaytest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Account is the access key of [StartBesideMoto]'s gateway. An owner of a bucket is an access key there; this one is the account of moto,
// so that requests which expect the account as a bucket's owner find it.
const Account = "123456789012"

// settings are those of a bucket that the gateway does not implement, by the name of the parameter in the query.
var settings = []string{"publicAccessBlock", "encryption", "lifecycle"}

// StartBesideMoto starts a gateway for the account [Account] before moto at a URL, and returns the URL of both: moto keeps the settings of
// buckets that the gateway does not know, everything else is the gateway's. Where the program is missing it does as [Start].
func StartBesideMoto(t testing.TB, moto string) string {
	t.Helper()
	proxy := func(address string) *httputil.ReverseProxy {
		to, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return httputil.NewSingleHostReverseProxy(to) // which leaves the host as it was signed
	}
	other, gateway := proxy(moto), proxy(start(t, Account))
	gateway.ModifyResponse = func(r *http.Response) error { // what has settings exists at moto, too
		isBucket := r.Request.URL.RawQuery == "" && strings.Count(strings.TrimSuffix(r.Request.URL.Path, "/"), "/") == 1
		if !isBucket || r.StatusCode >= 300 || r.Request.Method != http.MethodPut && r.Request.Method != http.MethodDelete {
			return nil
		}
		return mirror(r.Request, moto)
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if slices.ContainsFunc(settings, query.Has) {
			other.ServeHTTP(w, r)
		} else {
			gateway.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	return front.URL
}

// mirror makes or deletes a bucket at moto, which looks at the signature's scope alone.
func mirror(r *http.Request, moto string) error {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, moto+r.URL.Path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", r.Header.Get("Authorization"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
