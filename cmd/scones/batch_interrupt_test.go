package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestBatchInterrupted: an interrupt leaves the job running and says how to go on; the same command then watches that job, and --stop
// ends it.
func TestBatchInterrupted(t *testing.T) {
	batchCloud(t)
	places := []string{"s3://pictures/in/", "s3://answers/out/"}
	c := command(t, "", append([]string{"batch", "--model", "model-1", "--poll", "10m"}, places...)...)
	c.Env = os.Environ()
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	for buffer := make([]byte, 1024); !strings.Contains(said.String(), "pictures on 1 × ml.m5.xlarge\n"); {
		n, err := stderr.Read(buffer)
		if err != nil {
			t.Fatalf("%v after %q", err, &said)
		}
		said.Write(buffer[:n])
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(stderr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // its exit code says it
	said.Write(rest)
	if c.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(said.String(), "runs on; the same command watches it again, with --stop it ends") {
		t.Errorf("it ends with %d, and says\n%s", c.ProcessState.ExitCode(), &said)
	}
	_, job, _ := strings.Cut(said.String(), "scones: job ")
	job, _, _ = strings.Cut(job, ":")
	for _, step := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--stop"}, exitGood, "scones: job " + job + " stops; what it has answered stays"},
		{[]string{"--poll", "1ms"}, exitError, "scones: job " + job + " runs already\n"},
	} {
		c := command(t, "", append(append([]string{"batch", "--model", "model-1"}, step.args...), places...)...)
		c.Env = os.Environ()
		out, _ := c.CombinedOutput()
		if c.ProcessState.ExitCode() != step.code || !strings.Contains(string(out), step.want) {
			t.Errorf("%q ends with %d, and says\n%s", step.args, c.ProcessState.ExitCode(), out)
		}
	}
}
