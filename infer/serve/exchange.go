package serve

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
)

// A door is a family of paths that answers and refuses in one way.
type door int

// The doors.
const (
	plainDoor     = door(iota) // health, metrics, documents
	containerDoor              // SageMaker's container contract
	runtimeDoor                // SageMaker's Runtime API
	inferenceDoor              // the Open Inference Protocol
)

// String names the door in metrics and the log.
func (d door) String() string { return [...]string{"plain", "container", "runtime", "inference"}[d] }

// An exchange is one request and its answer.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	door   door
	id     string
	start  time.Time
	model  string // that answered
	answer answer // the times of the last picture
	// label and score are the most probable class of a lone picture, for the page.
	label string
	score float32
	// status and written are what was sent; problem is why it was no answer.
	status  int
	written int64
	problem *problem
	// signature is to be verified with the body; nil for none.
	signature *signature
	// body is kept until the end where it may be recorded, and nil otherwise.
	body *[]byte
	// read is set once the body was read to its end, abort when the connection must not be used again.
	read, abort bool
}

// A handler answers an exchange or says why not.
type handler func(x *exchange) *problem

// write sends a whole answer.
func (x *exchange) write(status int, contentType string, body []byte) {
	h := x.w.Header()
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.status = status
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		n, _ := x.w.Write(body) // a client that does not read is its own loss
		x.written += int64(n)
	}
}

// writeJSON sends a value of our own, which can always be written.
func (x *exchange) writeJSON(status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		x.refuse(newProblem(internal, "the answer could not be written").because(err))
		return
	}
	x.write(status, "application/json", body)
}

// refuse sends a problem in the words of the door, before what is left of the body.
func (x *exchange) refuse(p *problem) {
	x.problem = p
	h := x.w.Header()
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retry.Seconds()))))
	}
	unread := x.bodyLeft()
	if unread && (x.r.ContentLength < 0 || x.r.ContentLength > maxDiscard) || p.kind == draining || p.kind == slowBody {
		h.Set("Connection", "close")
	}
	if unread {
		_ = http.NewResponseController(x.w).EnableFullDuplex() // or package http would read the body first
	}
	if x.door == runtimeDoor {
		x.refuseRuntime(p)
	} else {
		x.writeJSON(p.status(x.door), refusal{p.text, p.code})
	}
	if unread {
		x.discard()
	}
}

// A refusal is what every door but the Runtime API's says.
type refusal struct {
	Error string `json:"error"`
	Code  string `json:"code"`
}
