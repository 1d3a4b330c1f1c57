package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// TestThresholdIsInclusive: a score that equals the threshold passes, as in scones classify --threshold.
func TestThresholdIsInclusive(t *testing.T) {
	for _, test := range []struct {
		event string
		pass  bool
	}{
		{`{"inferences":[0.07,0.93]}`, true},
		{`{"inferences":"[0.0699999928474426, 0.9300000071525574]"}`, true}, // float32(0.93)
		{`{"inferences":[0.07,0.9299999]}`, false},
	} {
		_, err := steps.Filter(t.Context(), json.RawMessage(test.event))
		if (err == nil) != test.pass {
			t.Errorf("Filter(%s) = %v, want it to pass: %v", test.event, err, test.pass)
		}
	}
}

// large is a bucket whose only picture has n bytes.
type large int

func (n large) Get(_ context.Context, object Reference, limit int64) ([]byte, Reference, error) {
	if int64(n) > limit {
		return nil, object, failf(ImageTooLarge, "more than %d bytes", limit)
	}
	object.Version, object.ETag = "v1", "e1"
	return bytes.Repeat([]byte("x"), int(n)), object, nil
}

// TestLargePicturesTravelAsReference looks at both sides of the limit: every state of the definition has to hold what the steps give.
func TestLargePicturesTravelAsReference(t *testing.T) {
	for n := range map[large]bool{1: true, 190_000: true, 190_459: true, 190_470: false, 5 << 20: false} {
		s := &Steps{Store: n}
		got, err := s.Serialize(t.Context(), json.RawMessage(`{"s3_bucket":"b","s3_key":"k"}`))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > asl.MaxPayload-reserve/2 {
			t.Errorf("%d bytes: the event has %d, too near to the limit of %d", n, len(got), asl.MaxPayload)
		}
		wantBytes := n < 190_470
		if hasBytes := !strings.Contains(string(got), `"image_data":""`); hasBytes != wantBytes {
			t.Errorf("%d bytes: the picture travels in the event: %v, want %v", n, hasBytes, wantBytes)
		}
		if hasReference := strings.Contains(string(got), `"s3_etag":"e1"`) && strings.Contains(string(got), `"s3_version":"v1"`); hasReference == wantBytes {
			t.Errorf("%d bytes: the reference travels: %v", n, hasReference)
		}
	}
	_, err := (&Steps{Store: large(DefaultMaxBytes + 1)}).Serialize(t.Context(), json.RawMessage(`{"s3_bucket":"b","s3_key":"k"}`))
	if ErrorName(err) != ImageTooLarge {
		t.Errorf("a picture beyond the endpoint's limit: %v", err)
	}
}

// TestRunIsTheDefinition compares the order in which Run calls the steps with the states of the definitions.
func TestRunIsTheDefinition(t *testing.T) {
	for _, mode := range Modes {
		definition, err := Definition(mode, DefinitionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := asl.Parse(definition)
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		var called []string
		for s := range m.All() {
			_ = (&asl.Machine{States: []*asl.State{s}}).Check(true, func(s *asl.State, constant func(string) (any, bool)) error {
				if function, ok := constant("FunctionName"); ok {
					called = append(called, NameOf(function.(string)))
				}
				return nil
			})
		}
		called = slices.Compact(called) // states within states are asked for with them
		if mode == MapMode {
			called = called[:len(Names)]
		}
		if !slices.Equal(called, Names) {
			t.Errorf("mode %s calls %v, Run calls %v", mode, called, Names)
		}
	}
}

// TestRunGivesWhatTheMachineGives runs the seed's machine and Run on the same event.
func TestRunGivesWhatTheMachineGives(t *testing.T) {
	definition, err := Definition(Seed, DefinitionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := asl.Parse(definition)
	if err != nil {
		t.Fatal(err)
	}
	event := []byte(`{"image_data":"","s3_bucket":"b","s3_key":"test/bicycle.png"}`)
	e, err := m.Run(t.Context(), event, asl.Options{Task: func(ctx context.Context, call asl.Call) (any, error) {
		parameters := call.Parameters.(map[string]any)
		payload, err := steps.Step(NameOf(parameters["FunctionName"].(string)))(ctx, encode(parameters["Payload"]))
		if err != nil {
			return nil, &asl.Error{Name: ErrorName(err), Cause: err.Error()}
		}
		result, err := asl.Decode(payload)
		return map[string]any{"Payload": result}, err
	}})
	if err != nil || e.Status != asl.Succeeded {
		t.Fatalf("%v %+v", err, e)
	}
	got, err := steps.Run(t.Context(), event)
	if err != nil || string(encode(e.Output)) != string(got) && !bytes.Equal(encode(parsed(t, got)), encode(parsed(t, encode(e.Output)))) {
		t.Errorf("Run gives %s %v, the machine %s", got, err, encode(e.Output))
	}
}

// TestDefinitionsCatchWhatTheStepsReport: every error name of the steps that a definition catches or retries is one that they can
// report, and those that may pass are retried.
func TestDefinitionsCatchWhatTheStepsReport(t *testing.T) {
	reported := []string{ThresholdNotMet, InputInvalid, ImageUnreadable, ImageTooLarge, ObjectNotFound, ObjectDenied, StoreUnavailable, EndpointBusy, EndpointRefused, DeadlineExceeded, Unknown}
	for _, mode := range Modes {
		definition, err := Definition(mode, DefinitionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		caught := map[string]bool{}
		var walk func(value any)
		walk = func(value any) {
			switch v := value.(type) {
			case map[string]any:
				if names, ok := v["ErrorEquals"].([]any); ok {
					for _, name := range names {
						caught[name.(string)] = true
					}
				}
				for _, inner := range v {
					walk(inner)
				}
			case []any:
				for _, inner := range v {
					walk(inner)
				}
			}
		}
		walk(parsed(t, definition))
		for name := range caught {
			if !strings.HasPrefix(name, "States.") && !strings.HasPrefix(name, "Lambda.") && !slices.Contains(reported, name) {
				t.Errorf("mode %s catches %s, which no step reports", mode, name)
			}
		}
		for _, name := range append([]string{ThresholdNotMet}, Retryable...) {
			if !caught[name] {
				t.Errorf("mode %s neither catches nor retries %s", mode, name)
			}
		}
	}
}

// TestDefinitionValues fills placeholders, and refuses what is none.
func TestDefinitionValues(t *testing.T) {
	arn := "arn:aws:lambda:us-east-1:123456789012:function:scones-filter:live"
	got, err := Definition(Robust, DefinitionOptions{Review: "sns", Values: map[string]string{"FilterFunctionArn": arn, "Threshold": "0.95"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{arn, "sns:publish", "${ReviewTopicArn}", `"NumericGreaterThanEquals": 0.949999988079071`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the definition has no %s", want)
		}
	}
	for _, o := range []DefinitionOptions{
		{Values: map[string]string{"Nonsense": "1"}}, {Values: map[string]string{"Threshold": "x"}}, {Items: "csv"}, {Review: "mail"},
	} {
		if _, err := Definition(Robust, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if _, err := Definition("other", DefinitionOptions{}); err == nil {
		t.Error("an unknown mode is taken")
	}
}
