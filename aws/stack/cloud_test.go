package stack_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// quick looks as often as it can; the cloud's clock moves with each look.
var quick = plan.ApplyOptions{Pause: time.Microsecond}

// inCloud is an account in a cloud of the test's own process, with an artifact in it.
func inCloud(t *testing.T, o awstest.Options) (*awstest.Server, *stack.Account, stack.EndpointOptions) {
	t.Helper()
	return inCloudTrying(t, "1", o) // what goes wrong goes wrong
}

func inCloudTrying(t *testing.T, attempts string, o awstest.Options) (*awstest.Server, *stack.Account, stack.EndpointOptions) {
	t.Helper()
	cloud := awstest.New(t, o)
	cloud.Setenv(t)
	t.Setenv("AWS_MAX_ATTEMPTS", attempts)
	return cloud, here(t), bikes(t)
}

// bikes is an endpoint.
func bikes(t *testing.T) stack.EndpointOptions {
	t.Helper()
	file, err := stack.Pack(t.TempDir()+"/model.tar.gz", []stack.Packed{{Name: "model.onnx", Data: []byte("old")}})
	if err != nil {
		t.Fatal(err)
	}
	return stack.EndpointOptions{
		Name: "bikes", Image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/scones:1", Repository: "arn:aws:ecr:us-east-1:123456789012:repository/scones",
		Upload: &file, Compute: stack.Compute{Instance: "ml.m5.large", Count: 2}, CapturePercent: 100,
	}
}

// other is o with another model, and a canary.
func other(t *testing.T, o stack.EndpointOptions) stack.EndpointOptions {
	t.Helper()
	file, err := stack.Pack(t.TempDir()+"/model.tar.gz", []stack.Packed{{Name: "model.onnx", Data: []byte("new")}})
	if err != nil {
		t.Fatal(err)
	}
	o.Upload = &file
	o.Shift = stack.Shift{Percent: 50, Wait: 5 * time.Minute}
	o.Scale = &stack.Scale{Min: 2, Max: 4, Target: 100}
	return o
}

func destroy(t *testing.T, a *stack.Account, name string, data bool) error {
	t.Helper()
	p, err := plan.MakeDestroy(t.Context(), plan.DestroyOptions{Name: name, Finders: a.Finders(), Data: data})
	if err != nil {
		return err
	}
	if err := p.Apply(t.Context(), quick); err != nil {
		return err
	}
	_, err = p.Prove(t.Context(), quick)
	return err
}

// kinds counts what exists.
func kinds(t *testing.T, a *stack.Account) map[plan.Kind]int {
	t.Helper()
	existing, err := plan.Survey(t.Context(), a.Finders(), "")
	if err != nil {
		t.Fatal(err)
	}
	n := map[plan.Kind]int{}
	for _, e := range existing {
		n[e.Kind]++
	}
	return n
}

// TestUpdateWithoutDowntime replaces a model by a canary, with lists in pages and roles that nobody knows for a while.
func TestUpdateWithoutDowntime(t *testing.T) {
	_, a, o := inCloud(t, awstest.Options{PageSize: 1, Lag: 20 * time.Second})
	if err := apply(t, a, o); err != nil {
		t.Fatal(err)
	}
	if p := planOf(t, a, o); !p.Empty() {
		t.Fatalf("a plan after apply is not empty: %+v", p.Document())
	}
	o = other(t, o)
	if err := apply(t, a, o); err != nil {
		t.Fatal(err)
	}
	if p := planOf(t, a, o); !p.Empty() {
		t.Fatal("a plan after the update is not empty")
	}
	if n := kinds(t, a); n[plan.Model] != 1 || n[plan.EndpointConfig] != 1 || n[plan.Role] != 1 || n[plan.Object] != 1 || n[plan.Alarm] != 2 || n[plan.ScalingPolicy] != 1 {
		t.Errorf("there is %v", n)
	}
	if err := destroy(t, a, o.Name, true); err != nil || len(kinds(t, a)) > 0 {
		t.Errorf("%v, left %v", err, kinds(t, a))
	}
}

// TestRollback lets the new container fail while it is watched.
func TestRollback(t *testing.T) {
	failing := "none" // the hash of the model whose container breaks
	_, a, o := inCloud(t, awstest.Options{Classify: func(c awstest.Container, _ []byte) ([]byte, error) {
		if strings.Contains(c.ModelDataURL, failing) {
			return nil, &awstest.ContainerError{Status: 500, Message: "broken"}
		}
		return []byte("[0.9, 0.1]"), nil
	}})
	if err := apply(t, a, o); err != nil {
		t.Fatal(err)
	}
	old := planOf(t, a, o)
	newer := other(t, o)
	failing = newer.Upload.SHA256[:16]
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := aws.NewEndpoint(c, o.Name, aws.EndpointOptions{Attempts: 1})
	resources, err := a.EndpointStack(newer)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Make(t.Context(), plan.Options{Name: o.Name, Want: resources, Stacks: stack.EndpointStacks, Finders: a.Finders()})
	if err != nil {
		t.Fatal(err)
	}
	var watched []string
	err = p.Apply(t.Context(), plan.ApplyOptions{Pause: time.Microsecond, Report: func(e plan.Event) {
		if e.Kind == plan.Endpoint && e.Detail != "" {
			if n := len(watched); n == 0 || watched[n-1] != e.Detail {
				watched = append(watched, e.Detail)
			}
			if strings.Contains(e.Detail, "50 % of the traffic on the new fleet") {
				_, _ = endpoint.Classify(t.Context(), []byte("picture")) // the alarm sees what becomes of it
			}
		}
	}})
	back, ok := errors.AsType[*stack.RollbackError](err)
	if !ok || !slices.ContainsFunc(back.Alarms, func(s string) bool { return strings.HasPrefix(s, "bikes-5xx") }) {
		t.Fatalf("got %v, watched %q", err, watched)
	}
	if !slices.ContainsFunc(watched, func(s string) bool { return strings.Contains(s, "50 % of the traffic on the new fleet") }) {
		t.Errorf("watched %q", watched)
	}
	// The command from before takes the leftovers away, and touches nothing else.
	if err := apply(t, a, o); err != nil {
		t.Fatal(err)
	}
	if now := planOf(t, a, o); !now.Empty() || now.Fingerprint() != old.Fingerprint() {
		t.Errorf("afterwards %+v", now.Document())
	}
}

// TestLostAnswers loses the answer to every creation once, and lets the SDK ask again: what is there already is ours.
func TestLostAnswers(t *testing.T) {
	for _, operation := range []string{"iam:CreateRole", "logs:CreateLogGroup", "sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint"} {
		t.Run(operation, func(t *testing.T) {
			cloud, a, o := inCloudTrying(t, "2", awstest.Options{})
			cloud.Inject(awstest.Fault{Operation: operation, Effect: awstest.CutAfter})
			if err := apply(t, a, o); err != nil {
				t.Fatal(err)
			}
			if p := planOf(t, a, o); !p.Empty() {
				t.Errorf("afterwards %+v", p.Document())
			}
		})
	}
}
