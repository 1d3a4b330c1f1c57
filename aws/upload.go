package aws

import (
	"context"
	"fmt"
	"os"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// uploadTime bounds the upload of one file of captures.
const uploadTime = 5 * time.Minute

// Upload returns a function that puts a file under a name below s3://bucket/prefix, in one piece: S3 takes 5 GiB so. A name that was
// put before is put again.
func Upload(c *Config, uri string) (func(ctx context.Context, name string, file *os.File) error, error) {
	bucket, prefix, ok := ParseS3(uri)
	if !ok {
		return nil, fmt.Errorf("upload to %q: want s3://BUCKET/PREFIX", uri)
	}
	client := s3.NewFromConfig(c.sdk)
	return func(ctx context.Context, name string, file *os.File) error {
		ctx, cancel := context.WithTimeout(ctx, uploadTime)
		defer cancel()
		key := path.Join(prefix, name)
		if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: file}); err != nil {
			return fmt.Errorf("put s3://%s/%s: %w", bucket, key, plain(err))
		}
		return nil
	}, nil
}
