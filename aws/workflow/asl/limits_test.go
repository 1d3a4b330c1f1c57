package asl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func parse(t *testing.T, definition string) *Machine {
	t.Helper()
	m, err := Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPayloadLimit: 262,144 bytes pass, one more is States.DataLimitExceeded, which no Catch holds up.
func TestPayloadLimit(t *testing.T) {
	m := parse(t, `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"r","Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"End":true},"B":{"Type":"Succeed"}}}`)
	for n, want := range map[int]Status{MaxPayload - 2: Succeeded, MaxPayload - 1: Failed} { // a string has two quotes
		e, err := m.Run(t.Context(), []byte(`{}`), Options{Task: func(context.Context, Call) (any, error) { return strings.Repeat("x", n), nil }})
		if err != nil || e.Status != want || want == Failed && e.Error.Name != DataLimitExceeded {
			t.Errorf("a result of %d bytes: %v %v %v", n+2, err, e.Status, e.Error)
		}
	}
	e, err := m.Run(t.Context(), []byte(`"`+strings.Repeat("x", MaxPayload)+`"`), Options{Task: scripted(testCase{})})
	if err != nil || e.Error == nil || e.Error.Name != DataLimitExceeded {
		t.Errorf("an input beyond the limit: %v %v", err, e.Error)
	}
}

// TestBackOff measures the waits between tries by a clock that jumps.
func TestBackOff(t *testing.T) {
	for _, test := range []struct {
		retry  string
		random float64
		want   []time.Duration
	}{
		{`{"ErrorEquals":["X"]}`, 0, []time.Duration{1e9, 2e9, 4e9}},
		{`{"ErrorEquals":["X"],"IntervalSeconds":3,"MaxAttempts":2,"BackoffRate":1}`, 0, []time.Duration{3e9, 3e9}},
		{`{"ErrorEquals":["X"],"IntervalSeconds":2,"MaxAttempts":4,"MaxDelaySeconds":5}`, 0, []time.Duration{2e9, 4e9, 5e9, 5e9}},
		{`{"ErrorEquals":["X"],"IntervalSeconds":2,"MaxAttempts":2,"JitterStrategy":"FULL"}`, 0.25, []time.Duration{5e8, 1e9}},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := parse(t, `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"r","Retry":[`+test.retry+`],"End":true}}}`)
			var waits []time.Duration
			last := time.Now()
			e, err := m.Run(t.Context(), []byte(`{}`), Options{Random: func() float64 { return test.random }, Task: func(_ context.Context, call Call) (any, error) {
				if call.Attempt > 0 {
					waits = append(waits, time.Since(last))
				}
				last = time.Now()
				return nil, &Error{Name: "X"}
			}})
			if err != nil || e.Error == nil || e.Error.Name != "X" {
				t.Errorf("%s: %v %v", test.retry, err, e.Error)
			}
			if diff := cmp.Diff(test.want, waits); diff != "" {
				t.Errorf("%s: waits differ (-want +got):\n%s", test.retry, diff)
			}
		})
	}
}

// TestTimeouts: of a Task, which a Catch can hold up, and of the machine, which nothing can.
func TestTimeouts(t *testing.T) {
	slow := func(ctx context.Context, _ Call) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, test := range []struct {
		limits, machine string
		status          Status
		output, error   string
	}{
		{`"TimeoutSeconds":5`, ``, Succeeded, "States.Timeout", ""},
		{`"TimeoutSecondsPath":"$.t"`, ``, Succeeded, "States.Timeout", ""},
		{`"HeartbeatSeconds":3,"TimeoutSeconds":5`, ``, Succeeded, "States.HeartbeatTimeout", ""},
		{`"TimeoutSeconds":50`, `"TimeoutSeconds":10,`, TimedOut, "", "States.Timeout"},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := parse(t, `{`+test.machine+`"StartAt":"A","States":{"A":{"Type":"Task","Resource":"r",`+test.limits+
				`,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"B"}],"End":true},"B":{"Type":"Pass","OutputPath":"$.Error","End":true}}}`)
			e, err := m.Run(t.Context(), []byte(`{"t":4}`), Options{Task: slow})
			if err != nil || e.Status != test.status || test.output != "" && e.Output != test.output || test.error != "" && e.Error.Name != test.error {
				t.Errorf("%s: %v %+v", test.limits, err, e)
			}
		})
	}
}

