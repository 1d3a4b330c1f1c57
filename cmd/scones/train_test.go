package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A trainingGround is a cloud with pictures to train on, and what its jobs leave: the built-in model.
type trainingGround struct {
	*awstest.Server
	env []string
}

// putS3 makes a bucket, or an object in one. Stand-ins look at the signature's scope alone.
func putS3(t *testing.T, url string, data []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	request.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("PUT %s: %s", url, response.Status)
	}
}

// stagedPictures puts what scones stage would: 8 training pictures and, of testdata, test pictures in a part of that name.
func stagedPictures(t *testing.T, url, part string) {
	t.Helper()
	putS3(t, url+"/pictures", nil)
	names := []string{"bicycle-png-32x32.png", "bicycle-jpeg-420.jpg", "motorcycle-png-rgb.png", "motorcycle-jpeg-422.jpg"}
	lists := map[string]*strings.Builder{"train": {}, part: {}, "test": {}}
	for to, list := range lists {
		for i := range 8 {
			name := names[i%len(names)]
			data, err := os.ReadFile(filepath.Join("../../testdata/images", name))
			if err != nil {
				t.Fatal(err)
			}
			if i%4 == 0 {
				name = fmt.Sprintf("a folder/%d-%s", i, name)
			} else {
				name = fmt.Sprintf("%d-%s", i, name)
			}
			putS3(t, url+"/pictures/vehicles/"+to+"/"+strings.ReplaceAll(name, " ", "%20"), data)
			class := 0
			if strings.Contains(name, "motorcycle") {
				class = 1
			}
			fmt.Fprintf(list, "%d\t%d\t%s\n", i, class, name)
		}
		putS3(t, url+"/pictures/vehicles/"+to+".lst", []byte(list.String()))
	}
	putS3(t, url+"/pictures/vehicles/labels.txt", []byte("bicycle\nmotorcycle\n"))
}

func newTrainingGround(t *testing.T, part string) *trainingGround {
	t.Helper()
	artifact, err := os.ReadFile("../../model/builtin/model.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	g := &trainingGround{Server: awstest.New(t, awstest.Options{Artifact: artifact, Lag: 10 * time.Second})}
	for name, value := range g.Env() {
		g.env = append(g.env, name+"="+value)
	}
	stagedPictures(t, g.URL, part)
	return g
}

// scones is a command line that finds the cloud.
func (g *trainingGround) scones(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := command(t, orttest.Library(t), append([]string{"train"}, args...)...)
	c.Env = append(c.Env, g.env...)
	c.Dir = t.TempDir()
	return c
}

// report trains to the end, and returns what --json prints, the folder in which it was done, and standard error.
func (g *trainingGround) report(t *testing.T, args ...string) (r *trainReport, dir, said string) {
	t.Helper()
	c := g.scones(t, append([]string{"--data", "s3://pictures/vehicles", "--yes", "--json", "--poll", "1ms", "--set", "mini_batch_size=3", "--out", "home"}, args...)...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, &stderr)
	}
	return r, c.Dir, stderr.String()
}

// onlyJob is the name of the one training job that was made.
func (g *trainingGround) onlyJob(t *testing.T) string {
	t.Helper()
	name := ""
	for _, call := range g.Calls() {
		if call.Operation == "sagemaker:CreateTrainingJob" && call.Status == http.StatusOK {
			name, _ = call.Input["TrainingJobName"].(string)
		}
	}
	return name
}

// TestTrain trains from the pictures to a model that was evaluated, and looks at everything that is left.
func TestTrain(t *testing.T) {
	g := newTrainingGround(t, "validation")
	r, dir, agreed := g.report(t, "--epochs", "12")
	if r.Job.State != "Completed" || len(r.Epochs) != 12 || r.Best == nil || r.Best.Number != 12 || r.TestChose || r.PaidUSD == nil {
		t.Errorf("the report is %+v", r)
	}
	if r.Test == nil || r.Test.Pictures != 8 || r.Test.Right != 8 {
		t.Errorf("the test pictures: %+v, want 8 of 8", r.Test)
	}
	settings := fmt.Sprint(r.Job.Settings)
	if want := "map[epochs:12 image_shape:3,32,32 mini_batch_size:3 num_classes:2 num_training_samples:8]"; settings != want {
		t.Errorf("the settings are %s, want %s", settings, want)
	}
	f, err := os.Open(filepath.Join(dir, r.Curve))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"model.tar.gz", "model.onnx", "labels.txt", "evaluation.json"} {
		if _, err := os.Stat(filepath.Join(dir, "home", name)); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(agreed, "$0.74 at most") || !strings.Contains(agreed, "s3:GetObject") {
		t.Errorf("what was agreed to:\n%s", agreed)
	}
}

// TestTrainShows compares what people see, and reads a job's end again with follow.
func TestTrainShows(t *testing.T) {
	g := newTrainingGround(t, "test")
	c := g.scones(t, "--data", "s3://pictures/vehicles", "--yes", "--poll", "1ms", "--epochs", "3", "--set", "mini_batch_size=3", "--out", "home")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, &stderr)
	}
	for _, want := range []string{"EPOCH     TRAIN  VALIDATION", "accuracy by epoch: training ·, validation ─", "flattered, these pictures chose the epoch", "next   scones deploy --artifact s3://pictures/vehicles/models/"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	again := g.scones(t, "follow", g.onlyJob(t), "--poll", "1ms", "--out", "home")
	followed, err := again.Output()
	if err != nil || string(followed) != string(out) {
		t.Errorf("following a job that is over: %v\n%s\nwant\n%s", err, followed, out)
	}
}

// TestTrainInterrupted ends the command while the job runs: the job goes on, and is stopped by the other command.
func TestTrainInterrupted(t *testing.T) {
	g := newTrainingGround(t, "test")
	c := g.scones(t, "--data", "s3://pictures/vehicles", "--yes", "--poll", "1h", "--set", "mini_batch_size=3")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	described := func() bool {
		calls := g.Calls()
		for _, call := range calls {
			if call.Operation == "logs:DescribeLogStreams" {
				return true
			}
		}
		return false
	}
	for !described() {
		if ctx.Err() != nil {
			t.Fatalf("the job was not begun\n%s", &stderr)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitInterrupted {
		t.Errorf("after Ctrl-C: %v", err)
	}
	name := g.onlyJob(t)
	if want := name + " goes on; scones train follow " + name + " brings it home, scones train stop " + name + " ends it"; !strings.Contains(stderr.String(), want) {
		t.Errorf("%q is not in\n%s", want, &stderr)
	}
	for _, call := range g.Calls() {
		if call.Operation == "sagemaker:StopTrainingJob" {
			t.Error("Ctrl-C stopped the job")
		}
	}
	if out, err := g.scones(t, "stop", name).CombinedOutput(); err != nil || !strings.Contains(string(out), name+" stops") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := g.scones(t, "follow", name, "--poll", "1ms").CombinedOutput()
	if err == nil && !strings.Contains(string(out), "the job was stopped") {
		t.Errorf("following what was stopped: %v\n%s", err, out)
	}
}
