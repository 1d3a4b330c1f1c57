package aws

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// objectTime bounds a call for one object.
const objectTime = 2 * time.Minute

// Types of a [StoreError] that callers tell from others.
const (
	NoSuchKey    = "NoSuchKey"
	AccessDenied = "AccessDenied" // also for a key that is not there, where the caller may not list the bucket
	// PreconditionFailed and Conflict answer a conditional write that another was before.
	PreconditionFailed = "PreconditionFailed"
	Conflict           = "ConditionalRequestConflict"
)

// Objects reads and writes whole objects of S3, by addresses such as s3://bucket/key. It is safe for concurrent use.
type Objects struct{ client *s3.Client }

// NewObjects makes no call.
func NewObjects(c *Config) *Objects { return &Objects{s3.NewFromConfig(c.sdk)} }

// Get returns an object of at most limit bytes, and its ETag. Errors of the service are [*StoreError].
func (o *Objects) Get(ctx context.Context, uri string, limit int64) (data []byte, etag string, err error) {
	bucket, key, err := split(uri)
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, objectTime)
	defer cancel()
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, "", plain(err)
	}
	defer out.Body.Close()
	data, err = io.ReadAll(io.LimitReader(out.Body, limit+1))
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", uri, err)
	}
	if int64(len(data)) > limit {
		return nil, "", fmt.Errorf("%s has more than %d bytes, the limit", uri, limit)
	}
	return data, awssdk.ToString(out.ETag), nil
}

// A Condition must hold for a write to be done. The zero value always does.
type Condition struct {
	// ETag is that of the object that is there; None means that none may be there.
	ETag string
	None bool
}

// Put writes an object. A condition that does not hold is a [*StoreError] of type [PreconditionFailed] or [Conflict].
func (o *Objects) Put(ctx context.Context, uri string, data []byte, contentType string, when Condition) error {
	bucket, key, err := split(uri)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, objectTime)
	defer cancel()
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(data), ContentLength: awssdk.Int64(int64(len(data))), ContentType: &contentType}
	if when.ETag != "" {
		in.IfMatch = &when.ETag
	}
	if when.None {
		in.IfNoneMatch = awssdk.String("*")
	}
	_, err = o.client.PutObject(ctx, in)
	return plain(err)
}

// From opens an object from an offset on; no more than most bytes of it are asked for. Close the stream.
func (o *Objects) From(ctx context.Context, uri string, offset, most int64) (io.ReadCloser, error) {
	bucket, key, err := split(uri)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, objectTime)
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key, Range: awssdk.String(fmt.Sprintf("bytes=%d-%d", offset, offset+most-1))})
	if err != nil {
		cancel()
		return nil, plain(err)
	}
	return &cancelling{out.Body, cancel}, nil
}

func split(uri string) (bucket, key string, err error) {
	bucket, key, ok := ParseS3(uri)
	if !ok || key == "" {
		return "", "", fmt.Errorf("%q: want s3://BUCKET/KEY", uri)
	}
	return bucket, key, nil
}
