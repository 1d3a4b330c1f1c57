package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
)

// A cloud is S3 and SageMaker's runtime, as far as the functions use them: keys and endpoints say how they answer.
type cloud struct {
	*httptest.Server
	trace atomic.Value // the last X-Amzn-Trace-Id that the endpoint saw
}

func startCloud(t *testing.T) *cloud {
	c := new(cloud)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, ok := strings.CutPrefix(r.URL.Path, "/endpoints/"); ok {
			c.trace.Store(r.Header.Get("X-Amzn-Trace-Id"))
			endpoint(w, r, strings.TrimSuffix(name, "/invocations"))
			return
		}
		object(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func object(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, code string) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m</Message></Error>", code)
	}
	switch r.URL.Path {
	case "/b/bicycle.png":
		if match := r.Header.Get("If-Match"); match != "" && match != `"e1"` {
			fail(http.StatusPreconditionFailed, "PreconditionFailed")
			return
		}
		w.Header().Set("ETag", `"e1"`)
		w.Header().Set("x-amz-version-id", "v1")
		_, _ = w.Write([]byte("PNG"))
	case "/b/large.png":
		w.Header().Set("ETag", `"e1"`)
		w.Header().Set("x-amz-version-id", "v1")
		_, _ = w.Write(make([]byte, 300_000))
	case "/b/secret.png":
		fail(http.StatusForbidden, "AccessDenied")
	case "/b/busy.png":
		fail(http.StatusServiceUnavailable, "SlowDown")
	default:
		fail(http.StatusNotFound, "NoSuchKey")
	}
}

func endpoint(w http.ResponseWriter, r *http.Request, name string) {
	image, _ := io.ReadAll(r.Body)
	fail := func(status int, kind, body string) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("x-amzn-ErrorType", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	switch name {
	case "sure":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "[0.9388836622238159, 0.061116307973861694]")
	case "picky":
		fail(http.StatusFailedDependency, "ModelError", fmt.Sprintf(`{"OriginalStatusCode":400,"OriginalMessage":"cannot decode %d bytes","Message":"m"}`, len(image)))
	case "busy":
		fail(http.StatusServiceUnavailable, "ServiceUnavailable", `{"Message":"busy"}`)
	case "slow":
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	default:
		fail(http.StatusBadRequest, "ValidationError", `{"Message":"Endpoint not found."}`)
	}
}

// TestFunctions drives the real program as each function, and compares whole answers and the names of all errors.
func TestFunctions(t *testing.T) {
	program, c := runtimetest.Build(t), startCloud(t)
	start := func(name string, env ...string) *runtimetest.Function {
		return runtimetest.Start(t, program, name, append(env, "AWS_ENDPOINT_URL="+c.URL, "LABELS=bicycle,motorcycle", "AWS_MAX_ATTEMPTS=1")...)
	}
	functions := map[string]*runtimetest.Function{
		"serialize": start("scones-serialize"), "filter": start("scones-filter"),
		"sure": start("scones-classify", "ENDPOINT=sure"), "picky": start("scones-classify", "ENDPOINT=picky"), "busy": start("scones-classify", "ENDPOINT=busy"),
		"none": start("scones-classify", "ENDPOINT=none"), "slow": start("scones-classify", "ENDPOINT=slow"),
	}
	reported := map[string]bool{}
	for _, test := range []struct {
		function, event, want string // want is an answer, or an error's name
		within                time.Duration
	}{
		{"serialize", `{"image_data":"","s3_bucket":"b","s3_key":"bicycle.png"}`, `{"body":{"image_data":"UE5H","inferences":[],"s3_bucket":"b","s3_key":"bicycle.png"},"statusCode":200}`, 0},
		{"serialize", `{"s3_bucket":"b","s3_key":"large.png"}`, `{"body":{"image_data":"","inferences":[],"s3_bucket":"b","s3_etag":"\"e1\"","s3_key":"large.png","s3_version":"v1"},"statusCode":200}`, 0},
		{"serialize", `{"s3_bucket":"b","s3_key":"none.png"}`, workflow.ObjectNotFound, 0},
		{"serialize", `{"s3_bucket":"b","s3_key":"secret.png"}`, workflow.ObjectDenied, 0},
		{"serialize", `{"s3_bucket":"b","s3_key":"busy.png"}`, workflow.StoreUnavailable, 0},
		{"serialize", `{}`, workflow.InputInvalid, 0},
		{"sure", `{"image_data":"UE5H","s3_bucket":"b","s3_key":"bicycle.png","inferences":[]}`,
			`{"body":{"confidence":0.9388836622238159,"image_data":"UE5H","inferences":"[0.9388836622238159, 0.061116307973861694]","label":"bicycle","model":"sure","s3_bucket":"b","s3_key":"bicycle.png"},"statusCode":200}`, 0},
		{"sure", `{"image_data":"","s3_bucket":"b","s3_key":"bicycle.png","s3_etag":"\"old\""}`, workflow.ObjectNotFound, 0},
		{"picky", `{"image_data":"UE5H","s3_bucket":"b","s3_key":"k"}`, workflow.ImageUnreadable, 0},
		{"busy", `{"image_data":"UE5H","s3_bucket":"b","s3_key":"k"}`, workflow.EndpointBusy, 0},
		{"none", `{"image_data":"UE5H","s3_bucket":"b","s3_key":"k"}`, workflow.EndpointRefused, 0},
		{"slow", `{"image_data":"UE5H","s3_bucket":"b","s3_key":"k"}`, workflow.DeadlineExceeded, 2 * time.Second},
		{"filter", `{"inferences":"[0.1, 0.9]","s3_bucket":"b","s3_key":"k"}`, workflow.ThresholdNotMet, 0},
		{"filter", `{"inferences":[0.05,0.95],"label":"motorcycle","model":"sure","s3_bucket":"b","s3_key":"k"}`,
			`{"body":"{\"confidence\":0.95,\"image_data\":\"\",\"inferences\":\"[0.05, 0.95]\",\"label\":\"motorcycle\",\"model\":\"sure\",\"s3_bucket\":\"b\",\"s3_key\":\"k\"}","statusCode":200}`, 0},
	} {
		t.Run(test.function+" "+test.event, func(t *testing.T) {
			if test.within == 0 {
				test.within = time.Minute
			}
			answer, err := functions[test.function].Invoke(t.Context(), []byte(test.event), time.Now().Add(test.within))
			if err != nil {
				t.Fatal(err)
			}
			if !answer.Failed {
				if diff := cmp.Diff(test.want, string(answer.Payload)); diff != "" {
					t.Errorf("answer differs (-want +got):\n%s", diff)
				}
				return
			}
			name, message := answer.Error()
			if reported[name] = true; name != test.want || message == "" || answer.Type != "" && answer.Type != name {
				t.Errorf("failed with %s: %s (header %s), want %s", name, message, answer.Type, test.want)
			}
		})
	}
	t.Run("names are those of the definition", func(t *testing.T) { caught(t, reported) })
	t.Run("X-Ray's header goes on to the endpoint", func(t *testing.T) {
		if got, _ := c.trace.Load().(string); !strings.Contains(got, "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700") {
			t.Errorf("the endpoint saw X-Amzn-Trace-Id %q", got)
		}
	})
	t.Run("log", func(t *testing.T) { logs(t, functions["sure"].Log()) })
}

