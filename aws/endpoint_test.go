package aws_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
)

// fakeAWS answers for every service in this process: with each of the handlers in turn, with the last one from then on. Only the
// environment tells the production code where it is.
func fakeAWS(t *testing.T, handlers ...http.HandlerFunc) (*aws.Config, *atomic.Int32) {
	t.Helper()
	calls := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(calls.Add(1)), len(handlers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": t.TempDir() + "/none", "AWS_SHARED_CREDENTIALS_FILE": t.TempDir() + "/none", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c, calls
}

// fails answers as the service does: the type in a header, the rest as JSON.
func fails(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		if kind != "" {
			w.Header().Set("X-Amzn-ErrorType", kind)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func answers(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Invoked-Production-Variant", "AllTraffic")
		fmt.Fprint(w, body)
	}
}

func TestEndpointOnTheWire(t *testing.T) {
	var got []string
	var body []byte
	c, _ := fakeAWS(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		signed := strings.Contains(r.Header.Get("Authorization"), "/us-east-1/sagemaker/aws4_request")
		got = append(got, r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("X-Amzn-Sagemaker-Target-Variant"), fmt.Sprint(signed))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "[0.9388836622238159, ")
		w.(http.Flusher).Flush() // chunked
		fmt.Fprint(w, "0.061116307973861694]")
	})
	e := aws.NewEndpoint(c, "scones", aws.EndpointOptions{Variant: "blue"})
	scores, err := e.Classify(t.Context(), []byte("\xff\xd8\xff\xe0 picture"))
	if diff := cmp.Diff([]float32{0.93888366, 0.061116308}, scores); diff != "" || err != nil {
		t.Errorf("Classify: %v %s", err, diff)
	}
	want := []string{"POST", "/endpoints/scones/invocations", "image/jpeg", "application/json", "blue", "true"}
	if diff := cmp.Diff(want, got); diff != "" || string(body) != "\xff\xd8\xff\xe0 picture" {
		t.Errorf("%s body %q", diff, body)
	}
}

func TestEndpointErrors(t *testing.T) {
	modelError := func(status int, message string) http.HandlerFunc {
		return fails(424, "ModelError:http://internal.amazon.com/coral/com.amazonaws.sagemaker/", fmt.Sprintf(
			`{"Message":"Received error (%d) from primary","OriginalStatusCode":%d,"OriginalMessage":%q,"LogStreamArn":"arn:x"}`, status, status, message))
	}
	type want struct {
		code, kind string
		status     int
		calls      int32
		fatal      bool
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    want
		text    string
	}{
		"bad picture":      {modelError(400, "unable to\tdecode"), want{"refused", "ModelError", 400, 1, false}, `endpoint "scones": the container answered 400: unable to decode`},
		"broken container": {modelError(500, "oops"), want{"failed", "ModelError", 500, 1, false}, ""},
		"busy container":   {modelError(503, "busy"), want{"unavailable", "ModelError", 503, 3, false}, ""},
		"no such endpoint": {fails(400, "ValidationError", `{"message":"Endpoint scones of account 123456789012 not found."}`), want{"denied", "ValidationError", 400, 1, true},
			`endpoint "scones": ValidationError: Endpoint scones of account 123456789012 not found.`},
		"no right":            {fails(403, "AccessDeniedException", `{"Message":"not authorized"}`), want{"denied", "AccessDeniedException", 403, 1, true}, ""},
		"throttled":           {fails(400, "ThrottlingException", `{"message":"Rate exceeded"}`), want{"unavailable", "ThrottlingException", 400, 3, false}, ""},
		"not ready":           {fails(429, "ModelNotReadyException", `{"Message":"loading"}`), want{"unavailable", "ModelNotReadyException", 429, 3, false}, ""},
		"service unavailable": {fails(503, "ServiceUnavailable", `{"Message":"later"}`), want{"unavailable", "ServiceUnavailable", 503, 3, false}, ""},
		"internal failure":    {fails(500, "InternalFailure", `{"Message":"sorry"}`), want{"unavailable", "InternalFailure", 500, 3, false}, ""},
		"internal dependency": {fails(530, "InternalDependencyException", `{"Message":"sorry"}`), want{"unavailable", "InternalDependencyException", 530, 3, false}, ""},
		"too large":           {fails(413, "RequestEntityTooLarge", `{"message":"too large"}`), want{"payload-too-big", "RequestEntityTooLarge", 413, 1, false}, ""},
		"no scores":           {answers(`{"message":"hello"}`), want{"not-scores", "", 0, 1, false}, ""},
		"endless":             {answers(strings.Repeat(" ", 33<<20)), want{"not-scores", "", 200, 1, false}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, calls := fakeAWS(t, c.handler)
			_, err := aws.NewEndpoint(cfg, "scones", aws.EndpointOptions{Attempts: 3}).Classify(t.Context(), []byte("x"))
			e, ok := errors.AsType[*aws.EndpointError](err)
			if !ok {
				t.Fatalf("%v (%T), want an EndpointError", err, err)
			}
			if got := (want{e.Code, e.Type, e.Status, calls.Load(), e.Fatal()}); got != c.want {
				t.Errorf("%+v, want %+v: %v", got, c.want, err)
			}
			if c.text != "" && err.Error() != c.text {
				t.Errorf("message %q, want %q", err, c.text)
			}
		})
	}
}

