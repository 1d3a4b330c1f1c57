package stack

import (
	"context"
	"fmt"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// Empty deletes every object, every version, and what is left of unfinished uploads.
func (b bucketItem) Empty(ctx context.Context) error {
	for pages := s3.NewListObjectVersionsPaginator(b.a.s3, &s3.ListObjectVersionsInput{Bucket: &b.name, ExpectedBucketOwner: &b.a.ID}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if has(err, "NoSuchBucket") {
			return nil
		}
		if err != nil {
			return said(err)
		}
		var objects []types.ObjectIdentifier
		for _, v := range page.Versions {
			objects = append(objects, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			objects = append(objects, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if err := b.deleteObjects(ctx, objects); err != nil {
			return err
		}
	}
	for pages := s3.NewListMultipartUploadsPaginator(b.a.s3, &s3.ListMultipartUploadsInput{Bucket: &b.name, ExpectedBucketOwner: &b.a.ID}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return said(err)
		}
		for _, u := range page.Uploads {
			_, err := b.a.s3.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.name, Key: u.Key, UploadId: u.UploadId, ExpectedBucketOwner: &b.a.ID})
			if err := ignore(err, "NoSuchUpload"); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteObjects deletes a page of up to 1000 objects.
func (b bucketItem) deleteObjects(ctx context.Context, objects []types.ObjectIdentifier) error {
	if len(objects) == 0 {
		return nil
	}
	out, err := b.a.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.a.ID, Delete: &types.Delete{Objects: objects, Quiet: awssdk.Bool(true)},
	})
	if err != nil {
		return said(err)
	}
	if len(out.Errors) > 0 {
		e := out.Errors[0]
		return fmt.Errorf("delete %s: %s: %s", b.URI(awssdk.ToString(e.Key)), awssdk.ToString(e.Code), awssdk.ToString(e.Message))
	}
	return nil
}

// Delete deletes the bucket, which must be empty but for uploaded models.
func (b bucketItem) Delete(ctx context.Context) error {
	for pages := s3.NewListObjectsV2Paginator(b.a.s3, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: awssdk.String(ModelPrefix), ExpectedBucketOwner: &b.a.ID}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return ignore(err, "NoSuchBucket")
		}
		var objects []types.ObjectIdentifier
		for _, o := range page.Contents {
			objects = append(objects, types.ObjectIdentifier{Key: o.Key})
		}
		if err := b.deleteObjects(ctx, objects); err != nil {
			return err
		}
	}
	_, err := b.a.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &b.name, ExpectedBucketOwner: &b.a.ID})
	return ignore(err, "NoSuchBucket")
}

type bucketFinder struct{ a *Account }

// Kind is the bucket's.
func (f bucketFinder) Kind() plan.Kind { return plan.Bucket }

// How names the calls.
func (f bucketFinder) How() string { return "s3:HeadBucket by name, s3:GetBucketTagging" }

// Find names the deployment's bucket, or lists those whose names end in account and region.
func (f bucketFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	if name != "" {
		return []plan.Item{bucketItem{item{f.a, plan.Bucket, f.a.BucketName(name)}}}, nil
	}
	var items []plan.Item
	for pages := s3.NewListBucketsPaginator(f.a.s3, &s3.ListBucketsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, b := range page.Buckets {
			if strings.HasSuffix(awssdk.ToString(b.Name), f.a.BucketName("")) {
				items = append(items, bucketItem{item{f.a, plan.Bucket, *b.Name}})
			}
		}
	}
	return items, nil
}
