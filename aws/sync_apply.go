package aws

import (
	"context"
	"fmt"
	"io"
	"mime"
	"path"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A SyncError is a sync that did not finish. What was uploaded stays, and another run goes on from there.
type SyncError struct {
	Done, Of int // uploads
	Err      error
}

// Error says how far it came.
func (e *SyncError) Error() string {
	return fmt.Sprintf("%d of %d uploads done: %v", e.Done, e.Of, e.Err)
}

// Unwrap returns the cause.
func (e *SyncError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *SyncError) Hint() string { return "the same command again goes on from there" }

// Apply uploads what is new or changed, and then deletes what is to be deleted: whatever ends it early, the prefix never lacks what it
// had. An error of an upload is a [*SyncError].
func (s *Sync) Apply(ctx context.Context) error {
	var uploads []*SyncChange
	var gone []string
	for i := range s.Changes {
		switch c := &s.Changes[i]; c.Action {
		case SyncCreate, SyncUpdate:
			uploads = append(uploads, c)
		case SyncDelete:
			gone = append(gone, c.Key)
		}
	}
	done := make([]bool, len(uploads))
	err := parallel(ctx, s.o.Workers, len(uploads), func(ctx context.Context, i int) error {
		if err := s.upload(ctx, uploads[i]); err != nil {
			return fmt.Errorf("upload s3://%s/%s: %w", s.Bucket, uploads[i].Key, plain(err))
		}
		done[i] = true
		return nil
	})
	if err != nil {
		failed := &SyncError{Of: len(uploads), Err: err}
		for _, d := range done {
			if d {
				failed.Done++
			}
		}
		return failed
	}
	return s.remove(ctx, gone)
}

// upload sends one file.
func (s *Sync) upload(ctx context.Context, c *SyncChange) error {
	file, err := s.root.Open(c.file)
	if err != nil {
		return err
	}
	defer file.Close()
	if c.sums.part > 0 {
		return s.uploadParts(ctx, c, file)
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	// S3 compares the checksum with what arrives: a file that changed since it was read is refused.
	_, err = s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.Bucket, Key: &c.Key, Body: io.NewSectionReader(file, 0, c.Bytes), ContentLength: &c.Bytes, ContentType: contentType(c.Key),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: &c.sums.sha256,
	})
	if err == nil {
		s.sent(c.Bytes)
	}
	return err
}

func (s *Sync) sent(bytes int64) {
	if s.sentFn != nil {
		s.sentFn(bytes)
	}
}

// types of files that are staged; others are left to S3's own default.
var contentTypes = map[string]string{".lst": "text/tab-separated-values", ".idx": "text/tab-separated-values", ".rec": "application/x-recordio", ".jsonl": "application/jsonlines"}

func contentType(key string) *string {
	ext := path.Ext(key)
	if t, ok := contentTypes[ext]; ok {
		return &t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return &t
	}
	return nil
}

// maxDelete is the number of keys of one call, S3's limit.
const maxDelete = 1000

// remove deletes objects.
func (s *Sync) remove(ctx context.Context, keys []string) error {
	for len(keys) > 0 {
		n := min(len(keys), maxDelete)
		ids := make([]types.ObjectIdentifier, n)
		for i := range ids {
			ids[i].Key = &keys[i]
		}
		if err := s.removeSome(ctx, ids); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (s *Sync) removeSome(ctx context.Context, ids []types.ObjectIdentifier) error {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	out, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &s.Bucket, Delete: &types.Delete{Objects: ids, Quiet: new(true)}, ChecksumAlgorithm: types.ChecksumAlgorithmSha256})
	if err != nil {
		return fmt.Errorf("delete below s3://%s/%s: %w", s.Bucket, s.Prefix, plain(err))
	}
	if len(out.Errors) > 0 {
		first := out.Errors[0]
		return fmt.Errorf("delete s3://%s/%s: %s: %s; %d more could not be deleted", s.Bucket, text(first.Key), text(first.Code), brief(text(first.Message)), len(out.Errors)-1)
	}
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
