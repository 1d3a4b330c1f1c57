package awstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// A Call is one request that reached the cloud.
type Call struct {
	// Operation is as policies name it, such as "sagemaker:CreateModel".
	Operation string
	Region    string
	Time      time.Time
	// Status of the answer; 0 where the connection was cut. Code is the error's.
	Status int
	Code   string
	// Write tells that it is one that changes something.
	Write bool
	// Input is the request's tree; nil where the operation is not one of structures.
	Input map[string]any
}

// Calls are those that arrived so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Forget empties the log.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// A call is a request under way.
type call struct {
	*Server
	request   *http.Request
	body      []byte
	header    http.Header // of the answer
	service   *service
	protocol  wire.Protocol
	operation string
	run       operation
	status    int // of a good answer; 0 is 200
	tree      map[string]any
	region    *region
	regionID  string
	id        string
	number    int
	code      string      // of the error that was answered
	err       *wire.Error // found before the operation was
}

// An operation does what a call asks for: an output of the SDK, a *raw, or nil where there is none.
type operation func(*call) (any, error)

// A raw is an answer as it is sent.
type raw struct {
	status int
	body   []byte
}

// typed makes an operation of a function of the SDK's types.
func typed[In, Out any](f func(*call, *In) (*Out, error)) operation {
	return func(c *call) (any, error) {
		in := new(In)
		if err := wire.Decode(c.tree, in); err != nil {
			return nil, wire.Errorf("SerializationException", "%v", err)
		}
		out, err := f(c, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

func (c *call) name() string {
	if c.service == nil {
		return "unknown:" + c.operation
	}
	return c.service.name + ":" + c.operation
}

// writes tells by its name whether an operation changes something.
func (c *call) writes() bool {
	for _, prefix := range []string{"Get", "List", "Describe", "Head", "Lookup", "Filter", "Simulate", "Validate", "BatchGet", "BatchCheck", "InvokeEndpoint"} {
		if strings.HasPrefix(c.operation, prefix) {
			return false
		}
	}
	return true
}

// arrive enters a call in the log, and gives what is to go wrong with it.
func (s *Server) arrive(c *call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.id = s.id()
	c.number = len(s.calls)
	s.calls = append(s.calls, Call{Operation: c.name(), Region: c.regionID, Time: s.now, Write: c.writes(), Input: c.tree})
	var struck *Fault
	for _, f := range s.faults {
		if f.strikes(c) && struck == nil {
			struck = f
		}
	}
	return struck
}

// note enters the answer in the log.
func (c *call) note(status int, code string) {
	if c.number < len(c.calls) {
		c.calls[c.number].Status, c.calls[c.number].Code = status, code
	}
}

// run does what the call asks for.
func (s *Server) run(c *call, w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(max(s.o.Tick, 0))
	if c.service != nil && c.err == nil {
		c.region = s.in(c.regionID)
	}
	out, err := any(nil), error(nil)
	switch {
	case c.err != nil:
		err = c.err
	default:
		out, err = c.run(c)
	}
	if err != nil {
		e, ok := err.(*wire.Error)
		if !ok {
			e = &wire.Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
			s.t.Errorf("awstest: %s: %v", c.name(), err)
		}
		c.note(e.Status, e.Code)
		c.refuse(w, e)
		return
	}
	c.answer(w, out)
}

func (c *call) answer(w http.ResponseWriter, out any) {
	h := w.Header()
	h.Set("Content-Type", c.protocol.ContentType())
	maps.Copy(h, c.header)
	c.stamp(h)
	status := max(c.status, http.StatusOK)
	var body []byte
	switch out := out.(type) {
	case *raw:
		if out.status != 0 {
			status = out.status
		}
		body = out.body
	case map[string]any:
		body = c.write(h, out)
	default:
		tree := map[string]any{}
		if out != nil {
			tree = wire.Encode(out, c.service.lower)
		}
		body = c.write(h, tree)
	}
	c.note(status, "")
	if status == http.StatusNoContent {
		body = nil
		h.Del("Content-Type")
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (c *call) write(h http.Header, tree map[string]any) []byte {
	switch c.protocol {
	case wire.Query:
		return wire.WriteQuery(c.operation, c.service.namespace, c.id, tree)
	case wire.CBOR:
		h.Set("Smithy-Protocol", "rpc-v2-cbor")
		return wire.WriteCBOR(tree)
	case wire.REST:
		return wire.WriteJSON(tree, false)
	}
	return wire.WriteJSON(tree, false)
}

func (c *call) stamp(h http.Header) {
	h.Set("X-Amzn-Requestid", c.id)
	if c.service != nil && c.service.name == "s3" {
		h.Del("X-Amzn-Requestid")
		h.Set("X-Amz-Request-Id", c.id)
	}
}

// refuse answers with an error.
func (c *call) refuse(w http.ResponseWriter, e *wire.Error) {
	c.code = e.Code
	c.stamp(w.Header())
	namespace := ""
	switch {
	case c.service == nil:
	case c.protocol == wire.Query:
		namespace = c.service.namespace
	default:
		namespace = c.service.shapes
	}
	c.protocol.Fail(w, e, namespace, c.id)
}
