package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// newCloudShell runs the command in a cloud of this process.
func newCloudShell(t *testing.T, o awstest.Options) (*awstest.Server, *awsShell) {
	t.Helper()
	cloud, s := awstest.New(t, o), &awsShell{library: orttest.Library(t), dir: t.TempDir()}
	for name, value := range cloud.Env() {
		s.env = append(s.env, name+"="+value)
	}
	return cloud, s
}

// TestRollbackIsAnError updates an endpoint to a model whose container breaks, while requests come in.
func TestRollbackIsAnError(t *testing.T) {
	var mu sync.Mutex
	first := ""
	cloud, s := newCloudShell(t, awstest.Options{Classify: func(c awstest.Container, _ []byte) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		if first == "" {
			first = c.ModelDataURL
		}
		if c.ModelDataURL != first {
			return nil, &awstest.ContainerError{Status: 500, Message: "broken"}
		}
		return []byte("[0.9, 0.1]"), nil
	}})
	want(t, s.good(t, deployLine+" --yes --poll 1ms"), "a drawn picture: bicycle 0.9000")
	cloud.Setenv(t)
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() {
		endpoint := aws.NewEndpoint(c, "bikes", aws.EndpointOptions{Attempts: 1})
		for ctx.Err() == nil {
			_, _ = endpoint.Classify(ctx, []byte("picture"))
			time.Sleep(time.Millisecond)
		}
	})
	out, said, code := s.run(t, strings.Replace(deployLine, "builtin", "builtin:int8", 1)+" --canary 50%/10m --yes --poll 1ms")
	cancel()
	asking.Wait()
	if code != exitError {
		t.Fatalf("ends with %d: %s\n%s", code, said, out)
	}
	want(t, said, "was rolled back, and endpoint \"bikes\" answers as before: alarm bikes-5xx", "scones: hint: scones logs shows", "steps are done; the same command goes on from there")
	want(t, s.good(t, deployLine+" --yes --poll 1ms"), "a drawn picture: bicycle 0.9000") // the one before takes the leftovers away
	want(t, s.good(t, deployLine+" --dry-run"), ": no change")
}

// TestInterruptedDeployGoesOn presses Ctrl-C while the endpoint is being made.
func TestInterruptedDeployGoesOn(t *testing.T) {
	cloud, s := newCloudShell(t, awstest.Options{Tick: time.Millisecond})
	c := command(t, s.library, strings.Fields(deployLine+" --yes --poll 10ms")...)
	c.Env, c.Dir = append(c.Env, s.env...), s.dir
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	made := func() bool {
		return slices.ContainsFunc(cloud.Calls(), func(c awstest.Call) bool { return c.Operation == "sagemaker:CreateEndpoint" })
	}
	for deadline := time.Now().Add(time.Minute); !made(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = c.Process.Kill()
			t.Fatalf("no endpoint after a minute: %s", said.String())
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // its code is judged
	if code := c.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("ends with %d: %s", code, said.String())
	}
	want(t, said.String(), "scones: 6 of 7 steps are done; the same command goes on from there", "scones: interrupted")
	want(t, s.good(t, deployLine+" --dry-run"), "… wait    sagemaker-endpoint ", "1 to wait, 6 to keep")
	cloud.Advance(awstest.CreateTime)
	want(t, s.good(t, deployLine+" --yes --poll 1ms"), "endpoint bikes in us-east-1 is in service")
}
