package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime"

	"github.com/scones-unlimited/scones/infer/capture"
)

// MaxPayload is what an endpoint takes, in bytes: 6 MiB (the limit of Body in the service's API model). Serverless endpoints take 4 MB.
const MaxPayload = 6 << 20

// The defaults of [EndpointOptions]. A container has 60 seconds to answer.
const (
	DefaultTimeout  = 65 * time.Second
	DefaultAttempts = 4
)

// EndpointOptions say how an endpoint is called. The zero value is a good choice.
type EndpointOptions struct {
	// Variant is the production variant to ask; empty leaves it to the endpoint.
	Variant string
	// ContentType of the pictures; empty means image/png, image/jpeg or application/x-image by their first bytes.
	ContentType string
	// MaxPayload in bytes; larger pictures are not sent. Zero means [MaxPayload].
	MaxPayload int64
	// Timeout of each attempt; zero means [DefaultTimeout].
	Timeout time.Duration
	// Attempts for each picture, the first one included; zero means [DefaultAttempts].
	Attempts int
}

// invoker is the one operation of the SDK that an Endpoint uses.
type invoker interface {
	InvokeEndpoint(context.Context, *sagemakerruntime.InvokeEndpointInput, ...func(*sagemakerruntime.Options)) (*sagemakerruntime.InvokeEndpointOutput, error)
}

// An Endpoint is a real-time endpoint of SageMaker that classifies pictures. It is safe for concurrent use.
type Endpoint struct {
	name   string
	client invoker
	o      EndpointOptions
}

// NewEndpoint makes no call; whether the endpoint exists, the first picture shows.
func NewEndpoint(c *Config, name string, o EndpointOptions) *Endpoint {
	if o.MaxPayload <= 0 {
		o.MaxPayload = MaxPayload
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Attempts <= 0 {
		o.Attempts = DefaultAttempts
	}
	client := sagemakerruntime.NewFromConfig(c.sdk, func(options *sagemakerruntime.Options) {
		options.Retryer = newRetryer(o.Attempts)
		options.HTTPClient = &boundedClient{awshttp.NewBuildableClient().WithTimeout(o.Timeout)}
	})
	return &Endpoint{name, client, o}
}

// Classify sends one picture and returns the endpoint's scores in class order. It tries again where the error is one that passes, no
// sooner than the service's Retry-After asks. Errors are [*EndpointError], or ctx's.
func (e *Endpoint) Classify(ctx context.Context, image []byte) ([]float32, error) {
	if int64(len(image)) > e.o.MaxPayload {
		return nil, &EndpointError{Endpoint: e.name, Code: codeTooLarge, Err: fmt.Errorf("the picture has %d bytes, the endpoint takes %d; it was not sent", len(image), e.o.MaxPayload)}
	}
	contentType := e.o.ContentType
	if contentType == "" {
		contentType = capture.PictureType(image)
	}
	in := &sagemakerruntime.InvokeEndpointInput{
		EndpointName: &e.name, Body: image, ContentType: &contentType, Accept: awssdk.String("application/json"),
	}
	if e.o.Variant != "" {
		in.TargetVariant = &e.o.Variant
	}
	out, err := e.client.InvokeEndpoint(ctx, in)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, translate(e.name, err)
	}
	scores, err := capture.ParseScores(awssdk.ToString(out.ContentType), out.Body)
	if err != nil {
		return nil, &EndpointError{Endpoint: e.name, Code: codeAnswer, Err: err}
	}
	return scores, nil
}

// An EndpointError says why an endpoint gave no answer for a picture.
type EndpointError struct {
	Endpoint string
	// Code is a stable word: refused, failed, unavailable, denied, payload-too-big or not-scores.
	Code string
	// Status is the container's, or the service's where the container was not asked; 0 when nobody answered.
	Status int
	// Type is the service's name of the error, such as ModelError; empty when nobody answered.
	Type string
	Err  error
	hint string
}

// The codes.
const (
	codeRefused     = "refused"         // the container says that the picture is bad
	codeFailed      = "failed"          // the container broke on it
	codeUnavailable = "unavailable"     // throttled, not ready, or not to be reached, however often it was asked
	codeDenied      = "denied"          // no such endpoint, or no right to call it
	codeTooLarge    = "payload-too-big" // larger than the endpoint takes
	codeAnswer      = "not-scores"      // an answer that is no list of numbers
)

// Error gives endpoint and cause.
func (e *EndpointError) Error() string { return fmt.Sprintf("endpoint %q: %v", e.Endpoint, e.Err) }

// Unwrap returns the cause.
func (e *EndpointError) Unwrap() error { return e.Err }

// ErrorCode returns the code.
func (e *EndpointError) ErrorCode() string { return e.Code }

// Fatal tells that every other picture would meet it too.
func (e *EndpointError) Fatal() bool { return e.Code == codeDenied }

// Hint says what the user can do; it may be empty.
func (e *EndpointError) Hint() string { return e.hint }

// errTooMuch is returned for an answer beyond maxAnswer.
var errTooMuch = errors.New("the answer is too long")
