package job

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// An Event starts a run. The zero value looks at the last whole hours.
type Event struct {
	// Scheduled is when the schedule meant the run to start. The window ends at the last full hour that lies [Config.Delay] before it.
	Scheduled string `json:"scheduled,omitempty"`
	// Time is the same in events of EventBridge's rules.
	Time string `json:"time,omitempty"`
	// Start and End name a window instead. Start is End less [Config.Window] where it is empty.
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
	// Again judges a window that was judged before, as a further look that the error rate counts.
	Again bool `json:"again,omitempty"`
	// Silent writes reports and neither metrics nor a message.
	Silent bool `json:"silent,omitempty"`
}

// ParseEvent reads an event. Fields that neither this package nor EventBridge knows are refused, for a misspelt one would be passed over.
// Errors are [*Error].
func ParseEvent(data []byte) (Event, error) {
	var e struct {
		Event
		// What EventBridge sends besides.
		Execution  string          `json:"execution"`
		Attempt    string          `json:"attempt"`
		Version    json.RawMessage `json:"version"`
		ID         json.RawMessage `json:"id"`
		DetailType json.RawMessage `json:"detail-type"`
		Source     json.RawMessage `json:"source"`
		Account    json.RawMessage `json:"account"`
		Region     json.RawMessage `json:"region"`
		Resources  json.RawMessage `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "null" {
		return Event{}, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return Event{}, failf(EventInvalid, "read the event: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Event{}, failf(EventInvalid, "read the event: there is more behind the object")
	}
	return e.Event, nil
}

// ahead is how far a clock may be ahead of another.
const ahead = 5 * time.Minute

// mostWindow bounds a window.
const mostWindow = 31 * 24 * time.Hour

// window is the time whose answers are judged: from ≤ time < to, in UTC.
func (e *Event) window(now time.Time, c *Config) (from, to time.Time, err error) {
	if e.End != "" {
		if to, err = time.Parse(time.RFC3339, e.End); err != nil {
			return from, to, fmt.Errorf("end %q: want a time such as 2026-11-25T15:00:00Z", e.End)
		}
	} else {
		at := now
		for _, text := range []string{e.Time, e.Scheduled} {
			if text == "" {
				continue
			}
			if at, err = time.Parse(time.RFC3339, text); err != nil {
				return from, to, fmt.Errorf("scheduled time %q: want a time such as 2026-11-25T15:20:00Z", text)
			}
		}
		to = at.Add(-c.Delay).Truncate(time.Hour)
	}
	from = to.Add(-c.Window)
	if e.Start != "" {
		if from, err = time.Parse(time.RFC3339, e.Start); err != nil {
			return from, to, fmt.Errorf("start %q: want a time such as 2026-11-25T14:00:00Z", e.Start)
		}
	}
	from, to = from.UTC(), to.UTC()
	switch {
	case !from.Before(to):
		return from, to, fmt.Errorf("the window begins at %s and ends at %s", from.Format(time.RFC3339), to.Format(time.RFC3339))
	case to.Sub(from) > mostWindow:
		return from, to, fmt.Errorf("the window is %v long, at most %v can be read", to.Sub(from), mostWindow)
	case to.After(now.Add(ahead)):
		return from, to, fmt.Errorf("the window ends at %s, which is still to come", to.Format(time.RFC3339))
	}
	return from, to, nil
}
