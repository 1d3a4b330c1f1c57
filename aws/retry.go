package aws

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// mostWait is the longest Retry-After that is obeyed; one that asks for more ends the attempts.
const mostWait = 60 * time.Second

// retryer is the SDK's standard one with two changes: it obeys Retry-After, and knows which of the runtime's errors pass.
type retryer struct{ *retry.Standard }

func newRetryer(attempts int) awssdk.Retryer {
	return &retryer{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = 5 * time.Second
		// The caller bounds what is under way; a budget over all calls would make one picture's luck another's.
		o.RateLimiter = ratelimit.None
	})}
}

// IsErrorRetryable tells an error that passes.
func (r *retryer) IsErrorRetryable(err error) bool {
	return retryable(err) && askedFor(err) <= mostWait
}

// RetryDelay is the standard one, or what the service asks for where that is longer.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay, delayErr := r.Standard.RetryDelay(attempt, err)
	return max(delay, askedFor(err)), delayErr
}

// standard decides on what this package knows nothing about: throttling by name, connections that broke.
var standard = retry.NewStandard()

// retryable tells whether another attempt may succeed. A container's own error comes as ModelError with the container's status.
func retryable(err error) bool {
	if errors.Is(err, errTooMuch) {
		return false
	}
	if broken, ok := errors.AsType[*types.ModelError](err); ok {
		return passing(int(awssdk.ToInt32(broken.OriginalStatusCode)))
	}
	if _, ok := errors.AsType[*types.ModelNotReadyException](err); ok {
		return true
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status := response.HTTPStatusCode()
		api, typed := errors.AsType[smithy.APIError](err)
		if passing(status) || status == 530 || status == http.StatusInternalServerError && typed && api.ErrorCode() != "UnknownError" {
			return true
		}
	}
	return standard.IsErrorRetryable(err)
}

// passing are statuses of a server that is busy, starting or gone for a moment.
func passing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// askedFor is the Retry-After of an answer, in seconds or as a date; zero without one.
func askedFor(err error) time.Duration {
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || response.Response == nil {
		return 0
	}
	text := response.Response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// maxAnswer bounds an answer, in bytes; the service's own limit is 6 MiB.
const maxAnswer = 32 << 20

// A boundedClient cuts answers off that are longer than maxAnswer, before the SDK reads them whole.
type boundedClient struct{ next sagemakerruntime.HTTPClient }

// Do makes the call.
func (c *boundedClient) Do(request *http.Request) (*http.Response, error) {
	response, err := c.next.Do(request)
	if err == nil {
		response.Body = &boundedBody{response.Body, maxAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.ReadCloser.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, errTooMuch
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
