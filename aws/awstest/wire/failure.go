package wire

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// A Protocol is how a service's requests and answers are written.
type Protocol int

// The protocols.
const (
	JSON10 Protocol = iota // the operation in X-Amz-Target, the input in the body
	JSON11
	REST    // the operation in method and path, the input in path, query, headers and body
	Query   // a form, answered in XML
	CBOR    // the operation in the path, the input in the body
	RESTXML // S3's
)

// An Error is one that a service answers with.
type Error struct {
	Status        int // 0 is 400
	Code, Message string
	Members       map[string]any // beyond the message
	// QueryCode is the code that clients of the older protocol see, where it is another.
	QueryCode string
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an error of status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// ContentType is what answers are labelled with.
func (p Protocol) ContentType() string {
	switch p {
	case JSON10:
		return "application/x-amz-json-1.0"
	case JSON11:
		return "application/x-amz-json-1.1"
	case REST:
		return "application/json"
	case CBOR:
		return "application/cbor"
	}
	return "text/xml"
}

// Fail sends an error.
func (p Protocol) Fail(w http.ResponseWriter, e *Error, namespace, request string) {
	h := w.Header()
	h.Set("Content-Type", p.ContentType())
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	if e.QueryCode != "" {
		h.Set("X-Amzn-Query-Error", e.QueryCode+";Sender")
	}
	members := map[string]any{}
	maps.Copy(members, e.Members)
	var body []byte
	switch p {
	case JSON10, JSON11, CBOR:
		members["__type"], members["message"] = e.Code, e.Message
		if namespace != "" {
			members["__type"] = namespace + "#" + e.Code
		}
		body = WriteJSON(members, false)
		if p == CBOR {
			h.Set("Smithy-Protocol", "rpc-v2-cbor")
			body = WriteCBOR(members)
		}
	case REST:
		h.Set("X-Amzn-Errortype", e.Code)
		members["Message"] = e.Message
		body = WriteJSON(members, false)
	case Query:
		kind := "Sender"
		if status >= 500 {
			kind = "Receiver"
		}
		body = fmt.Appendf(nil, `<ErrorResponse xmlns="%s"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>`,
			namespace, kind, e.Code, escaped(e.Message), request)
	case RESTXML:
		body = fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message><RequestId>%s</RequestId></Error>`, e.Code, escaped(e.Message), request)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
