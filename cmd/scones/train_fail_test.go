package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/train"
)

// begin makes a job and leaves it, and returns its name.
func (g *trainingGround) begin(t *testing.T, args ...string) string {
	t.Helper()
	c := g.scones(t, append([]string{"--data", "s3://pictures/vehicles", "--yes", "--detach", "--set", "mini_batch_size=3", "--epochs", "5"}, args...)...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// TestTrainFails follows jobs that end badly. Each says what to do next.
func TestTrainFails(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		change func(g *trainingGround, job string)
		fails  bool
		want   []string
	}{
		"algorithm": {nil, func(g *trainingGround, job string) {
			g.FailTraining(job, "AlgorithmError: Out of memory: cudaMalloc failed, exit code: 2")
		}, true,
			[]string{"failed: AlgorithmError: Out of memory", "hint: the GPU's memory is full"}},
		"capacity": {nil, func(g *trainingGround, job string) {
			g.FailTraining(job, "CapacityError: Unable to provision requested ML compute capacity.")
		}, true, []string{"CapacityError", "hint: AWS has no such machine free now, and charged nothing"}},
		"time is over": {[]string{"--max-runtime", "1m", "--epochs", "29"}, func(*trainingGround, string) {}, false,
			[]string{"the job was stopped when --max-runtime was over", "home/model.onnx"}},
		"spot machine goes": {[]string{"--spot"}, func(g *trainingGround, job string) {
			g.Advance(3 * time.Minute)
			g.InterruptTraining(job)
		}, false, []string{"Completed", "1 times taken off a spot machine", "home/model.onnx"}},
		"stopped at once": {nil, func(g *trainingGround, job string) {
			if out, err := g.scones(t, "stop", job).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		}, true, []string{"left no model", "hint: it was stopped before there was one"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newTrainingGround(t, "test")
			args := c.args
			job := g.begin(t, args...)
			c.change(g, job)
			out, err := g.scones(t, "follow", job, "--poll", "1ms", "--out", "home").CombinedOutput()
			if (err != nil) != c.fails {
				t.Errorf("the command ends with %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
}

// TestTrainRefused begins jobs that cannot be.
func TestTrainRefused(t *testing.T) {
	g := newTrainingGround(t, "test")
	g.SetQuota("ml.g4dn.xlarge", 0)
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"quota": {[]string{"--data", "s3://pictures/vehicles", "--yes", "--set", "mini_batch_size=3"},
			[]string{"ResourceLimitExceeded", `hint: the account may not run so many`, "Service Quotas"}},
		"no bucket":          {[]string{"--data", "s3://nowhere/vehicles", "--yes"}, []string{"NoSuchBucket"}},
		"no data":            {[]string{"--data", "s3://pictures/elsewhere", "--yes"}, []string{"s3://pictures/elsewhere/train/ is not there", "hint: scones stage writes"}},
		"no records":         {[]string{"--data", "s3://pictures/vehicles", "--records", "--yes"}, []string{"train.rec is not there"}},
		"batch":              {[]string{"--data", "s3://pictures/vehicles", "--yes"}, []string{"mini_batch_size=32 is more than the 8 training pictures"}},
		"labels":             {[]string{"--data", "s3://pictures/vehicles", "--yes", "--set", "mini_batch_size=3", "--labels", "bicycle"}, []string{"1 labels for 2 classes"}},
		"role":               {[]string{"--data", "s3://pictures/vehicles", "--yes", "--set", "mini_batch_size=3", "--instance", "ml.p3.2xlarge", "--role", "short"}, []string{`role "short" is no ARN`, "hint: such as arn:aws:iam::"}},
		"job not there":      {[]string{"follow", "gone"}, []string{"there is no such training job", "hint: aws sagemaker list-training-jobs"}},
		"nothing to stop":    {[]string{"stop", "gone"}, []string{"there is no such training job"}},
		"nobody to agree":    {[]string{"--data", "s3://pictures/vehicles"}, []string{"nobody is there to agree"}},
		"search's long name": {[]string{"--data", "s3://pictures/vehicles", "--yes", "--name", "a-very-long-name-indeed", "--tune", "momentum=0.1:0.9"}, []string{"a search's has 32 characters"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := g.scones(t, c.args...).CombinedOutput()
			if err == nil {
				t.Error("the command ends well")
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
	if job := g.onlyJob(t); job != "" {
		t.Errorf("the job %s was made", job)
	}
}

// TestTrainSearches tunes the learning rate and brings the best of the jobs home.
func TestTrainSearches(t *testing.T) {
	g := newTrainingGround(t, "validation")
	r, _, agreed := g.report(t, "--epochs", "4", "--tune", "learning_rate=1e-4:0.1", "--tune", "optimizer=sgd,nag", "--tune-jobs", "4")
	if r.Search == nil || len(r.Search.Trials) != 4 || r.Search.Best != r.Job.Name || r.Test == nil {
		t.Fatalf("the report is %+v", r)
	}
	for _, trial := range r.Search.Trials {
		if trial.State != "Completed" || trial.Settings["learning_rate"] == "" || trial.Settings["optimizer"] == "" || trial.Accuracy > bestOf(r.Search).Accuracy {
			t.Errorf("trial %+v", trial)
		}
	}
	if !strings.Contains(agreed, "$2.95 at most: $0.7364 an hour for 1h in each of 4 jobs") {
		t.Errorf("what was agreed to:\n%s", agreed)
	}
	shown, err := g.scones(t, "follow", r.Search.Name, "--poll", "1ms", "--out", "home").CombinedOutput()
	if err != nil || !strings.Contains(string(shown), "the best is "+r.Search.Best) || !strings.Contains(string(shown), "learning_rate=") {
		t.Errorf("%v\n%s", err, shown)
	}
}

func bestOf(s *train.Search) (best train.Trial) {
	for _, t := range s.Trials {
		if t.Job == s.Best {
			best = t
		}
	}
	return best
}

// TestTrainMoto makes a job where jobs are over at once and leave nothing, which is an error, and looks with other eyes at what was made.
func TestTrainMoto(t *testing.T) {
	moto := startMoto(t)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": moto.front.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
	} {
		t.Setenv(name, value)
	}
	stagedPictures(t, moto.front.URL, "test")
	c := (&trainingGround{}).scones(t, "--data", "s3://pictures/vehicles", "--yes", "--detach", "--set", "mini_batch_size=3", "--spot")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	job := strings.TrimSpace(string(out))
	described := moto.post(t, "/", "sagemaker", "SageMaker.DescribeTrainingJob", `{"TrainingJobName":"`+job+`"}`)
	settings, _ := described["HyperParameters"].(map[string]any)
	if settings["num_training_samples"] != "8" || settings["num_classes"] != "2" || settings["image_shape"] != "3,32,32" {
		t.Errorf("the job is %v", described)
	}
	if channels, _ := described["InputDataConfig"].([]any); len(channels) != 4 {
		t.Errorf("the channels are %v", described["InputDataConfig"])
	}
	said, err := (&trainingGround{}).scones(t, "follow", job, "--poll", "1ms").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "left no model below s3://pictures/vehicles/models") {
		t.Errorf("a job without a model: %v\n%s", err, said)
	}
}
