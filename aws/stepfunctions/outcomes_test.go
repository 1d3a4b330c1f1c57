package stepfunctions_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
)

const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:scones"

// stepFunctions has four executions, the latest first, two on a page: one runs, one passed, one was below the threshold, one failed.
func stepFunctions(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	asked := string(body)
	const execution = "arn:aws:states:us-east-1:123456789012:execution:scones:"
	item := func(name, status string, at int) string {
		return fmt.Sprintf(`{"executionArn":"%s%s","name":"%s","status":"%s","startDate":%d,"stopDate":%d.5}`, execution, name, name, status, at, at)
	}
	switch action := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AWSStepFunctions."); {
	case action == "ListExecutions" && strings.Contains(asked, "nextToken"):
		fmt.Fprintf(w, `{"executions":[%s,%s,%s]}`, item("below", "FAILED", 1700000100), item("broken", "TIMED_OUT", 1700000050), item("early", "SUCCEEDED", 1600000000))
	case action == "ListExecutions":
		fmt.Fprintf(w, `{"executions":[%s,%s],"nextToken":"n"}`, item("runs", "RUNNING", 1700000300), item("passed", "SUCCEEDED", 1700000200))
	case action == "DescribeExecution" && strings.Contains(asked, "passed"):
		fmt.Fprintf(w, `{"executionArn":"x","name":"passed","status":"SUCCEEDED","startDate":1700000200,"stopDate":1700000200.5,"output":"{\"body\":{\"s3_bucket\":\"b\",\"s3_key\":\"k\",\"image_data\":\"\",\"inferences\":[0.25,0.75]}}"}`)
	case action == "DescribeExecution" && strings.Contains(asked, "below"):
		fmt.Fprintf(w, `{"executionArn":"x","name":"below","status":"FAILED","error":"%s","cause":"no","startDate":1700000100,"stopDate":1700000100.5,"input":"{}"}`, workflow.ThresholdNotMet)
	case action == "DescribeExecution":
		fmt.Fprint(w, `{"executionArn":"x","name":"broken","status":"TIMED_OUT","startDate":1700000050,"stopDate":1700000050.5,"input":"{\"s3_bucket\":\"b\",\"s3_key\":\"k\",\"image_data\":\"\"}"}`)
	case action == "GetExecutionHistory" && strings.Contains(asked, "below"):
		fmt.Fprint(w, `{"events":[{"type":"ExecutionFailed","id":9,"timestamp":1700000100.5},{"type":"TaskStateEntered","id":7,"timestamp":1700000100.4,"stateEnteredEventDetails":{"name":"Filter","input":"{\"body\":{\"image_data\":\"\",\"inferences\":[0.5,0.5]}}"}}]}`)
	default:
		fmt.Fprint(w, `{"events":[]}`)
	}
}

func TestOutcomes(t *testing.T) {
	m := open(t, machine, stepFunctions)
	type summary struct {
		Name, Error string
		Scores      []float64
		Key         string
		Took        time.Duration
	}
	var got []summary
	for e, err := range m.Outcomes(t.Context(), time.Unix(1_700_000_000, 0), time.Time{}) {
		if err != nil || e.Err != nil || len(e.Answers) != 1 {
			t.Fatalf("%+v, %v", e, err)
		}
		a := e.Answers[0]
		got = append(got, summary{e.Name, a.Error, a.Scores, a.Object.Key, e.Stop.Sub(e.Start)})
	}
	const half = 500 * time.Millisecond
	want := []summary{
		{"passed", "", []float64{0.25, 0.75}, "k", half},
		{"below", workflow.ThresholdNotMet, []float64{0.5, 0.5}, "", half},
		{"broken", workflow.Unknown, nil, "k", half},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOutcomesErrors(t *testing.T) {
	m := open(t, machine, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"__type":"StateMachineTypeNotSupported","message":"express"}`)
	})
	for _, err := range m.Outcomes(t.Context(), time.Time{}, time.Time{}) {
		refused, ok := errors.AsType[*stepfunctions.Error](err)
		if !ok || refused.Hint() == "" || !strings.HasSuffix(err.Error(), "StateMachineTypeNotSupported: express") {
			t.Errorf("%v", err)
		}
	}
	for arn, want := range map[string]bool{machine: true, strings.Replace(machine, "stateMachine", "mapRun", 1): true, "s3://bucket": false, "arn:aws:s3:::bucket": false} {
		if stepfunctions.HasExecutions(arn) != want {
			t.Errorf("%s", arn)
		}
	}
}

// open makes a machine in front of a handler.
func open(t *testing.T, arn string, handler http.HandlerFunc) *stepfunctions.Machine {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} {
		t.Setenv(name, value)
	}
	config, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return stepfunctions.Open(config, arn)
}
