package asl

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// MaxEvents is how many events a history may have: an execution that reaches it fails, in Step Functions and here, so that a machine
// that runs in a circle ends.
const MaxEvents = 25_000

// An Event is one entry of a history. Its JSON is that of Step Functions' GetExecutionHistory as the AWS CLI prints it.
type Event struct {
	Timestamp time.Time
	Type      string // such as "TaskStateEntered"
	ID        int64  // from 1
	Previous  int64  // the event that led to this one, 0 for the first two
	Details   *Details
	// Execution is the name of the execution that the event belongs to: a Distributed Map's items are executions of their own. It is
	// no part of the JSON.
	Execution string
}

// Details are what an event's type says more; the fields that a type does not have are empty.
type Details struct {
	Name       string `json:"name,omitempty"` // of the state
	Index      *int   `json:"index,omitempty"`
	Length     *int   `json:"length,omitempty"`
	Input      string `json:"input,omitempty"`
	Output     string `json:"output,omitempty"`
	Type       string `json:"resourceType,omitempty"`
	Resource   string `json:"resource,omitempty"`
	Region     string `json:"region,omitempty"`
	Parameters string `json:"parameters,omitempty"`
	Timeout    int    `json:"timeoutInSeconds,omitempty"`
	Heartbeat  int    `json:"heartbeatInSeconds,omitempty"`
	MapRun     string `json:"mapRunArn,omitempty"`
	Role       string `json:"roleArn,omitempty"`
	Error      string `json:"error,omitempty"`
	Cause      string `json:"cause,omitempty"`
}

// detailsKey is where an event's details stand.
func (e *Event) detailsKey() string {
	name := e.Type
	switch {
	case strings.HasSuffix(name, "StateEntered"):
		name = "StateEntered"
	case strings.HasSuffix(name, "StateExited"):
		name = "StateExited"
	}
	return strings.ToLower(name[:1]) + name[1:] + "EventDetails"
}

// MarshalJSON writes the event in the history's format.
func (e Event) MarshalJSON() ([]byte, error) {
	fields := []string{
		`"timestamp":` + quoted(e.Timestamp.Format("2006-01-02T15:04:05.000Z07:00")), `"type":` + quoted(e.Type),
		fmt.Sprintf(`"id":%d,"previousEventId":%d`, e.ID, e.Previous),
	}
	if e.Details != nil {
		details, err := Encode(e.Details)
		if err != nil {
			return nil, err
		}
		fields = append(fields, quoted(e.detailsKey())+":"+string(details))
	}
	return []byte("{" + strings.Join(fields, ",") + "}"), nil
}

func quoted(s string) string { return text(s) }

// UnmarshalJSON reads an event of a history, of this package's or as the AWS CLI or an SDK prints it.
func (e *Event) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	for name, target := range map[string]any{"type": &e.Type, "id": &e.ID, "previousEventId": &e.Previous} {
		if field, ok := raw[name]; ok {
			if err := json.Unmarshal(field, target); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if e.Type == "" {
		return fmt.Errorf("an event has no type")
	}
	// The CLI writes RFC 3339, its first version seconds since 1970.
	var seconds float64
	if json.Unmarshal(raw["timestamp"], &e.Timestamp) != nil && json.Unmarshal(raw["timestamp"], &seconds) == nil {
		e.Timestamp = time.UnixMilli(int64(seconds * 1000))
	}
	if details, ok := raw[e.detailsKey()]; ok {
		e.Details = new(Details)
		if err := json.Unmarshal(details, e.Details); err != nil {
			return fmt.Errorf("%s: %w", e.detailsKey(), err)
		}
	}
	return nil
}

// A History is a list of events as GetExecutionHistory answers it.
type History struct {
	Events []Event `json:"events"`
}

// A thread is a line of events within an execution: the execution itself, a branch, or an item.
type thread struct {
	last int64
	item any // $$.Map.Item inside a Map
	// The variables that its states set and see; nil before the first one is set.
	variables *variables
}

// record adds an event behind the thread's last.
func (r *run) record(t *thread, kind string, details *Details) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.history) >= MaxEvents-1 && !strings.HasPrefix(kind, "Execution") {
		return runtimeError("The execution reached the maximum of %d history events", MaxEvents)
	}
	e := Event{Timestamp: r.now(), Type: kind, ID: int64(len(r.history)) + 1, Previous: t.last, Details: details, Execution: r.name}
	if t.last = e.ID; kind == "ExecutionStarted" {
		t.last = 0 // the first state's event also has no event before it
	}
	r.history = append(r.history, e)
	if r.options.Observe != nil {
		r.options.Observe(e)
	}
	return nil
}