// caught compares what the definition catches by name with what the program reported.
func caught(t *testing.T, reported map[string]bool) {
	definition, err := workflow.Definition(workflow.Seed, workflow.DefinitionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var machine struct {
		States map[string]struct {
			Catch, Retry []struct{ ErrorEquals []string }
		}
	}
	if err := json.Unmarshal(definition, &machine); err != nil {
		t.Fatal(err)
	}
	for name, state := range machine.States {
		for _, entry := range slices.Concat(state.Catch, state.Retry) {
			for _, caught := range entry.ErrorEquals {
				if !strings.HasPrefix(caught, "Lambda.") && caught != workflow.ImageTooLarge && !reported[caught] {
					t.Errorf("state %s waits for %s, which the program did not report; it reported %v", name, caught, reported)
				}
			}
		}
	}
}

// logs reads every line as JSON: the first one tells of the cold start, and no line holds the picture.
func logs(t *testing.T, log string) {
	if strings.Contains(log, "UE5H") || strings.Contains(log, "PNG") {
		t.Errorf("the log holds the picture:\n%s", log)
	}
	cold := 0
	for line := range strings.Lines(log) {
		var entry struct {
			Step, Key string
			RequestID string `json:"request_id"`
			TraceID   string `json:"trace_id"`
			Cold      *int   `json:"cold_start_ms"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Step != "classify" || entry.RequestID == "" || !strings.HasPrefix(entry.TraceID, "Root=") || entry.Key != "bicycle.png" {
			t.Errorf("line %s: %v", line, err)
		}
		if entry.Cold != nil {
			cold++
		}
	}
	if cold != 1 {
		t.Errorf("%d lines tell of a cold start, want 1:\n%s", cold, log)
	}
}

// TestConfiguration: what is missing or wrong is reported at the start, under its variable's name.
func TestConfiguration(t *testing.T) {
	program := runtimetest.Build(t)
	for _, test := range []struct{ name, env, want string }{
		{"scones-classify", "X=", "ENDPOINT is not set: it names the SageMaker endpoint to ask"},
		{"scones-filter", "THRESHOLD=93", `THRESHOLD "93" is no number from 0 to 1`},
		{"scones-serialize", "MAX_BYTES=many", `MAX_BYTES "many" is no number of 1 or more`},
		{"scones", "X=", `_HANDLER "bootstrap" is none of serialize, classify, filter, and the function's name "scones" tells neither`},
	} {
		answer, err := runtimetest.Start(t, program, test.name, test.env).InitError(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if name, message := answer.Error(); name != configurationInvalid || answer.Type != configurationInvalid || message != test.want {
			t.Errorf("%s: %s: %s, want %s: %s", test.name, name, message, configurationInvalid, test.want)
		}
	}
}
