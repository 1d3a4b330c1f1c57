package transform_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/transform"
)

// A world is a cloud with an endpoint "scones-prod", and pictures in s3://data/in.
type world struct {
	cloud  *awstest.Server
	config *aws.Config
	s3     *s3.Client
}

func newWorld(t *testing.T, classify func(picture []byte) ([]byte, error)) *world {
	t.Helper()
	cloud := awstest.New(t, awstest.Options{PageSize: 2, Classify: func(_ awstest.Container, picture []byte) ([]byte, error) { return classify(picture) }})
	cloud.Setenv(t)
	config, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{cloud, config, s3.NewFromConfig(config.SDK())}
	for _, bucket := range []string{"data", "results"} {
		must(t, w.s3.CreateBucket, &s3.CreateBucketInput{Bucket: &bucket})
	}
	roles, control := iam.NewFromConfig(config.SDK()), sagemaker.NewFromConfig(config.SDK())
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	wide := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","logs:*","ecr:*"],"Resource":"*"}]}`
	role := must(t, roles.CreateRole, &iam.CreateRoleInput{RoleName: new("host"), AssumeRolePolicyDocument: &trust})
	must(t, roles.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("host"), PolicyName: new("p"), PolicyDocument: &wide})
	for _, model := range []string{"model-1", "model-2"} {
		must(t, control.CreateModel, &sagemaker.CreateModelInput{ModelName: &model, ExecutionRoleArn: role.Role.Arn, PrimaryContainer: &types.ContainerDefinition{Image: new("811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1")}})
	}
	must(t, control.CreateEndpointConfig, &sagemaker.CreateEndpointConfigInput{EndpointConfigName: new("c"), ProductionVariants: []types.ProductionVariant{
		{VariantName: new("Old"), ModelName: new("model-2"), InstanceType: types.ProductionVariantInstanceTypeMlM5Large, InitialInstanceCount: new(int32(1)), InitialVariantWeight: new(float32(1))},
		{VariantName: new("AllTraffic"), ModelName: new("model-1"), InstanceType: types.ProductionVariantInstanceTypeMlM5Xlarge, InitialInstanceCount: new(int32(1)), InitialVariantWeight: new(float32(9))},
	}})
	must(t, control.CreateEndpoint, &sagemaker.CreateEndpointInput{EndpointName: new("scones-prod"), EndpointConfigName: new("c")})
	return w
}

