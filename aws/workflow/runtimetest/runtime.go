// Package runtimetest runs a Lambda program as AWS Lambda does, through the Runtime API, for tests.
package runtimetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Build builds the workflow's Lambda program for this machine, and returns its path.
func Build(t testing.TB) string {
	t.Helper()
	return BuildProgram(t, "cmd/scones-lambda")
}

// BuildProgram does the same with another program of this module.
func BuildProgram(t testing.TB, pkg string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", name, "github.com/scones-unlimited/scones/"+pkg)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build bootstrap: %v\n%s", err, said)
	}
	return name
}

// A Function is a program under way, and the Runtime API that it asks for work.
type Function struct {
	Name   string
	api    *httptest.Server
	work   chan invocation
	mu     sync.Mutex
	answer map[string]chan Answer
	log    lockedBuffer
	init   chan Answer
	ended  chan struct{}
	next   int
}

type invocation struct {
	id, trace string
	deadline  time.Time
	payload   []byte
}

// An Answer is what a function said of an invocation.
type Answer struct {
	Payload []byte
	Failed  bool
	// Type is the header Lambda-Runtime-Function-Error-Type of one that failed.
	Type string
}

// Error is the failure's name and message.
func (a Answer) Error() (name, message string) {
	var e struct{ ErrorType, ErrorMessage string }
	_ = json.Unmarshal(a.Payload, &e)
	return e.ErrorType, e.ErrorMessage
}

// Start starts a program as the function of a name. Env is all that it sees besides what Lambda sets.
func Start(t testing.TB, program, name string, env ...string) *Function {
	t.Helper()
	f := &Function{Name: name, work: make(chan invocation), answer: map[string]chan Answer{}, init: make(chan Answer, 1), ended: make(chan struct{})}
	f.api = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.api.Close)
	ctx, stop := context.WithCancel(context.Background())
	process := exec.CommandContext(ctx, program)
	process.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(f.api.URL, "http://"), "AWS_LAMBDA_FUNCTION_NAME=" + name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "_HANDLER=bootstrap", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}, env...)
	process.Stdout, process.Stderr = &f.log, &f.log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = process.Wait()
		close(f.ended)
	}()
	t.Cleanup(func() {
		stop()
		<-f.ended
	})
	return f
}

// Invoke hands the function a payload and waits for its answer. The deadline is when Lambda would end the invocation.
func (f *Function) Invoke(ctx context.Context, payload []byte, deadline time.Time) (Answer, error) {
	f.mu.Lock()
	f.next++
	id := fmt.Sprintf("request-%d", f.next)
	answer := make(chan Answer, 1)
	f.answer[id] = answer
	f.mu.Unlock()
	select {
	case f.work <- invocation{id, "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1", deadline, payload}:
	case <-f.ended:
		return Answer{}, fmt.Errorf("function %s has ended:\n%s", f.Name, f.Log())
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	select {
	case a := <-answer:
		return a, nil
	case <-f.ended:
		return Answer{}, fmt.Errorf("function %s has ended:\n%s", f.Name, f.Log())
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// InitError waits for the report of a function that cannot start, and for its end.
func (f *Function) InitError(ctx context.Context) (Answer, error) {
	select {
	case <-f.ended:
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	select {
	case a := <-f.init:
		return a, nil
	default:
		return Answer{}, fmt.Errorf("function %s ended without a report:\n%s", f.Name, f.Log())
	}
}

// Log is what the function has written so far.
func (f *Function) Log() string { return f.log.String() }

// serve is the Runtime API, version 2018-06-01.
func (f *Function) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/2018-06-01/runtime/")
	if path == "invocation/next" {
		select {
		case call := <-f.work:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", call.id)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(call.deadline.UnixMilli()))
			w.Header().Set("Lambda-Runtime-Trace-Id", call.trace)
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:"+f.Name)
			_, _ = w.Write(call.payload)
		case <-r.Context().Done():
		}
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a := Answer{Payload: body, Failed: strings.HasSuffix(path, "/error"), Type: r.Header.Get("Lambda-Runtime-Function-Error-Type")}
	w.WriteHeader(http.StatusAccepted)
	if path == "init/error" {
		f.init <- a
		return
	}
	id := strings.Split(strings.TrimPrefix(path, "invocation/"), "/")[0]
	f.mu.Lock()
	answer := f.answer[id]
	delete(f.answer, id)
	f.mu.Unlock()
	if answer != nil {
		answer <- a
	}
}

// A lockedBuffer takes a process's output while a test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write adds to the buffer.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String is all so far.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
