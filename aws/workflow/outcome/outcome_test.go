package outcome_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/outcome"
)

const (
	started  = `{"timestamp":"2026-01-02T03:04:05.000Z","type":"ExecutionStarted","id":1,"previousEventId":0,"executionStartedEventDetails":{"input":"{\"s3_bucket\":\"b\",\"s3_key\":\"k.png\",\"image_data\":\"\"}"}}`
	answered = `{"timestamp":"2026-01-02T03:04:05.500Z","type":"TaskStateExited","id":5,"previousEventId":4,"stateExitedEventDetails":{"name":"Classify","output":"{\"statusCode\":200,\"body\":{\"s3_bucket\":\"b\",\"s3_key\":\"k.png\",\"image_data\":\"AAAA\",\"inferences\":\"[0.25, 0.75]\",\"label\":\"motorcycle\"}}"}}`
	succeeds = `{"timestamp":"2026-01-02T03:04:06.000Z","type":"ExecutionSucceeded","id":9,"previousEventId":8,"executionSucceededEventDetails":{"output":"{\"done\":true}"}}`
	below    = `{"timestamp":"2026-01-02T03:04:06.000Z","type":"ExecutionFailed","id":9,"previousEventId":8,"executionFailedEventDetails":{"error":"THRESHOLD_CONFIDENCE_NOT_MET","cause":"not sure"}}`
	broken   = `{"timestamp":"2026-01-02T03:04:06.000Z","type":"ExecutionTimedOut","id":9,"previousEventId":8}`
)

func TestOutcomes(t *testing.T) {
	answer := workflow.Answer{Object: workflow.Reference{Bucket: "b", Key: "k.png"}, Scores: []float64{0.25, 0.75}, Label: "motorcycle", Image: "AAAA"}
	notSure := answer
	notSure.Error, notSure.Cause = workflow.ThresholdNotMet, "not sure"
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		events []string
		want   []workflow.Answer
	}{
		"the last state made something else": {[]string{started, answered, succeeds}, []workflow.Answer{answer}},
		"below the threshold":                {[]string{started, answered, below}, []workflow.Answer{notSure}},
		"timed out":                          {[]string{started, answered, broken}, []workflow.Answer{{Object: answer.Object, Error: workflow.Unknown}}},
	} {
		got, err := outcome.Parse([]byte(`{"events":[` + strings.Join(c.events, ",") + `]}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(outcome.Outcome{Answers: c.want, Start: start, Stop: start.Add(time.Second)}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := outcome.Parse([]byte(`{"events":[` + started + `]}`)); !errors.Is(err, outcome.ErrUnfinished) {
		t.Errorf("%v", err)
	}
	var e asl.Event
	if err := json.Unmarshal([]byte(succeeds), &e); err != nil {
		t.Fatal(err)
	}
	for name, events := range map[string][]asl.Event{"none": nil, "no inferences": {e}} {
		if _, err := outcome.Of(events); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
