package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/scones-unlimited/scones/aws"
)

// Bounds of what is read from S3: a list of a million pictures has 50 MB; an artifact may hold many checkpoints.
const (
	maxList     = 512 << 20
	maxArtifact = 20 << 30
	maxPicture  = 64 << 20
	stallTime   = time.Minute
)

// List reads a training list from S3. Errors are [*ListError] or [*Error].
func (s *Service) List(ctx context.Context, uri string) (List, error) {
	body, _, err := s.open(ctx, uri, maxList)
	if err != nil {
		return List{}, err
	}
	defer body.Close()
	return ReadList(uri, body)
}

// Picture reads one picture.
func (s *Service) Picture(ctx context.Context, uri string) ([]byte, error) {
	body, _, err := s.open(ctx, uri, maxPicture)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// Fetch copies an object, and tells how many bytes of how many it has copied; progress may be nil.
func (s *Service) Fetch(ctx context.Context, w io.Writer, uri string, progress func(done, total int64)) error {
	body, size, err := s.open(ctx, uri, maxArtifact)
	if err != nil {
		return err
	}
	defer body.Close()
	done := int64(0)
	buffer := make([]byte, 1<<20)
	for {
		n, err := body.Read(buffer)
		if _, failed := w.Write(buffer[:n]); failed != nil {
			return failed
		}
		if done += int64(n); progress != nil {
			progress(done, size)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &Error{Doing: "read " + uri, Err: err}
		}
	}
	if done != size {
		return &Error{Doing: "read " + uri, Err: fmt.Errorf("%d bytes came of %d", done, size)}
	}
	return nil
}

// Exists tells whether there is an object, or one below a prefix that ends in a slash.
func (s *Service) Exists(ctx context.Context, uri string) (bool, error) {
	bucket, key, ok := aws.ParseS3(uri)
	if !ok {
		return false, fmt.Errorf("%q: want s3://BUCKET/KEY", uri)
	}
	out, err := s.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &key, MaxKeys: awssdk.Int32(1)})
	if err != nil {
		return false, translate("look for "+uri, err)
	}
	return len(out.Contents) == 1 && (strings.HasSuffix(key, "/") || awssdk.ToString(out.Contents[0].Key) == key), nil
}

// open begins to read an object that is no larger than limit. It gives up when nothing comes for [stallTime].
func (s *Service) open(ctx context.Context, uri string, limit int64) (io.ReadCloser, int64, error) {
	bucket, key, ok := aws.ParseS3(uri)
	if !ok || key == "" {
		return nil, 0, fmt.Errorf("%q: want s3://BUCKET/KEY", uri)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(stallTime, func() { cancel(fmt.Errorf("nothing came for %v", stallTime)) })
	out, err := s.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		watch.Stop()
		cancel(nil)
		return nil, 0, translate("read "+uri, err)
	}
	size := awssdk.ToInt64(out.ContentLength)
	body := &watchedBody{out.Body, watch, cancel}
	if size > limit {
		body.Close()
		return nil, 0, &Error{Doing: "read " + uri, Err: fmt.Errorf("it has %d bytes, at most %d are read", size, limit)}
	}
	return body, size, nil
}

// A watchedBody puts the end off whenever something comes.
type watchedBody struct {
	io.ReadCloser
	watch  *time.Timer
	cancel context.CancelCauseFunc
}

// Read reads on.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.watch.Reset(stallTime)
	}
	return n, err
}

// Close ends the reading.
func (b *watchedBody) Close() error {
	b.watch.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}

// Layout finds the data of a job below a prefix, as scones stage writes it: train/ and train.lst, validation or else test beside them,
// or train.rec and its likes. shared tells that the test pictures are also those that choose the epoch.
func (s *Service) Layout(ctx context.Context, prefix string, useRecords bool) (d Data, shared bool, err error) {
	prefix = strings.TrimSuffix(prefix, "/")
	part := "validation"
	if there, err := s.Exists(ctx, prefix+"/validation.lst"); err != nil {
		return d, false, err
	} else if !there {
		part, shared = "test", true
	}
	if useRecords {
		d = Data{Train: prefix + "/train.rec", Validation: prefix + "/" + part + ".rec", Records: true}
	} else {
		d = Data{Train: prefix + "/train/", Validation: prefix + "/" + part + "/", TrainList: prefix + "/train.lst", ValidationList: prefix + "/" + part + ".lst"}
	}
	for _, uri := range []string{d.Train, d.Validation, prefix + "/train.lst", prefix + "/" + part + ".lst"} {
		there, err := s.Exists(ctx, uri)
		if err != nil {
			return d, shared, err
		}
		if !there {
			return d, shared, &JobError{fmt.Sprintf("%s is not there", uri), "scones stage writes train/, test/ and their lists; " + path.Base(prefix) + " must hold them"}
		}
	}
	return d, shared, nil
}
