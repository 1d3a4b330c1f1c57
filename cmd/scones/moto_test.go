package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/mototest"
)

// A motoServer is moto, which interprets state machines too, behind a front that does the Lambda invocations itself.
type motoServer struct {
	front  *httptest.Server
	invoke func(ctx context.Context, function string, payload []byte) (result []byte, failed bool)
}

// startMoto starts moto's server, which .ci/run installs; the test is skipped where it is not.
func startMoto(t *testing.T) *motoServer {
	t.Helper()
	m := new(motoServer)
	var proxy *httputil.ReverseProxy // moto must know the front's port before it starts
	m.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, isLambda := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
		function, isInvocation := strings.CutSuffix(rest, "/invocations")
		if !isLambda || !isInvocation {
			proxy.ServeHTTP(w, r)
			return
		}
		payload, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		result, failed := m.invoke(r.Context(), function, payload)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amz-Executed-Version", "$LATEST")
		if failed {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
		_, _ = w.Write(result)
	}))
	t.Cleanup(m.front.Close)
	_, front, err := net.SplitHostPort(m.front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	behind, err := url.Parse(mototest.Start(t, "MOTO_PORT="+front))
	if err != nil {
		t.Fatal(err)
	}
	proxy = httputil.NewSingleHostReverseProxy(behind)
	m.post(t, "/moto-api/config", "", "", `{"stepfunctions":{"execute_state_machine":true},"lambda":{"use_docker":false}}`)
	return m
}

// post calls an operation of a service. Moto looks at the signature's scope alone.
func (m *motoServer) post(t *testing.T, path, service, operation string, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.front.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", operation)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s: %v %s %s", operation, err, response.Status, data)
	}
	answer := map[string]any{}
	if len(bytes.TrimSpace(data)) > 0 {
		_ = json.Unmarshal(data, &answer) // moto's own API answers in other ways too
	}
	return answer
}

// get reads an object of a service that speaks REST.
func (m *motoServer) get(t *testing.T, path, service string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.front.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v", path, response.Status, err)
	}
	return answer
}

// A motoExecution is what DescribeExecution says.
type motoExecution struct{ ARN, Status, Output, Error, Cause string }

// states calls an operation of Step Functions.
func (m *motoServer) states(t *testing.T, operation string, in map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return m.post(t, "/", "states", "AWSStepFunctions."+operation, string(body))
}

// create makes a state machine and returns its ARN.
func (m *motoServer) create(t *testing.T, name, definition string) string {
	t.Helper()
	machine := m.states(t, "CreateStateMachine", map[string]any{"name": name, "definition": definition, "roleArn": "arn:aws:iam::123456789012:role/states"})
	arn, _ := machine["stateMachineArn"].(string)
	return arn
}

// env is an environment in which the command talks to moto.
func (m *motoServer) env() []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL="+m.front.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1", "AWS_CONFIG_FILE=none", "AWS_SHARED_CREDENTIALS_FILE=none")
}

// run executes a definition in moto.
func (m *motoServer) run(t *testing.T, name, definition, input string) motoExecution {
	t.Helper()
	states := func(operation string, in map[string]any) map[string]any { return m.states(t, operation, in) }
	machine := m.create(t, name, definition)
	started := states("StartExecution", map[string]any{"stateMachineArn": machine, "input": input})
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		described := states("DescribeExecution", map[string]any{"executionArn": started["executionArn"]})
		if described["status"] != "RUNNING" {
			text := func(key string) string { s, _ := described[key].(string); return s }
			return motoExecution{text("executionArn"), text("status"), text("output"), text("error"), text("cause")}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s still runs after four minutes", name)
		}
	}
}

// motoDiffers are the cases in which moto does otherwise than Step Functions is documented to, with what it does.
var motoDiffers = map[string]string{
	"function Array":             `{"r":[1,"a",true,{"y":2}]}`, // it leaves nulls out
	"function quotes and braces": `{"r":"it\\\\"}`,             // it does not know \'
}

// TestMotoAgrees runs the interpreter's cases in moto's. Exceptions are listed, and fail when they are none any more.
func TestMotoAgrees(t *testing.T) {
	moto := startMoto(t)
	for i, c := range machineCases(t, "cases.json") {
		t.Run(c.Name, func(t *testing.T) {
			calls := map[string]int{}
			moto.invoke = func(_ context.Context, function string, payload []byte) ([]byte, bool) {
				if at := strings.LastIndexByte(function, ':'); at >= 0 {
					function = function[at+1:]
				}
				if answers := c.Tasks[function]; len(answers) > 0 {
					payload = answers[min(calls[function], len(answers)-1)]
					calls[function]++
				}
				var failure struct{ Error, Cause string }
				if json.Unmarshal(payload, &failure) == nil && failure.Error != "" {
					return fmt.Appendf(nil, `{"errorMessage":%q,"errorType":%q}`, failure.Cause, failure.Error), true
				}
				return payload, false
			}
			e := moto.run(t, fmt.Sprintf("case-%d", i), string(c.Definition), string(c.Input))
			var output any
			if e.Output != "" {
				if json.Unmarshal([]byte(e.Output), &output) != nil {
					output = e.Output // moto gives text without its quotes
				}
			}
			want, got := outcomeText(c.Output, c.Error), outcomeText(output, e.Error)
			if differs, listed := motoDiffers[c.Name]; listed {
				want = differs
			}
			if got != want {
				t.Errorf("moto gives %s (%s), want %s", got, e.Cause, want)
			}
		})
	}
}

func outcomeText(output any, failure string) string {
	if failure != "" {
		return "error " + failure
	}
	data, err := json.Marshal(output)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
