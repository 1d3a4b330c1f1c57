package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// startEndpoint answers as SageMaker's endpoint does, with the built-in model behind it.
func startEndpoint(t *testing.T) *httptest.Server {
	t.Helper()
	library, err := ort.Find(ort.Options{Path: orttest.Library(t)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := source.Open(t.Context(), "", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	classifier, session, err := newClassifier(t.Context(), s, infer.SessionOptions{Library: library, Device: infer.CPU, Threads: 1}, preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		image, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		scores, err := classifier.Classify(r.Context(), image)
		if picture, ok := errors.AsType[*preprocess.ImageError](err); ok { // as the container refuses it
			w.Header().Set("x-amzn-ErrorType", "ModelError")
			w.WriteHeader(http.StatusFailedDependency)
			fmt.Fprintf(w, `{"OriginalStatusCode":400,"OriginalMessage":%q,"Message":"m"}`, picture.Error())
			return
		}
		_ = json.NewEncoder(w).Encode(scores)
	}))
	t.Cleanup(server.Close)
	return server
}

// startFunctions has the real program do moto's Lambda invocations.
func startFunctions(t *testing.T, moto *motoServer, endpoint *httptest.Server) {
	t.Helper()
	program := runtimetest.Build(t)
	functions := map[string]*runtimetest.Function{}
	for _, name := range workflow.Names {
		functions[name] = runtimetest.Start(t, program, "scones-"+name, "ENDPOINT=builtin", "LABELS=bicycle,motorcycle", "MODEL=builtin",
			"AWS_ENDPOINT_URL="+moto.front.URL, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME="+endpoint.URL)
	}
	moto.serve(functions)
}

// serve has programs do the Lambda invocations, by the step that a function's name says.
func (m *motoServer) serve(functions map[string]*runtimetest.Function) {
	var mu sync.Mutex // a Lambda program does one invocation at a time
	m.invoke = func(ctx context.Context, function string, payload []byte) ([]byte, bool) {
		mu.Lock()
		defer mu.Unlock()
		answer, err := functions[workflow.NameOf(function)].Invoke(ctx, payload, time.Now().Add(time.Minute))
		if err != nil {
			return fmt.Appendf(nil, `{"errorMessage":%q,"errorType":"Runtime.ExitError"}`, err.Error()), true
		}
		return answer.Payload, answer.Failed
	}
}

// functionARNs fill a definition for the functions of startFunctions.
var functionARNs = map[string]string{
	"SerializeFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:scones-serialize",
	"ClassifyFunctionArn":  "arn:aws:lambda:us-east-1:123456789012:function:scones-classify",
	"FilterFunctionArn":    "arn:aws:lambda:us-east-1:123456789012:function:scones-filter",
}

// TestMotoRunsTheWorkflow runs four pictures through the definitions in moto, whose Lambda invocations the real program does, and
// compares labels, scores and error names with the local run's.
func TestMotoRunsTheWorkflow(t *testing.T) {
	library := orttest.Library(t)
	moto, endpoint := startMoto(t), startEndpoint(t)
	startFunctions(t, moto, endpoint)
	moto.put(t, "/pictures", nil)
	for _, mode := range []workflow.Mode{workflow.Seed, workflow.Robust} {
		definition, err := workflow.Definition(mode, workflow.DefinitionOptions{Values: functionARNs})
		if err != nil {
			t.Fatal(err)
		}
		for i, picture := range []string{"images/bicycle-gif.gif", "images/motorcycle-png-rgb.png", "images/bicycle-png-palette.png", "broken/png-truncated.png"} {
			if mode == workflow.Robust && i > 1 { // moto has no queue of that name
				continue
			}
			t.Run(string(mode)+"/"+picture, func(t *testing.T) {
				file, err := filepath.Abs("../../testdata/" + picture)
				if err != nil {
					t.Fatal(err)
				}
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				key := filepath.Base(file)
				moto.put(t, "/pictures/"+key, data)
				there := moto.run(t, fmt.Sprintf("%s-%d", mode, i), string(definition), fmt.Sprintf(`{"image_data":"","s3_bucket":"pictures","s3_key":%q}`, key))
				out, _ := command(t, library, "workflow", "run", "--mode", string(mode), "--json", file).Output() // a failed execution has an exit code
				var here struct {
					Status, Error string
					Output        json.RawMessage
				}
				if err := json.Unmarshal(out, &here); err != nil {
					t.Fatalf("%v in %s", err, out)
				}
				if got, want := there.Status+" "+there.Error+" "+answerOf(t, []byte(there.Output)), here.Status+" "+here.Error+" "+answerOf(t, here.Output); got != want {
					t.Errorf("moto: %s (%s)\nhere: %s", got, there.Cause, want)
				}
			})
		}
	}
}

// answerOf is what an execution's output says of the picture.
func answerOf(t *testing.T, output []byte) string {
	t.Helper()
	if len(output) == 0 {
		return "no answer"
	}
	for answer, err := range workflow.Answers(output) {
		if err != nil {
			t.Fatalf("%v in %s", err, output)
		}
		return fmt.Sprintf("%s %s %v", answer.Model, answer.Label, answer.Scores)
	}
	return "no answer"
}

// put makes a bucket or an object.
func (m *motoServer) put(t *testing.T, path string, data []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, m.front.URL+path, strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("PUT %s: %s", path, response.Status)
	}
}
