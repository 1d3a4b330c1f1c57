package aws

import (
	"cmp"
	"context"
	"io"
	"os"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// uploadParts sends a large file in parts, several at a time. It goes on with an upload of an earlier run whose parts are this file's, and
// leaves any other alone, which may be another process's; a lifecycle rule for incomplete uploads clears those away.
func (s *Sync) uploadParts(ctx context.Context, c *SyncChange, file *os.File) error {
	id, have, err := s.resumable(ctx, c)
	if err != nil {
		return err
	}
	if id == "" {
		if id, err = s.begin(ctx, c); err != nil {
			return err
		}
	}
	completed := make([]types.CompletedPart, len(c.sums.parts))
	err = parallel(ctx, partWorkers, len(c.sums.parts), func(ctx context.Context, i int) error {
		number := int32(i + 1)
		part := &c.sums.parts[i]
		etag := have[number]
		if etag == "" {
			var err error
			if etag, err = s.uploadPart(ctx, c, file, id, number); err != nil {
				return err
			}
		}
		completed[i] = types.CompletedPart{PartNumber: &number, ETag: &etag, ChecksumSHA256: &part.sha256}
		s.sent(part.bytes)
		return nil
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	_, err = s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &s.Bucket, Key: &c.Key, UploadId: &id, MultipartUpload: &types.CompletedMultipartUpload{Parts: completed},
	})
	return err
}

// partWorkers are parts of one file at a time; other files have workers of their own.
const partWorkers = 4

func (s *Sync) begin(ctx context.Context, c *SyncChange) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	out, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &s.Bucket, Key: &c.Key, ContentType: contentType(c.Key), ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
	})
	if err != nil {
		return "", err
	}
	return awssdk.ToString(out.UploadId), nil
}

func (s *Sync) uploadPart(ctx context.Context, c *SyncChange, file *os.File, id string, number int32) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	part := &c.sums.parts[number-1]
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.Bucket, Key: &c.Key, UploadId: &id, PartNumber: &number, Body: io.NewSectionReader(file, int64(number-1)*c.sums.part, part.bytes),
		ContentLength: &part.bytes, ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: &part.sha256,
	})
	if err != nil {
		return "", err
	}
	return awssdk.ToString(out.ETag), nil
}

// resumable finds the newest unfinished upload of a key all of whose parts are the file's, with the ETags of those parts.
func (s *Sync) resumable(ctx context.Context, c *SyncChange) (id string, have map[int32]string, err error) {
	var uploads []types.MultipartUpload
	pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{Bucket: &s.Bucket, Prefix: &c.Key})
	for pages.HasMorePages() {
		page, err := timed(ctx, func(ctx context.Context) (*s3.ListMultipartUploadsOutput, error) { return pages.NextPage(ctx) })
		if err != nil {
			return "", nil, err
		}
		for _, u := range page.Uploads {
			if awssdk.ToString(u.Key) == c.Key {
				uploads = append(uploads, u)
			}
		}
	}
	slices.SortFunc(uploads, func(a, b types.MultipartUpload) int {
		return cmp.Compare(awssdk.ToTime(b.Initiated).UnixNano(), awssdk.ToTime(a.Initiated).UnixNano())
	})
	for _, u := range uploads {
		have, err := s.partsOf(ctx, c, awssdk.ToString(u.UploadId))
		if isMissing(err) {
			continue // ended meanwhile
		}
		if err != nil {
			return "", nil, err
		}
		if len(have) > 0 {
			return awssdk.ToString(u.UploadId), have, nil
		}
	}
	return "", nil, nil
}

// partsOf are the ETags of an upload's parts, by number; none where a part is not the file's.
func (s *Sync) partsOf(ctx context.Context, c *SyncChange, id string) (map[int32]string, error) {
	have := map[int32]string{}
	pages := s3.NewListPartsPaginator(s.client, &s3.ListPartsInput{Bucket: &s.Bucket, Key: &c.Key, UploadId: &id})
	for pages.HasMorePages() {
		page, err := timed(ctx, func(ctx context.Context) (*s3.ListPartsOutput, error) { return pages.NextPage(ctx) })
		if err != nil {
			return nil, err
		}
		for _, p := range page.Parts {
			number := awssdk.ToInt32(p.PartNumber)
			if number < 1 || int(number) > len(c.sums.parts) {
				return nil, nil
			}
			want := &c.sums.parts[number-1]
			sameSum := awssdk.ToString(p.ChecksumSHA256) == want.sha256 || strings.Trim(awssdk.ToString(p.ETag), `"`) == want.etag
			if awssdk.ToInt64(p.Size) != want.bytes || !sameSum {
				return nil, nil
			}
			have[number] = awssdk.ToString(p.ETag)
		}
	}
	return have, nil
}

// timed gives a call its deadline.
func timed[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	return call(ctx)
}
