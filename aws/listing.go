package aws

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// listing yields the pages of what lies under a prefix, each with its deadline; a delimiter other than empty ends the keys there. An error
// in the second value is final, and says what S3 said.
func listing(ctx context.Context, client *s3.Client, bucket, prefix, delimiter string) iter.Seq2[*s3.ListObjectsV2Output, error] {
	return func(yield func(*s3.ListObjectsV2Output, error) bool) {
		in := &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix}
		if delimiter != "" {
			in.Delimiter = &delimiter
		}
		for pages := s3.NewListObjectsV2Paginator(client, in); pages.HasMorePages(); {
			page, err := nextPage(ctx, pages)
			if err != nil {
				yield(nil, plain(err))
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

func nextPage(ctx context.Context, pages *s3.ListObjectsV2Paginator) (*s3.ListObjectsV2Output, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	return pages.NextPage(ctx)
}
