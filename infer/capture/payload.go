package capture

import (
	"encoding/base64"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"
)

// An Encoding says how a payload's bytes became the text of [Payload].Data.
type Encoding string

// The encodings.
const (
	Base64 Encoding = "BASE64"
	JSON   Encoding = "JSON" // as they are
	CSV    Encoding = "CSV"  // as they are
)

// A Mode says which way a payload went.
type Mode string

// The modes.
const (
	Input  Mode = "INPUT"
	Output Mode = "OUTPUT"
)

// A Payload is the body of a request or of its answer.
type Payload struct {
	// ObservedContentType is the body's Content-Type; nil, which is null in the file, when it had none.
	ObservedContentType *string  `json:"observedContentType"`
	Mode                Mode     `json:"mode"`
	Data                string   `json:"data"`
	Encoding            Encoding `json:"encoding"`
}

// ContentTypes lists the content types whose bodies are captured as text, as CaptureContentTypeHeader does.
type ContentTypes struct{ CSV, JSON []string }

// DefaultContentTypes are those of SageMaker's Python SDK.
func DefaultContentTypes() ContentTypes {
	return ContentTypes{CSV: []string{"text/csv"}, JSON: []string{"application/json"}}
}

// encoding of a body of this type. A type's parameters do not count.
func (t ContentTypes) encoding(contentType string) Encoding {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(contentType))
	}
	switch {
	case slices.Contains(t.CSV, kind):
		return CSV
	case slices.Contains(t.JSON, kind):
		return JSON
	}
	return Base64
}

// NewPayload captures a body. An empty content type is captured as null. Text types come as text and all else in Base64; so does a
// text that is no UTF-8, because JSON could not hold its bytes.
func NewPayload(mode Mode, contentType string, body []byte, types ContentTypes) *Payload {
	p := &Payload{Mode: mode, Encoding: types.encoding(contentType)}
	if contentType != "" {
		p.ObservedContentType = &contentType
	}
	if p.Encoding != Base64 && utf8.Valid(body) {
		p.Data = string(body)
		return p
	}
	p.Encoding, p.Data = Base64, base64.StdEncoding.EncodeToString(body)
	return p
}

// ContentType is the observed content type, empty for none.
func (p *Payload) ContentType() string {
	if p.ObservedContentType == nil {
		return ""
	}
	return *p.ObservedContentType
}

// Bytes returns the body as it was sent. Errors are [*RecordError].
func (p *Payload) Bytes() ([]byte, error) {
	switch p.Encoding {
	case Base64:
		body, err := base64.StdEncoding.DecodeString(p.Data)
		if err != nil {
			return nil, refuse(CodeEncoding, "decode %s data: %w", p.Mode, err)
		}
		return body, nil
	case JSON, CSV:
		return []byte(p.Data), nil
	}
	return nil, refuse(CodeEncoding, "the %s has encoding %q; BASE64, JSON and CSV are known", p.Mode, p.Encoding)
}

// Picture returns the input's bytes when they may be a picture: Base64, whatever the content type says, because clients send pictures
// as application/x-image and under wrong names. Errors are [*RecordError].
func (r *Record) Picture() ([]byte, error) {
	in := r.CaptureData.EndpointInput
	switch {
	case in == nil:
		return nil, refuse(CodeNoInput, "the endpoint captured no input; capture with mode Input as well")
	case in.Encoding == JSON || in.Encoding == CSV:
		return nil, refuse(CodeNotPicture, "the input is %s, a picture is needed", in.Encoding)
	}
	body, err := in.Bytes()
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, refuse(CodeNoInput, "the captured input has no bytes")
	}
	return body, nil
}

// Scores returns the answer's numbers in class order. Errors are [*RecordError].
func (r *Record) Scores() ([]float32, error) {
	out := r.CaptureData.EndpointOutput
	if out == nil {
		return nil, refuse(CodeNoOutput, "the endpoint captured no output; capture with mode Output as well")
	}
	body, err := out.Bytes()
	if err != nil {
		return nil, err
	}
	return ParseScores(out.ContentType(), body)
}
