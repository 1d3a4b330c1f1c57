package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Deadlines of calls to S3. A capture file holds the requests of a minute.
const (
	listTime = time.Minute
	readTime = 10 * time.Minute
)

// ParseS3 splits s3://bucket/prefix; ok is false for anything else.
func ParseS3(uri string) (bucket, prefix string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	return bucket, prefix, ok && bucket != ""
}

// Captures yields the capture files under s3://bucket/prefix in lexical order, which is the order of time in SageMaker's partitions.
// A prefix is taken as a folder's name, or a file's. An error in the second value is final.
func Captures(ctx context.Context, c *Config, uri string) iter.Seq2[capture.File, error] {
	return CapturesWithin(ctx, c, uri, capture.Options{})
}

// CapturesWithin is Captures for a window of time: partitions of other hours are not even listed, so that a day out of a year costs a
// dozen calls. Files that lie in no partition are all there. The order is lexical within a partition.
func CapturesWithin(ctx context.Context, c *Config, uri string, window capture.Options) iter.Seq2[capture.File, error] {
	return func(yield func(capture.File, error) bool) {
		bucket, prefix, ok := ParseS3(uri)
		if !ok {
			yield(capture.File{}, fmt.Errorf("captures %q: want s3://BUCKET/PREFIX", uri))
			return
		}
		l := &lister{client: s3.NewFromConfig(c.sdk), bucket: bucket, uri: uri, window: window, yield: yield}
		if window.From.IsZero() && window.Until.IsZero() || capture.IsCaptureFile(prefix) {
			l.flat(ctx, prefix)
			return
		}
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			prefix += "/"
		}
		l.walk(ctx, prefix)
	}
}

// within keeps a prefix a/b from meaning a/bc.
func within(key, prefix string) bool {
	return prefix == "" || key == prefix || strings.HasPrefix(key, strings.TrimSuffix(prefix, "/")+"/")
}

func open(ctx context.Context, client *s3.Client, bucket, key string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		cancel()
		return nil, plain(err)
	}
	return &cancelling{object.Body, cancel}, nil
}

// A StoreError is what S3 answered instead of an object or a list.
type StoreError struct {
	// Type is S3's name of the error, such as AccessDenied or NoSuchBucket.
	Type string
	Err  error
}

// Error gives type and message.
func (e *StoreError) Error() string { return e.Err.Error() }

// Hint says what the user can do; it may be empty.
func (e *StoreError) Hint() string {
	switch e.Type {
	case "AccessDenied":
		return "the caller needs s3:ListBucket on the bucket and s3:GetObject on the prefix"
	case "NoSuchBucket", "PermanentRedirect":
		return "is the bucket's name right, and the region?"
	}
	return ""
}

// plain keeps what S3 said, and leaves out what the SDK puts around it.
func plain(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return &StoreError{api.ErrorCode(), fmt.Errorf("%s: %s", api.ErrorCode(), brief(api.ErrorMessage()))}
	}
	return err
}

// Plain is what a service said, without what the SDK puts around it, for the packages below.
func Plain(err error) error { return plain(err) }

// A cancelling body ends its deadline when it is closed.
type cancelling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c *cancelling) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}
