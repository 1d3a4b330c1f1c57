package awstest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// checkTags refuses what no tag may be: a key twice, a key of AWS's own, more than fifty.
func checkTags(tags []types.Tag) error {
	seen := map[string]bool{}
	for _, tag := range tags {
		key := strings.ToLower(value(tag.Key))
		if seen[key] {
			return invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(key, "aws:") {
			return invalidInput("The tag key %s begins with aws:, which is AWS's own", key)
		}
		seen[key] = true
	}
	if len(tags) > 50 {
		return &wire.Error{Status: http.StatusConflict, Code: "LimitExceeded", Message: "The number of tags has reached the maximum limit."}
	}
	return nil
}

func tagRole(c *call, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		r.Tags = slices.DeleteFunc(slices.Clone(r.Tags), func(t types.Tag) bool { return *t.Key == *tag.Key })
		r.Tags = append(r.Tags, tag)
	}
	return &iam.TagRoleOutput{}, nil
}

func untagRole(c *call, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	r.Tags = slices.DeleteFunc(slices.Clone(r.Tags), func(t types.Tag) bool { return slices.Contains(in.TagKeys, *t.Key) })
	return &iam.UntagRoleOutput{}, nil
}

func listRoleTags(c *call, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	tags, next, failure := page(c.Server, append([]types.Tag{}, r.Tags...), in.Marker, in.MaxItems, 100)
	if failure != nil {
		return nil, failure
	}
	return &iam.ListRoleTagsOutput{Tags: tags, Marker: next, IsTruncated: next != nil}, nil
}
