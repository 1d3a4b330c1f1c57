// Command gosdk asks servers in several states with an unmodified AWS SDK for Go, and compares every answer and error. It is a module
// of its own, because the project's other modules need no SDK for this. Its arguments are the URLs as JSON, and a picture.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const secret = "a-secret-that-only-the-test-knows"

var urls map[string]string

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("all as they should be")
}

func client(state, key, secret string) *sagemakerruntime.Client {
	return sagemakerruntime.New(sagemakerruntime.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(urls[state]), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
	})
}

// A refusal is an error that a state must give.
type refusal struct {
	state    string
	change   func(*sagemakerruntime.InvokeEndpointInput)
	status   int
	want     error // its type counts; nil for an error that the SDK does not know
	code     string
	original int32
}

func run(text, file string) error {
	if err := json.Unmarshal([]byte(text), &urls); err != nil {
		return err
	}
	picture, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	input := func() *sagemakerruntime.InvokeEndpointInput {
		return &sagemakerruntime.InvokeEndpointInput{
			EndpointName: aws.String("scones"), Body: picture, ContentType: aws.String("image/png"), Accept: aws.String("application/json"),
			CustomAttributes: aws.String("trace=1"), InferenceId: aws.String("call-7"), TargetVariant: aws.String("AllTraffic"),
		}
	}
	for _, state := range []string{"good", "signed"} {
		out, err := client(state, "AKIDEXAMPLE", secret).InvokeEndpoint(context.Background(), input())
		if err != nil {
			return fmt.Errorf("%s: %w", state, err)
		}
		got := fmt.Sprint(string(out.Body), *out.ContentType, *out.InvokedProductionVariant, *out.CustomAttributes)
		if want := fmt.Sprint("[0.0, 1.0]", "application/json", "AllTraffic", "trace=1"); got != want {
			return fmt.Errorf("%s: got %s, want %s", state, got, want)
		}
	}
	for _, r := range []refusal{
		{"good", func(in *sagemakerruntime.InvokeEndpointInput) { in.Body = []byte("no picture") }, 424, &types.ModelError{}, "ModelError", 400},
		{"good", func(in *sagemakerruntime.InvokeEndpointInput) { in.Body = []byte{} }, 424, &types.ModelError{}, "ModelError", 400},
		{"good", func(in *sagemakerruntime.InvokeEndpointInput) { in.ContentType = aws.String("text/csv") }, 424, &types.ModelError{}, "ModelError", 400},
		{"good", func(in *sagemakerruntime.InvokeEndpointInput) { in.EndpointName = aws.String("other") }, 400, &types.ValidationError{}, "ValidationError", 0},
		{"good", func(in *sagemakerruntime.InvokeEndpointInput) { in.TargetModel = aws.String("other") }, 400, &types.ValidationError{}, "ValidationError", 0},
		{"good", func(in *sagemakerruntime.InvokeEndpointInput) { in.Body = make([]byte, 5000) }, 413, nil, "RequestEntityTooLargeException", 0},
		{"failing", nil, 424, &types.ModelError{}, "ModelError", 500},
		{"timeout", nil, 424, &types.ModelError{}, "ModelError", 0},
		{"loading", nil, 429, &types.ModelNotReadyException{}, "ModelNotReadyException", 0},
		{"full", nil, 503, &types.ServiceUnavailable{}, "ServiceUnavailable", 0},
		{"stopping", nil, 503, &types.ServiceUnavailable{}, "ServiceUnavailable", 0},
		{"internal", nil, 500, &types.InternalFailure{}, "InternalFailure", 0},
	} {
		in := input()
		if r.change != nil {
			r.change(in)
		}
		_, err := client(r.state, "AKIDEXAMPLE", secret).InvokeEndpoint(context.Background(), in)
		if err := r.compare(err); err != nil {
			return err
		}
	}
	for key, code := range map[string]string{"AKIDEXAMPLE": "InvalidSignatureException", "AKIDOTHER": "UnrecognizedClientException"} {
		_, err := client("signed", key, "another secret").InvokeEndpoint(context.Background(), input())
		if err := (&refusal{state: "signed", status: 403, code: code}).compare(err); err != nil {
			return err
		}
	}
	_, err = client("good", "AKIDEXAMPLE", secret).InvokeEndpointAsync(context.Background(),
		&sagemakerruntime.InvokeEndpointAsyncInput{EndpointName: aws.String("scones"), InputLocation: aws.String("s3://bucket/key")})
	return (&refusal{state: "good", status: 400, code: "ValidationError"}).compare(err)
}

// compare tells what of an error is not as it should be.
func (r *refusal) compare(err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	response, answered := errors.AsType[*smithyhttp.ResponseError](err)
	switch {
	case !ok || !answered:
		return fmt.Errorf("%s: %T %v, want %s", r.state, err, err, r.code)
	case api.ErrorCode() != r.code || response.HTTPStatusCode() != r.status || api.ErrorMessage() == "":
		return fmt.Errorf("%s: %d %s %q, want %d %s", r.state, response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage(), r.status, r.code)
	case r.want != nil && reflect.TypeOf(api) != reflect.TypeOf(r.want):
		return fmt.Errorf("%s: a %T, want a %T", r.state, api, r.want)
	}
	if m, ok := errors.AsType[*types.ModelError](err); ok {
		if *m.OriginalStatusCode != r.original || *m.OriginalMessage == "" || !strings.HasPrefix(*m.LogStreamArn, "arn:aws:logs:eu-west-1:") {
			return fmt.Errorf("%s: ModelError %d %q %q, want %d", r.state, *m.OriginalStatusCode, *m.OriginalMessage, *m.LogStreamArn, r.original)
		}
	}
	fmt.Printf("%s: %v\n", r.state, err)
	return nil
}
