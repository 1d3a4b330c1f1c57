package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/scones-unlimited/scones/aws/workflow"
)

// getter is the one operation of the SDK that a Store uses.
type getter interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// A Store reads objects from S3 for workflows. It is safe for concurrent use.
type Store struct{ client getter }

// NewStore makes no call.
func NewStore(c *Config) *Store { return &Store{s3.NewFromConfig(c.sdk)} }

// Get returns an object's bytes, at most limit of them, and the reference with the version and ETag that were read. Errors are
// [*workflow.Error]; ctx bounds the call, and [readTime] does.
func (s *Store) Get(ctx context.Context, object workflow.Reference, limit int64) ([]byte, workflow.Reference, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	in := &s3.GetObjectInput{Bucket: &object.Bucket, Key: &object.Key}
	if object.Version != "" {
		in.VersionId = &object.Version
	}
	if object.ETag != "" {
		in.IfMatch = &object.ETag
	}
	out, err := s.client.GetObject(ctx, in)
	if err != nil {
		return nil, object, storeError(object, err)
	}
	defer out.Body.Close()
	if size := awssdk.ToInt64(out.ContentLength); size > limit {
		return nil, object, tooLarge(object, limit)
	}
	data, err := io.ReadAll(io.LimitReader(out.Body, limit+1))
	if err != nil {
		return nil, object, storeError(object, err)
	}
	if int64(len(data)) > limit {
		return nil, object, tooLarge(object, limit)
	}
	object.Version, object.ETag = awssdk.ToString(out.VersionId), awssdk.ToString(out.ETag)
	return data, object, nil
}

func tooLarge(object workflow.Reference, limit int64) error {
	return &workflow.Error{Name: workflow.ImageTooLarge, Err: fmt.Errorf("s3://%s/%s has more than %d bytes, the limit", object.Bucket, object.Key, limit)}
}

// storeError names what S3 said. A key that is not there answers 403 where the caller may not list the bucket.
func storeError(object workflow.Reference, err error) error {
	name, why := workflow.StoreUnavailable, err
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		switch response.HTTPStatusCode() {
		case http.StatusNotFound:
			name, why = workflow.ObjectNotFound, errors.New("there is no such object")
		case http.StatusPreconditionFailed:
			name, why = workflow.ObjectNotFound, errors.New("it has changed since it was serialized")
		case http.StatusForbidden, http.StatusUnauthorized:
			name, why = workflow.ObjectDenied, errors.New("it may not be read, or it is not there and the bucket may not be listed")
		case http.StatusMovedPermanently, http.StatusBadRequest:
			name = workflow.ObjectDenied
		}
	}
	return &workflow.Error{Name: name, Err: fmt.Errorf("read s3://%s/%s: %w", object.Bucket, object.Key, why)}
}
