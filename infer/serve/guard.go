package serve

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// guard is what every request passes: it holds a panic, and lets no page of another site in.
func (s *Server) guard(next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	sites.SetDenyHandler(s.exchange(plainDoor, func(*exchange) *problem {
		return newProblem(forbidden, "the request comes from a page of another site; only this server's own page may ask from a browser")
	}))
	return sites.Handler(next)
}

// exchange runs a handler as package http wants it: with an id, a panic held, figures and a line in the log.
func (s *Server) exchange(d door, handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{w: w, r: r, door: d, start: time.Now(), id: requestID(r)}
		h := w.Header()
		h["X-Amzn-Requestid"] = []string{x.id}
		h["X-Content-Type-Options"] = noSniff
		if s.phase.Load() != serving {
			h.Set("Connection", "close") // so that clients come to another server without losing a request
		}
		s.arrived.Add(1)
		s.metrics.inFlight.Inc()
		defer func() {
			if cause := recover(); cause != nil {
				s.panicked(x, cause)
			}
			if x.body != nil {
				freeBody(x.body)
			}
			s.metrics.inFlight.Dec()
			s.metrics.count(x)
			s.noteHistory(x)
			s.emf.record(x)
			s.logAccess(x)
			if x.abort {
				panic(http.ErrAbortHandler) // closes the connection
			}
		}()
		p := s.checkHost(r)
		if p == nil {
			p = s.checkToken(x)
		}
		if p == nil && d == runtimeDoor && s.o.Keys != nil {
			x.signature, p = checkSignature(r, s.o.Keys, signatureService, x.start)
		}
		if p == nil {
			p = handle(x)
		}
		if p != nil {
			x.refuse(p)
		}
	})
}

var noSniff = []string{"nosniff"}

// panicked answers a request whose handler gave up. None is known.
func (s *Server) panicked(x *exchange, cause any) {
	s.o.Log.Error("panic", "id", x.id, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if x.status == 0 {
		x.refuse(newProblem(internal, "something went wrong inside; the server's log says what"))
	}
}

// requestID is the caller's inference id, or a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get(headerInferenceID); id != "" && len(id) <= 64 && visible(id) {
		return id
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte // a version 4 UUID, as AWS's request ids are
	hex.Encode(text[:8], b[:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
