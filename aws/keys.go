package aws

import (
	"context"
	"fmt"
	"iter"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A Key names an object in S3.
type Key struct{ Bucket, Key string }

// String is the object's address, s3://bucket/key.
func (k Key) String() string { return "s3://" + k.Bucket + "/" + k.Key }

// Keys yields the objects under s3://bucket/prefix in lexical order. A prefix is taken as a folder's name, or a file's. An error in the
// second value is final.
func Keys(ctx context.Context, c *Config, uri string) iter.Seq2[Key, error] {
	return func(yield func(Key, error) bool) {
		bucket, prefix, ok := ParseS3(uri)
		if !ok {
			yield(Key{}, fmt.Errorf("list %q: want s3://BUCKET/PREFIX", uri))
			return
		}
		pages := s3.NewListObjectsV2Paginator(s3.NewFromConfig(c.sdk), &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := nextPage(ctx, pages)
			if err != nil {
				yield(Key{}, fmt.Errorf("list %q: %w", uri, plain(err)))
				return
			}
			for _, object := range page.Contents {
				if key := awssdk.ToString(object.Key); within(key, prefix) && !yield(Key{bucket, key}, nil) {
					return
				}
			}
		}
	}
}