// TestEndpointRetryAfter sees that a wait which the service asks for is kept, and that one which is too long is not waited for.
func TestEndpointRetryAfter(t *testing.T) {
	busy := func(after string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", after)
			fails(503, "ServiceUnavailable", `{"Message":"later"}`)(w, r)
		}
	}
	c, calls := fakeAWS(t, busy("2"), answers("[1]"))
	start := time.Now()
	scores, err := aws.NewEndpoint(c, "scones", aws.EndpointOptions{}).Classify(t.Context(), []byte("x"))
	if err != nil || len(scores) != 1 || calls.Load() != 2 || time.Since(start) < 2*time.Second {
		t.Errorf("%v, %v after %d calls and %v; want an answer to the second call, no sooner than 2 s", scores, err, calls.Load(), time.Since(start))
	}
	c, calls = fakeAWS(t, busy("3600"))
	if _, err := aws.NewEndpoint(c, "scones", aws.EndpointOptions{}).Classify(t.Context(), []byte("x")); err == nil || calls.Load() != 1 {
		t.Errorf("%v after %d calls, want an error after 1", err, calls.Load())
	}
}

func TestEndpointSendsNothingThatIsTooLarge(t *testing.T) {
	c, calls := fakeAWS(t, answers("[1]"))
	_, err := aws.NewEndpoint(c, "scones", aws.EndpointOptions{}).Classify(t.Context(), make([]byte, aws.MaxPayload+1))
	if e, ok := errors.AsType[*aws.EndpointError](err); !ok || e.Code != "payload-too-big" || calls.Load() != 0 {
		t.Errorf("%v after %d calls, want payload-too-big after none", err, calls.Load())
	}
}

func TestEndpointDeadlines(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	c, calls := fakeAWS(t, hang)
	_, err := aws.NewEndpoint(c, "scones", aws.EndpointOptions{Timeout: 200 * time.Millisecond, Attempts: 2}).Classify(t.Context(), []byte("x"))
	if e, ok := errors.AsType[*aws.EndpointError](err); !ok || e.Code != "unavailable" || calls.Load() != 2 {
		t.Errorf("%v after %d calls, want unavailable after 2", err, calls.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := aws.NewEndpoint(c, "scones", aws.EndpointOptions{}).Classify(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, want context.Canceled", err)
	}
}

func TestConfigSaysWhatIsMissing(t *testing.T) {
	_, _ = fakeAWS(t, answers(""))
	for name, unset := range map[string]string{"a region": "AWS_REGION", "credentials": "AWS_ACCESS_KEY_ID"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(unset, "")
			_, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
			hinted, ok := errors.AsType[interface {
				error
				Hint() string
			}](err)
			if !errors.Is(err, aws.ErrConfig) || !ok || hinted.Hint() == "" {
				t.Errorf("%v, want ErrConfig with a hint", err)
			}
		})
	}
}
