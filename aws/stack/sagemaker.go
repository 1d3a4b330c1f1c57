package stack

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// sagemakerTags are tags as SageMaker takes them.
func (w *wanted) sagemakerTags() []types.Tag {
	var tags []types.Tag
	for key, value := range w.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	return tags
}

// tag sets the tags of an object of SageMaker.
func (a *Account) tag(ctx context.Context, arn string, tags []types.Tag) error {
	_, err := a.sagemaker.AddTags(ctx, &sagemaker.AddTagsInput{ResourceArn: &arn, Tags: tags})
	return ignore(err)
}

// sagemakerTagsOf reads the tags of an object of SageMaker.
func (a *Account) sagemakerTagsOf(ctx context.Context, arn string) (map[string]string, error) {
	tags := make(map[string]string)
	for pages := sagemaker.NewListTagsPaginator(a.sagemaker, &sagemaker.ListTagsInput{ResourceArn: &arn}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if missing(err) { // deleted between two calls
			return tags, nil
		}
		if err != nil {
			return nil, said(err)
		}
		for _, t := range page.Tags {
			tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
		}
	}
	return tags, nil
}

// deleted is the end of a deletion: an object that is not there is no error.
func deleted(err error) error {
	if err == nil || missing(err) {
		return nil
	}
	return said(err)
}

// nameFilter is what lists are narrowed to.
func nameFilter(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}

// items makes items of the names that may be a deployment's.
func (a *Account) items(names []*string, deployment string, of func(item) plan.Item, kind plan.Kind) []plan.Item {
	var items []plan.Item
	for _, name := range names {
		if bears(awssdk.ToString(name), deployment) {
			items = append(items, of(item{a, kind, *name}))
		}
	}
	return items
}
