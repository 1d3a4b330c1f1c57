// Package capture reads and writes recorded inferences: the JSON lines that SageMaker's data capture leaves in S3, a record for each
// request that an endpoint answered.
//
// To read, range over [Read] with the files of a [Folder] or of any other store; to look at one stream, [NewReader]. Each [Entry]
// holds a [Record] or says what is wrong with its line: a file that is cut short or was edited costs the lines that are damaged and
// no others. Memory is that of one record, however long the files are. To write as an endpoint does, use a [Writer].
//
// A line is written as SageMaker writes it: compact, keys in the order of the structs here, nothing escaped that JSON does not
// ask for. What was read comes out in the same bytes.
package capture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Version is the eventVersion that records carry.
const Version = "0"

// A Record is one captured request, as a line of a file holds it.
type Record struct {
	CaptureData   Data     `json:"captureData"`
	EventMetadata Metadata `json:"eventMetadata"`
	EventVersion  string   `json:"eventVersion"`
}

// Data is what went in and what came out; an endpoint that captures only one of them leaves the other out.
type Data struct {
	EndpointInput  *Payload `json:"endpointInput,omitempty"`
	EndpointOutput *Payload `json:"endpointOutput,omitempty"`
}

// Metadata tells one request from the others.
type Metadata struct {
	// EventID is a UUID that the endpoint chose.
	EventID string `json:"eventId"`
	// CustomAttributes that the caller or the container gave, in their order.
	CustomAttributes []string `json:"customAttributes,omitempty"`
	// InferenceID that the caller gave; empty when it gave none.
	InferenceID string `json:"inferenceId,omitempty"`
	// InferenceTime in UTC, such as 2024-10-15T14:05:12Z; SageMaker writes whole seconds. [Metadata.Time] reads it.
	InferenceTime string `json:"inferenceTime"`
}

// Time is the time of the inference.
func (m *Metadata) Time() (time.Time, error) {
	t, err := time.Parse(time.RFC3339, m.InferenceTime)
	if err != nil {
		return time.Time{}, fmt.Errorf("read eventMetadata.inferenceTime: %w", err)
	}
	return t.UTC(), nil
}

// FormatTime writes a time as records carry it: UTC, whole seconds.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Line returns the record as a line of a file, its line feed included.
func (r *Record) Line() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("write capture record: %w", err)
	}
	return b.Bytes(), nil
}

// Parse reads one line; its line feed may be there or not. Keys that are not known are passed over. Errors are [*RecordError].
func Parse(line []byte) (*Record, error) {
	trimmed := bytes.TrimSpace(line)
	if len(trimmed) > 0 && trimmed[0] == '[' {
		return nil, refuse(CodeManifest, "is a list, as Batch Transform writes of its files; a record is an object with captureData")
	}
	r := new(Record)
	if err := json.Unmarshal(trimmed, r); err != nil {
		if strings.Contains(err.Error(), "unexpected end") {
			return nil, refuse(CodeTruncated, "the line ends within the record: %w", err)
		}
		return nil, refuse(CodeSyntax, "is no record: %w", err)
	}
	if r.CaptureData == (Data{}) {
		return nil, refuse(CodeSyntax, "has neither captureData.endpointInput nor captureData.endpointOutput")
	}
	return r, nil
}
