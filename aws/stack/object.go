package stack

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A File is what is uploaded.
type File struct {
	// Path on this machine.
	Path string
	// Name in the bucket; empty means the path's last part.
	Name string
	// SHA256 in hexadecimal digits; the key in the bucket begins with it.
	SHA256 string
	Size   int64
}

// uploadTime bounds an attempt to upload.
const uploadTime = time.Hour

// maxPut is the largest object that one call takes, in bytes.
const maxPut = 5 << 30

// An Upload is a file in a deployment's bucket, under a key that holds its hash.
type Upload struct {
	objectItem
	wanted
	file File
}

// Upload describes a file under [ModelPrefix].
func (a *Account) Upload(deployment string, part plan.Part, file File) *Upload {
	bucket := a.Bucket(deployment)
	key := ModelPrefix + file.SHA256[:16] + "/" + cmp.Or(file.Name, path.Base(file.Path))
	u := &Upload{objectItem: objectItem{item{a, plan.Object, bucket.URI(key)}}, file: file}
	u.wanted = wanted{deployment: deployment, part: part, needs: []plan.Resource{bucket}, price: a.bucketPrice(), fields: plan.Fields{
		plan.Fixed("size", fmt.Sprintf("%d bytes", file.Size)), plan.Fixed("sha256", file.SHA256),
	}}
	return u
}

// Create uploads the file. S3 checks the hash.
func (u *Upload) Create(ctx context.Context) error {
	if u.file.Size > maxPut {
		return fmt.Errorf("%s has %d bytes, an upload takes %d", u.file.Path, u.file.Size, int64(maxPut))
	}
	file, err := os.Open(u.file.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	sum, err := hex.DecodeString(u.file.SHA256)
	if err != nil {
		return err
	}
	bucket, key := u.split()
	tags := make(url.Values)
	for k, v := range u.tags() {
		tags.Set(k, v)
	}
	_, err = u.a.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: file, ContentLength: &u.file.Size, ExpectedBucketOwner: &u.a.ID, Tagging: awssdk.String(tags.Encode()),
		ChecksumSHA256: awssdk.String(base64.StdEncoding.EncodeToString(sum)), Metadata: map[string]string{"sha256": u.file.SHA256},
	}, func(o *s3.Options) { o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(uploadTime) })
	return ignore(err)
}

// Update sets the tags.
func (u *Upload) Update(ctx context.Context, _ plan.State) error {
	bucket, key := u.split()
	var tags []types.Tag
	for k, v := range u.tags() {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	_, err := u.a.s3.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &u.a.ID, Tagging: &types.Tagging{TagSet: tags}})
	return ignore(err)
}

// objectItem is an object; its name is its URI.
type objectItem struct{ item }

func (o objectItem) split() (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(o.name, "s3://"), "/")
	return bucket, key
}

// Read asks for size, hash and tags.
func (o objectItem) Read(ctx context.Context) (plan.State, error) {
	bucket, key := o.split()
	head, err := o.a.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &o.a.ID})
	if has(err, "NotFound", "NoSuchKey", "NoSuchBucket") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, ARN: "arn:" + o.a.Partition + ":s3:::" + bucket + "/" + key, Created: awssdk.ToTime(head.LastModified),
		Tags: make(map[string]string), Price: o.a.bucketPrice(), Adoptable: true, // the bucket is the deployment's
		Fields: plan.Fields{plan.F("size", fmt.Sprintf("%d bytes", awssdk.ToInt64(head.ContentLength))), plan.F("sha256", head.Metadata["sha256"])}}
	tags, err := o.a.s3.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &o.a.ID})
	if err := ignore(err, "NoSuchKey"); err != nil {
		return state, err
	}
	if tags != nil {
		for _, t := range tags.TagSet {
			state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
		}
	}
	return state, nil
}

// Delete deletes the object.
func (o objectItem) Delete(ctx context.Context) error {
	bucket, key := o.split()
	_, err := o.a.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, ExpectedBucketOwner: &o.a.ID})
	return ignore(err, "NoSuchKey", "NoSuchBucket")
}

type objectFinder struct{ a *Account }

// Kind is the object's.
func (f objectFinder) Kind() plan.Kind { return plan.Object }

// How names the calls.
func (f objectFinder) How() string { return "s3:ListObjectsV2 under " + ModelPrefix }

// Find lists the uploaded models of the deployments' buckets.
func (f objectFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	buckets, err := bucketFinder(f).Find(ctx, name)
	if err != nil {
		return nil, err
	}
	var items []plan.Item
	for _, b := range buckets {
		bucket := b.Name()
		pages := s3.NewListObjectsV2Paginator(f.a.s3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: awssdk.String(ModelPrefix), ExpectedBucketOwner: &f.a.ID})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if has(err, "NoSuchBucket", "NotFound") {
				break
			}
			if err != nil {
				return nil, said(err)
			}
			for _, o := range page.Contents {
				items = append(items, objectItem{item{f.a, plan.Object, "s3://" + bucket + "/" + awssdk.ToString(o.Key)}})
			}
		}
	}
	return items, nil
}