func must[In, Out, O any](t *testing.T, operation func(context.Context, *In, ...func(O)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := operation(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) put(t *testing.T, key, text string) {
	t.Helper()
	must(t, w.s3.PutObject, &s3.PutObjectInput{Bucket: new("data"), Key: &key, Body: strings.NewReader(text)})
}

func (w *world) open(t *testing.T, o transform.Options) *transform.Batch {
	t.Helper()
	b, err := transform.Open(t.Context(), w.config, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// finish starts a job and waits for its end.
func finish(t *testing.T, b *transform.Batch) (string, *transform.Progress) {
	t.Helper()
	job, err := b.Start(t.Context(), transform.Job{Instance: "ml.m5.xlarge", Instances: 2})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Watch(t.Context(), job, time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	return job, p
}

// answers as text, by name.
func answers(t *testing.T, b *transform.Batch, job string) []string {
	t.Helper()
	var all []string
	reasons := b.Reasons(t.Context(), job)
	for a, err := range b.Answers(t.Context(), reasons, "the job left no answer") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(a.Name, " ", a.Scores, " ", a.Err))
	}
	return all
}

// TestBatch: a job answers for what it can, the rest are errors with what the log says, and another job asks for those alone.
func TestBatch(t *testing.T) {
	healed := false
	asked := map[string]int{}
	w := newWorld(t, func(picture []byte) ([]byte, error) {
		asked[string(picture)]++
		switch {
		case string(picture) == "bad" && !healed:
			return nil, errors.New("the content is no picture")
		case string(picture) == "odd":
			return []byte(`{"hello":1}`), nil
		}
		return []byte("[0.25, 0.75]"), nil
	})
	for key, text := range map[string]string{"in/a.png": "a", "in/sub/b c.png": "b", "in/bad.png": "bad", "in/odd.png": "odd", "in/notes.txt": "no", "other/x.png": "x"} {
		w.put(t, key, text)
	}
	model, instance, err := transform.Deployed(t.Context(), w.config, "scones-prod")
	if err != nil || model != "model-1" || instance != "ml.m5.xlarge" {
		t.Fatalf("the endpoint serves %q on %q: %v", model, instance, err)
	}
	o := transform.Options{In: "s3://data/in", Out: "s3://results/out", Model: model, Name: "scones-prod", IsPicture: func(key string) bool { return strings.HasSuffix(key, ".png") }}
	b := w.open(t, o)
	if len(b.Pictures) != 4 || b.Skipped != 1 || len(b.Waiting()) != 4 {
		t.Fatalf("%d pictures, %d skipped, %d waiting", len(b.Pictures), b.Skipped, len(b.Waiting()))
	}
	job, p := finish(t, b)
	if p.Status != "Failed" || p.Answered != 3 || p.Instances != 2 || p.InstanceHours() <= 0 {
		t.Errorf("%+v, %v instance hours", p, p.InstanceHours())
	}
	want := []string{
		"s3://data/in/a.png [0.25 0.75] <nil>", "s3://data/in/bad.png [] ClientError: the content is no picture",
		"s3://data/in/odd.png [] the answer is an object without any of prediction, predictions, probabilities, scores, outputs, inferences",
		"s3://data/in/sub/b c.png [0.25 0.75] <nil>",
	}
	if diff := cmp.Diff(want, answers(t, b, job)); diff != "" {
		t.Error(diff)
	}

	healed = true
	w.put(t, "in/a.png", "a changed") // newer than its answer
	b = w.open(t, o)
	if n := len(b.Waiting()); n != 2 {
		t.Errorf("%d pictures wait for another job, want 2", n)
	}
	job, p = finish(t, b)
	if p.Status != "Completed" || p.Answered != 4 {
		t.Errorf("%+v", p)
	}
	want[1] = "s3://data/in/bad.png [0.25 0.75] <nil>"
	if diff := cmp.Diff(want, answers(t, b, job)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "a changed": 1, "b": 1, "bad": 2, "odd": 1}, asked); diff != "" {
		t.Errorf("what was asked for: %s", diff)
	}
	if _, err := b.Start(t.Context(), transform.Job{Instance: "ml.m5.xlarge", Instances: 1}); err == nil {
		t.Error("a job of nothing is started")
	}

	o.Model = "model-2"
	if _, err := transform.Open(t.Context(), w.config, o); !errors.Is(err, transform.ErrOtherBatch) {
		t.Errorf("another model's answers are taken: %v", err)
	}
	o.Overwrite = true
	if n := len(w.open(t, o).Waiting()); n != 4 {
		t.Errorf("%d pictures wait, want 4", n)
	}
}

// TestAttachAndStop: a job that runs is found again, and stopped.
func TestAttachAndStop(t *testing.T) {
	w := newWorld(t, func([]byte) ([]byte, error) { return []byte("[1, 0]"), nil })
	w.put(t, "in/a.png", "a")
	o := transform.Options{In: "s3://data/in/", Out: "s3://results/out/", Model: "model-1", Name: "a-name-that-is-much-longer-than-any-job-may-have"}
	b := w.open(t, o)
	if job, err := b.Running(t.Context()); job != "" || err != nil {
		t.Errorf("job %q runs: %v", job, err)
	}
	job, err := b.Start(t.Context(), transform.Job{Instance: "ml.m5.large", Instances: 1})
	if err != nil {
		t.Fatal(err)
	}
	if running, err := w.open(t, o).Running(t.Context()); running != job || err != nil {
		t.Errorf("job %q runs, want %q: %v", running, job, err)
	}
	o.In = "s3://data/other"
	if err := b.Stop(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	p, err := b.Watch(t.Context(), job, time.Millisecond, nil)
	if err != nil || p.Status != "Stopped" || p.Answered != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhatCannotBeABatch(t *testing.T) {
	w := newWorld(t, func([]byte) ([]byte, error) { return []byte("[1, 0]"), nil })
	w.put(t, "in/a.png", "a")
	for name, c := range map[string]struct {
		o    transform.Options
		want string
	}{
		"no pictures":   {transform.Options{In: "s3://data/none", Out: "s3://results/out"}, "there are no pictures"},
		"no bucket":     {transform.Options{In: "s3://nobody/in", Out: "s3://results/out"}, "NoSuchBucket"},
		"no URI":        {transform.Options{In: "data", Out: "s3://results/out"}, "is no s3://BUCKET/PREFIX"},
		"among them":    {transform.Options{In: "s3://data/in", Out: "s3://data/in/out"}, "would lie among the pictures"},
		"below nothing": {transform.Options{In: "s3://data", Out: "s3://data/out"}, "would lie among the pictures"},
	} {
		if _, err := transform.Open(t.Context(), w.config, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, _, err := transform.Deployed(t.Context(), w.config, "nobody"); err == nil {
		t.Error("an endpoint that is not there is found")
	}
	b := w.open(t, transform.Options{In: "s3://data/in", Out: "s3://results/out", Model: "nobody", Name: "x"})
	if _, err := b.Start(t.Context(), transform.Job{Instance: "ml.m5.large", Instances: 1}); err == nil {
		t.Error("a model that is not there is run")
	}
}

// TestLimits: payload times requests is at most 100 MiB, and the payload holds the largest picture.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		largest  int64
		instance string
		want     transform.Limit
	}{
		{2500, "ml.m5.large", transform.Limit{PayloadMB: 1, Concurrent: 4}}, {1 << 20, "ml.m5.xlarge", transform.Limit{PayloadMB: 1, Concurrent: 8}},
		{1<<20 + 1, "ml.m5.24xlarge", transform.Limit{PayloadMB: 2, Concurrent: 50}}, {30 << 20, "ml.m5.2xlarge", transform.Limit{PayloadMB: 30, Concurrent: 3}},
		{100 << 20, "ml.c5.xlarge", transform.Limit{PayloadMB: 100, Concurrent: 1}}, {0, "ml.new.metal", transform.Limit{PayloadMB: 1, Concurrent: 4}},
	} {
		got := transform.LimitFor(c.largest, c.instance)
		if got != c.want || got.PayloadMB*got.Concurrent > transform.MaxPayloadMB {
			t.Errorf("%d bytes on %s: %+v, want %+v", c.largest, c.instance, got, c.want)
		}
	}
}
