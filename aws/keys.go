package aws

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A Key names an object in S3.
type Key struct{ Bucket, Key string }

// String is the object's address, s3://bucket/key.
func (k Key) String() string { return "s3://" + k.Bucket + "/" + k.Key }

// An Object is what a listing says of one.
type Object struct {
	Key
	Bytes    int64
	Modified time.Time
}

// Keys yields the objects under s3://bucket/prefix in lexical order. A prefix is taken as a folder's name, or a file's. An error in the
// second value is final.
func Keys(ctx context.Context, c *Config, uri string) iter.Seq2[Key, error] {
	return func(yield func(Key, error) bool) {
		for object, err := range List(ctx, c, uri) {
			if !yield(object.Key, err) {
				return
			}
		}
	}
}

// List is Keys with sizes and times.
func List(ctx context.Context, c *Config, uri string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		bucket, prefix, ok := ParseS3(uri)
		if !ok {
			yield(Object{}, fmt.Errorf("list %q: want s3://BUCKET/PREFIX", uri))
			return
		}
		for page, err := range listing(ctx, s3.NewFromConfig(c.sdk), bucket, prefix, "") {
			if err != nil {
				yield(Object{}, fmt.Errorf("list %q: %w", uri, err))
				return
			}
			for _, o := range page.Contents {
				object := Object{Key{bucket, awssdk.ToString(o.Key)}, awssdk.ToInt64(o.Size), awssdk.ToTime(o.LastModified)}
				if within(object.Key.Key, prefix) && !yield(object, nil) {
					return
				}
			}
		}
	}
}

// Put writes an object whole.
func Put(ctx context.Context, c *Config, key Key, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, uploadTime)
	defer cancel()
	in := &s3.PutObjectInput{Bucket: &key.Bucket, Key: &key.Key, Body: bytes.NewReader(data), ContentType: contentType(key.Key)}
	if _, err := s3.NewFromConfig(c.sdk).PutObject(ctx, in); err != nil {
		return fmt.Errorf("put %s: %w", key, plain(err))
	}
	return nil
}
