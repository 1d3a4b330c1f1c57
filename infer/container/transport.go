package container

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Deadlines of a registry. A layer may take as long as it moves.
const (
	dialTime   = 10 * time.Second
	headerTime = 2 * time.Minute // a registry checks a layer's digest before it answers
	stallTime  = 2 * time.Minute
)

// A transport counts what is sent, and ends the work when nothing moves.
type transport struct {
	next   *http.Transport
	sent   atomic.Int64
	stored sync.Map    // digests of the blobs that the registry took
	stall  *time.Timer // nil for none
}

// newTransport watches over uploads when it is given what ends them.
func newTransport(cancel context.CancelCauseFunc) *transport {
	t := &transport{next: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSHandshakeTimeout:   dialTime,
		ResponseHeaderTimeout: headerTime,
		ForceAttemptHTTP2:     true,
	}}
	if cancel != nil {
		t.stall = time.AfterFunc(headerTime+stallTime, func() { cancel(fmt.Errorf("nothing moved for %v", headerTime+stallTime)) })
	}
	return t
}

func (t *transport) close() {
	if t.stall != nil {
		t.stall.Stop()
	}
	t.next.CloseIdleConnections()
}

func (t *transport) alive() {
	if t.stall != nil {
		t.stall.Reset(headerTime + stallTime)
	}
}

// RoundTrip makes the request.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.alive()
	if request.Body != nil && strings.Contains(request.URL.Path, "/blobs/") {
		request = request.Clone(request.Context())
		request.Body = &sentBody{request.Body, t}
	}
	response, err := t.next.RoundTrip(request)
	if digest := request.URL.Query().Get("digest"); err == nil && digest != "" && request.Method == http.MethodPut && response.StatusCode == http.StatusCreated {
		t.stored.Store(digest, true)
	}
	return response, err
}

type sentBody struct {
	io.ReadCloser
	t *transport
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.t.sent.Add(int64(n))
	if n > 0 {
		b.t.alive()
	}
	return n, err
}
