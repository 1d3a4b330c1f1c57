package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/scones-unlimited/scones/aws/plan"
)

// DefaultRetentionDays is how long logs are kept.
const DefaultRetentionDays = 30

// endpointLogs is what the log groups of endpoints begin with.
const endpointLogs = "/aws/sagemaker/Endpoints/"

// A LogGroup is made before the service would make it, so that it has an end.
type LogGroup struct {
	logGroupItem
	wanted
	days int32
}

// LogGroup describes a log group.
func (a *Account) LogGroup(deployment string, part plan.Part, name string) *LogGroup {
	g := &LogGroup{logGroupItem: logGroupItem{item{a, plan.LogGroup, name}}, days: DefaultRetentionDays}
	g.wanted = wanted{deployment: deployment, part: part, price: a.logPrice(), fields: plan.Fields{plan.F("retention", retention(&g.days))}}
	return g
}

func retention(days *int32) string {
	if days == nil {
		return "for ever"
	}
	return fmt.Sprintf("%d days", *days)
}

// ARN of the group, without the streams in it.
func (g logGroupItem) ARN() string { return g.a.ARN("logs", "log-group:"+g.name) }

// Create makes the group.
func (g *LogGroup) Create(ctx context.Context) error {
	if _, err := g.a.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &g.name, Tags: g.tags()}); err != nil {
		return said(err)
	}
	return g.retain(ctx)
}

// Update sets tags and retention.
func (g *LogGroup) Update(ctx context.Context, from plan.State) error {
	if from.Part() != g.part {
		if _, err := g.a.logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: awssdk.String(g.ARN()), Tags: g.tags()}); err != nil {
			return said(err)
		}
	}
	return g.retain(ctx)
}

func (g *LogGroup) retain(ctx context.Context) error {
	_, err := g.a.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &g.name, RetentionInDays: &g.days})
	return ignore(err)
}

type logGroupItem struct{ item }

// Read asks for the group and its tags. AWS makes groups by itself when somebody writes to them, so one without tags may be ours.
func (g logGroupItem) Read(ctx context.Context) (plan.State, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(g.a.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &g.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return plan.State{}, said(err)
		}
		for _, group := range page.LogGroups {
			if awssdk.ToString(group.LogGroupName) != g.name {
				continue
			}
			state := plan.State{Phase: plan.Ready, ARN: g.ARN(), Created: time.UnixMilli(awssdk.ToInt64(group.CreationTime)), Price: g.a.logPrice(),
				Fields: plan.Fields{plan.F("retention", retention(group.RetentionInDays))}}
			if n := awssdk.ToInt64(group.StoredBytes); n > 0 {
				state.Holds = inUnits(n) + " of logs, kept for " + retention(group.RetentionInDays)
			}
			tags, err := g.a.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: awssdk.String(g.ARN())})
			if err != nil {
				return state, ignore(err, "ResourceNotFoundException")
			}
			state.Tags, state.Adoptable = tags.Tags, len(tags.Tags) == 0
			return state, nil
		}
	}
	return plan.State{}, nil
}

// Empty does nothing: deleting the group deletes what is in it.
func (g logGroupItem) Empty(context.Context) error { return nil }

// Delete deletes the group.
func (g logGroupItem) Delete(ctx context.Context) error {
	_, err := g.a.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &g.name})
	return ignore(err, "ResourceNotFoundException")
}

// logGroupPrefixes are those of the groups that AWS's services write to for a deployment.
var logGroupPrefixes = []string{endpointLogs, functionLogs, stateLogs}

type logGroupFinder struct{ a *Account }

// Kind is the log group's.
func (f logGroupFinder) Kind() plan.Kind { return plan.LogGroup }

// How names the calls.
func (f logGroupFinder) How() string { return "logs:DescribeLogGroups, logs:ListTagsForResource" }

// Find lists the groups of endpoints, functions and state machines.
func (f logGroupFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var items []plan.Item
	for _, prefix := range logGroupPrefixes {
		pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(f.a.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: awssdk.String(prefix + name)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, said(err)
			}
			for _, g := range page.LogGroups {
				group := awssdk.ToString(g.LogGroupName)
				if bears(strings.TrimPrefix(group, prefix), name) {
					items = append(items, logGroupItem{item{f.a, plan.LogGroup, group}})
				}
			}
		}
	}
	return items, nil
}
