package stack

import (
	"context"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// Prefixes within a deployment's bucket.
const (
	// CapturePrefix holds what data capture records. It expires: the pictures in it may be of people.
	CapturePrefix = "captures/"
	// ModelPrefix holds models that were uploaded; they are the deployment's own, and no data of the user.
	ModelPrefix = "models/"
	// PicturePrefix holds what a workflow is asked about.
	PicturePrefix = "pictures/"
	// AsyncPrefix holds the answers of asynchronous endpoints.
	AsyncPrefix = "async/"
)

// DefaultCaptureDays is how long captures are kept.
const DefaultCaptureDays = 30

// unfinishedDays is how long the parts of an upload are kept that was never finished.
const unfinishedDays = 7

// A Bucket is an S3 bucket: private, encrypted, spoken to over TLS only, and with captures that expire. Where S3 itself is a stand-in
// that is reached by plain HTTP it has no policy.
type Bucket struct {
	bucketItem
	wanted
	captureDays int32
	policy      plan.Policy
}

// Bucket describes the bucket of a deployment, which all its stacks share.
func (a *Account) Bucket(deployment string) *Bucket {
	b := &Bucket{bucketItem: bucketItem{item{a, plan.Bucket, a.BucketName(deployment)}}, captureDays: DefaultCaptureDays}
	b.policy = plan.Policy{Name: "bucket policy", Version: plan.PolicyVersion, Statement: []plan.Statement{{
		Sid: "OnlyTLS", Effect: "Deny", Principal: map[string]string{"*": "*"}, Action: []string{"s3:*"}, Resource: []string{b.ARN(), b.ARN() + "/*"},
		Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
	}}}
	fields := plan.Fields{
		plan.F("public access", "blocked"), plan.F("ownership", string(types.ObjectOwnershipBucketOwnerEnforced)),
		plan.F("encryption", string(types.ServerSideEncryptionAes256)), plan.F("lifecycle", lifecycleText(b.lifecycle())),
	}
	if a.plainHTTP {
		b.policy.Statement = nil
	} else {
		fields = append(fields, plan.F("policy", b.policy.Document()))
	}
	b.wanted = wanted{deployment: deployment, part: "data/bucket", price: a.bucketPrice(), fields: fields}
	return b
}

// BucketName is the name of a deployment's bucket. Bucket names are the world's, so it holds account and region.
func (a *Account) BucketName(deployment string) string {
	return deployment + "-" + a.ID + "-" + a.Region
}

// ARN of the bucket.
func (b bucketItem) ARN() string { return "arn:" + b.a.Partition + ":s3:::" + b.name }

// URI of a key in the bucket.
func (b bucketItem) URI(key string) string { return "s3://" + b.name + "/" + key }

// Policies are the bucket's.
func (b *Bucket) Policies() []plan.Policy {
	if len(b.policy.Statement) == 0 {
		return nil
	}
	return []plan.Policy{b.policy}
}

// Create makes the bucket, then everything about it.
func (b *Bucket) Create(ctx context.Context) error {
	in := &s3.CreateBucketInput{Bucket: &b.name}
	if b.a.Region != "us-east-1" { // whose name S3 refuses here
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(b.a.Region)}
	}
	if _, err := b.a.s3.CreateBucket(ctx, in); err != nil && !has(err, "BucketAlreadyOwnedByYou") {
		return said(err)
	}
	return b.Update(ctx, plan.State{})
}

// Update sets what differs. The tags come first, because they tell whose the bucket is; the public is locked out next.
func (b *Bucket) Update(ctx context.Context, from plan.State) error {
	owner := &b.a.ID
	sets := []struct {
		field string
		call  func() error
	}{
		{"tags", func() error {
			var tags []types.Tag
			for key, value := range b.tags() {
				tags = append(tags, types.Tag{Key: &key, Value: &value})
			}
			_, err := b.a.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &b.name, ExpectedBucketOwner: owner, Tagging: &types.Tagging{TagSet: tags}})
			return err
		}},
		{"public access", func() error {
			yes := awssdk.Bool(true)
			_, err := b.a.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &b.name, ExpectedBucketOwner: owner,
				PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes}})
			return err
		}},
		{"ownership", func() error {
			_, err := b.a.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &b.name, ExpectedBucketOwner: owner,
				OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}}}})
			return err
		}},
		{"encryption", func() error {
			_, err := b.a.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &b.name, ExpectedBucketOwner: owner,
				ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
					ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}}}}})
			return err
		}},
		{"policy", func() error {
			_, err := b.a.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b.name, ExpectedBucketOwner: owner, Policy: awssdk.String(b.policy.Document())})
			return err
		}},
		{"lifecycle", func() error {
			_, err := b.a.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: &b.name, ExpectedBucketOwner: owner,
				LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: b.lifecycle()}})
			return err
		}},
	}
	for _, set := range sets {
		if set.field == "tags" && from.Part() == b.part || set.field != "tags" && from.Fields.Get(set.field) == b.fields.Get(set.field) {
			continue
		}
		if err := set.call(); err != nil {
			return fmt.Errorf("set %s: %w", set.field, said(err))
		}
	}
	return nil
}

func (b *Bucket) lifecycle() []types.LifecycleRule {
	return []types.LifecycleRule{
		{ID: awssdk.String("captures expire"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: awssdk.String(CapturePrefix)},
			Expiration: &types.LifecycleExpiration{Days: &b.captureDays}},
		{ID: awssdk.String("unfinished uploads go"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: awssdk.String("")},
			AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: awssdk.Int32(unfinishedDays)}},
	}
}