// TestCircleEnds: a machine that runs in a circle reaches the limit of events and fails, as it does in the cloud.
func TestCircleEnds(t *testing.T) {
	m := parse(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"E"}],"Default":"A"},"E":{"Type":"Succeed"}}}`)
	e, err := m.Run(t.Context(), []byte(`{}`), Options{Task: scripted(testCase{})})
	if err != nil || e.Status != Failed || e.Error.Name != Runtime || len(e.History) != MaxEvents {
		t.Errorf("%v, %v %v after %d events", err, e.Status, e.Error, len(e.History))
	}
}

// TestCancelling ends a wait, and gives the history so far.
func TestCancelling(t *testing.T) {
	m := parse(t, `{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1000000,"End":true}}}`)
	stop := errors.New("stop")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(stop) })
		e, err := m.Run(ctx, []byte(`{}`), Options{Task: scripted(testCase{})})
		if !errors.Is(err, stop) || e.Status != Aborted || e.History[len(e.History)-1].Type != "ExecutionAborted" {
			t.Errorf("%v %+v", err, e)
		}
	})
}

// TestHistory compares a whole history, types, links and details, with what GetExecutionHistory gives for such a run.
func TestHistory(t *testing.T) {
	m := parse(t, `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload.$":"$"},"TimeoutSeconds":9,"OutputPath":"$.Payload",
		"Retry":[{"ErrorEquals":["X"]}],"Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.ok","BooleanEquals":true,"Next":"C"}],"Default":"D"},"C":{"Type":"Succeed"},"D":{"Type":"Fail"}}}`)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	e, err := m.Run(t.Context(), []byte(`{"a":1}`), Options{
		Name: "n", Now: func() time.Time { return at }, Sleep: noSleep,
		Task: scripted(testCase{Tasks: map[string][]any{"f": {map[string]any{"error": "X", "cause": "why"}, map[string]any{"ok": true}}}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, event := range e.History {
		data, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		var back Event
		if err := json.Unmarshal(data, &back); err != nil || back.Type != event.Type || back.ID != event.ID || !back.Timestamp.Equal(event.Timestamp) || !cmp.Equal(back.Details, event.Details) {
			t.Errorf("%s does not read back: %v %+v", data, err, back)
		}
		got = append(got, strings.TrimPrefix(string(data), `{"timestamp":"2026-01-02T03:04:05.006Z","type":`))
	}
	const task = `"resourceType":"lambda","resource":"invoke"`
	const scheduled = `"taskScheduledEventDetails":{` + task + `,"region":"local","parameters":"{\"FunctionName\":\"f\",\"Payload\":{\"a\":1}}","timeoutInSeconds":9}}`
	want := []string{
		`"ExecutionStarted","id":1,"previousEventId":0,"executionStartedEventDetails":{"input":"{\"a\":1}","roleArn":"arn:aws:iam::000000000000:role/local"}}`,
		`"TaskStateEntered","id":2,"previousEventId":0,"stateEnteredEventDetails":{"name":"A","input":"{\"a\":1}"}}`,
		`"TaskScheduled","id":3,"previousEventId":2,` + scheduled,
		`"TaskStarted","id":4,"previousEventId":3,"taskStartedEventDetails":{` + task + `}}`,
		`"TaskFailed","id":5,"previousEventId":4,"taskFailedEventDetails":{` + task + `,"error":"X","cause":"why"}}`,
		`"TaskScheduled","id":6,"previousEventId":5,` + scheduled,
		`"TaskStarted","id":7,"previousEventId":6,"taskStartedEventDetails":{` + task + `}}`,
		`"TaskSucceeded","id":8,"previousEventId":7,"taskSucceededEventDetails":{"output":"{\"ExecutedVersion\":\"$LATEST\",\"Payload\":{\"ok\":true},\"StatusCode\":200}",` + task + `}}`,
		`"TaskStateExited","id":9,"previousEventId":8,"stateExitedEventDetails":{"name":"A","output":"{\"ok\":true}"}}`,
		`"ChoiceStateEntered","id":10,"previousEventId":9,"stateEnteredEventDetails":{"name":"B","input":"{\"ok\":true}"}}`,
		`"ChoiceStateExited","id":11,"previousEventId":10,"stateExitedEventDetails":{"name":"B","output":"{\"ok\":true}"}}`,
		`"SucceedStateEntered","id":12,"previousEventId":11,"stateEnteredEventDetails":{"name":"C","input":"{\"ok\":true}"}}`,
		`"SucceedStateExited","id":13,"previousEventId":12,"stateExitedEventDetails":{"name":"C","output":"{\"ok\":true}"}}`,
		`"ExecutionSucceeded","id":14,"previousEventId":13,"executionSucceededEventDetails":{"output":"{\"ok\":true}"}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history differs (-want +got):\n%s", diff)
	}
}

// TestConcurrency: a Map works on as many items at once as it may, and no more.
func TestConcurrency(t *testing.T) {
	for _, test := range []struct{ definition, caller, want int }{{3, 0, 3}, {0, 0, 40}, {50, 5, 5}, {0, 7, 7}} {
		synctest.Test(t, func(t *testing.T) {
			m := parse(t, fmt.Sprintf(`{"StartAt":"A","States":{"A":{"Type":"Map","MaxConcurrency":%d,"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Task","Resource":"r","End":true}}},"End":true}}}`, test.definition))
			items := make([]any, 100)
			start := time.Now()
			e, err := m.Run(t.Context(), []byte(text(items)), Options{MaxConcurrency: test.caller, Task: func(context.Context, Call) (any, error) {
				time.Sleep(time.Second)
				return nil, nil
			}})
			if err != nil || e.Status != Succeeded {
				t.Fatalf("%v %v", err, e.Error)
			}
			if took, want := time.Since(start), time.Duration((100+test.want-1)/test.want)*time.Second; took != want {
				t.Errorf("100 items of a second, %+v: %v, want %v", test, took, want)
			}
		})
	}
}
