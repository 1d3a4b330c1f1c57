package serve

import (
	"sync/atomic"
	"time"
)

// admission bounds what is inside by number and by bytes. It never waits: what does not fit is refused.
type admission struct {
	maxCount, maxBytes int64
	count, bytes       atomic.Int64
}

// enter lets count units of work with so many bytes in, or reports false.
func (a *admission) enter(count, bytes int64) bool {
	if a.count.Add(count) > a.maxCount {
		a.count.Add(-count)
		return false
	}
	if a.bytes.Add(bytes) > a.maxBytes {
		a.leave(count, bytes)
		return false
	}
	return true
}

// leave gives back what enter took.
func (a *admission) leave(count, bytes int64) {
	a.count.Add(-count)
	a.bytes.Add(-bytes)
}

// admit lets a request for an engine in before its body is read, or says why not: the server is stopping, it is full, or the wait
// would outlast the request. The body is reckoned with its declared size, or with the limit when none is declared.
func (s *Server) admit(x *exchange, e *engine) (leave func(), p *problem) {
	if s.phase.Load() == refusing {
		return nil, newProblem(draining, "the server is stopping; ask another, or again in a moment").after(time.Second)
	}
	length := x.r.ContentLength
	if length > s.o.MaxPayload {
		return nil, s.tooLarge(length)
	}
	if length < 0 {
		length = s.o.MaxPayload
	}
	wait := e.wait(s.admission.count.Load())
	if wait > s.o.Timeout || !s.admission.enter(1, length) {
		s.metrics.refused.Inc()
		return nil, newProblem(overloaded, "the server has all the work that it can hold; try again after the time in Retry-After").after(wait)
	}
	return func() { s.admission.leave(1, length) }, nil
}
