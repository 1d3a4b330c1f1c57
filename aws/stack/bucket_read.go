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

type bucketItem struct{ item }

// Read asks for the bucket, everything that is set on it, and what lies in it.
func (b bucketItem) Read(ctx context.Context) (plan.State, error) {
	owner := &b.a.ID
	_, err := b.a.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if has(err, "NotFound", "NoSuchBucket") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, ARN: b.ARN(), Tags: make(map[string]string), Price: b.a.bucketPrice()}
	tags, err := b.a.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if err := ignore(err, "NoSuchTagSet"); err != nil {
		return state, err
	}
	if tags != nil {
		for _, t := range tags.TagSet {
			state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
		}
	}
	// Making the bucket and tagging it are two calls. The name holds the account, and the owner was checked.
	state.Adoptable = len(state.Tags) == 0
	if state.Fields, err = b.readFields(ctx); err != nil {
		return state, err
	}
	state.Holds, err = b.holds(ctx)
	return state, err
}

func (b bucketItem) readFields(ctx context.Context) (plan.Fields, error) {
	owner := &b.a.ID
	var fields plan.Fields
	access, err := b.a.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if err := ignore(err, "NoSuchPublicAccessBlockConfiguration"); err != nil {
		return nil, err
	}
	if access != nil && access.PublicAccessBlockConfiguration != nil {
		c := access.PublicAccessBlockConfiguration
		word := "partly blocked"
		if awssdk.ToBool(c.BlockPublicAcls) && awssdk.ToBool(c.BlockPublicPolicy) && awssdk.ToBool(c.IgnorePublicAcls) && awssdk.ToBool(c.RestrictPublicBuckets) {
			word = "blocked"
		}
		fields = append(fields, plan.F("public access", word))
	}
	ownership, err := b.a.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if err := ignore(err, "OwnershipControlsNotFoundError"); err != nil {
		return nil, err
	}
	if ownership != nil && ownership.OwnershipControls != nil && len(ownership.OwnershipControls.Rules) > 0 {
		fields = append(fields, plan.F("ownership", string(ownership.OwnershipControls.Rules[0].ObjectOwnership)))
	}
	encryption, err := b.a.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if err := ignore(err, "ServerSideEncryptionConfigurationNotFoundError"); err != nil {
		return nil, err
	}
	if encryption != nil && encryption.ServerSideEncryptionConfiguration != nil {
		for _, rule := range encryption.ServerSideEncryptionConfiguration.Rules {
			if by := rule.ApplyServerSideEncryptionByDefault; by != nil {
				fields = append(fields, plan.F("encryption", string(by.SSEAlgorithm)))
				break
			}
		}
	}
	policy, err := b.a.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if err := ignore(err, "NoSuchBucketPolicy"); err != nil {
		return nil, err
	}
	if policy != nil && policy.Policy != nil {
		fields = append(fields, plan.F("policy", plan.CanonicalPolicy(*policy.Policy)))
	}
	lifecycle, err := b.a.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &b.name, ExpectedBucketOwner: owner})
	if err := ignore(err, "NoSuchLifecycleConfiguration"); err != nil {
		return nil, err
	}
	if lifecycle != nil {
		fields = append(fields, plan.F("lifecycle", lifecycleText(lifecycle.Rules)))
	}
	return fields, nil
}

// lifecycleText says what rules do, for people and for comparison.
func lifecycleText(rules []types.LifecycleRule) string {
	var texts []string
	for _, r := range rules {
		prefix := ""
		if r.Filter != nil {
			prefix = awssdk.ToString(r.Filter.Prefix)
		}
		switch {
		case r.Status != types.ExpirationStatusEnabled:
			texts = append(texts, "a rule that is off")
		case r.Expiration != nil && r.Expiration.Days != nil:
			texts = append(texts, fmt.Sprintf("%s expires after %d days", prefix, *r.Expiration.Days))
		case r.AbortIncompleteMultipartUpload != nil:
			texts = append(texts, fmt.Sprintf("unfinished uploads go after %d days", awssdk.ToInt32(r.AbortIncompleteMultipartUpload.DaysAfterInitiation)))
		default:
			texts = append(texts, "a rule of another kind")
		}
	}
	return strings.Join(texts, "; ")
}

// maxListed is how many objects are counted; more are said to be more.
const maxListed = 1000

// holds describes the user's data: everything but uploaded models.
func (b bucketItem) holds(ctx context.Context) (string, error) {
	out, err := b.a.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, ExpectedBucketOwner: &b.a.ID, MaxKeys: awssdk.Int32(maxListed)})
	if err != nil {
		return "", said(err)
	}
	n, size := 0, int64(0)
	for _, o := range out.Contents {
		if !strings.HasPrefix(awssdk.ToString(o.Key), ModelPrefix) {
			n++
			size += awssdk.ToInt64(o.Size)
		}
	}
	switch {
	case awssdk.ToBool(out.IsTruncated):
		return fmt.Sprintf("more than %d objects", maxListed-1), nil
	case n == 0:
		return "", nil
	case n == 1:
		return fmt.Sprintf("1 object, %s", inUnits(size)), nil
	}
	return fmt.Sprintf("%d objects, %s", n, inUnits(size)), nil
}

// inUnits writes a size in the units of S3's bill.
func inUnits(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}
