package serve

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// bodies keeps the buffers that bodies are read into.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxKeptBody is the largest buffer that is kept for the next body.
const maxKeptBody = 8 << 20

// A body must come at slowRate after slowGrace, or its client is taken for one that only wants to hold a place.
const (
	slowGrace = 5 * time.Second
	slowRate  = 64 << 10 // bytes a second
)

// readBody reads a whole body of at most the payload limit. The buffer is the pool's: give it back with freeBody.
func (s *Server) readBody(x *exchange) (*[]byte, *problem) {
	buf := bodies.Get().(*[]byte)
	b := (*buf)[:0]
	declared := x.r.ContentLength
	if declared > int64(cap(b)) {
		// Not all at once: a declaration is no body.
		b = make([]byte, 0, min(declared, 64<<10)+1)
	}
	rc := http.NewResponseController(x.w)
	start, mark := time.Now(), 0
	var err error
	for err == nil {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		if len(b) >= mark {
			_ = rc.SetReadDeadline(start.Add(slowGrace + time.Duration(len(b)/slowRate)*time.Second))
			mark = len(b) + slowRate
		}
		var n int
		n, err = x.r.Body.Read(b[len(b):min(cap(b), len(b)+slowRate)])
		b = b[:len(b)+n]
		if int64(len(b)) > s.o.MaxPayload {
			break
		}
	}
	*buf = b
	if p := s.bodyProblem(b, err); p != nil {
		freeBody(buf)
		return nil, p
	}
	_ = rc.SetReadDeadline(time.Time{})
	x.read = true
	return buf, nil
}

// bodyProblem judges how reading ended.
func (s *Server) bodyProblem(b []byte, err error) *problem {
	switch {
	case int64(len(b)) > s.o.MaxPayload:
		return newProblem(tooLarge, "the body has more than %d bytes, the limit; send a smaller picture, or start the server with a larger --max-payload", s.o.MaxPayload)
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(slowBody, "the body came too slowly: %d bytes a second are expected after %v", slowRate, slowGrace)
	}
	return newProblem(badRequest, "the body broke off or is not well-formed; send it again").because(err)
}

func freeBody(buf *[]byte) {
	if cap(*buf) <= maxKeptBody {
		bodies.Put(buf)
	}
}

// What is read of a body that nobody wants, so that its client comes to read the refusal instead of a broken connection.
const (
	maxDiscard  = 256 << 10
	discardTime = 500 * time.Millisecond
)

// bodyLeft tells whether a body is still to come, and package http is not to deal with it: HTTP/2 resets the stream, and a client that
// waits for 100-continue is told by the refusal.
func (x *exchange) bodyLeft() bool {
	return !x.read && x.r.ProtoMajor == 1 && x.r.ContentLength != 0 && x.r.Header.Get("Expect") == ""
}

// discard sends the refusal off and reads what is left of the body. What does not come to its end costs the connection. Package http
// must not be left to do it: in full duplex it reads a body twice at once.
func (x *exchange) discard() {
	rc := http.NewResponseController(x.w)
	_ = rc.Flush()
	_ = rc.SetReadDeadline(time.Now().Add(discardTime))
	n, err := io.CopyN(io.Discard, x.r.Body, maxDiscard+1)
	if x.abort = n > maxDiscard || err != nil && !errors.Is(err, io.EOF); x.abort {
		_ = rc.SetReadDeadline(time.Now()) // package http reads on before it closes
		return
	}
	_ = rc.SetReadDeadline(time.Time{})
}
