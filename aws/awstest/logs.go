package awstest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type logsState struct{ groups map[string]*logGroup }

type logGroup struct {
	name      string
	made      time.Time
	retention *int32
	tags      map[string]string
	streams   map[string]*logStream
}

type logStream struct {
	made   time.Time
	events []types.OutputLogEvent
}

func newLogs() *logsState { return &logsState{map[string]*logGroup{}} }

func logsService() *service {
	return &service{name: "logs", model: "logs", lower: true, operations: map[string]operation{
		"CreateLogGroup": typed(createLogGroup), "DescribeLogGroups": typed(describeLogGroups), "DeleteLogGroup": typed(deleteLogGroup),
		"PutRetentionPolicy": typed(putRetentionPolicy), "DeleteRetentionPolicy": typed(deleteRetentionPolicy),
		"TagResource": typed(tagLogGroup), "UntagResource": typed(untagLogGroup), "ListTagsForResource": typed(listLogGroupTags),
		"CreateLogStream": typed(createLogStream), "DescribeLogStreams": typed(describeLogStreams), "DeleteLogStream": typed(deleteLogStream),
		"PutLogEvents": typed(putLogEvents), "GetLogEvents": typed(getLogEvents), "FilterLogEvents": typed(filterLogEvents),
	}}
}

func (r *region) logGroup(name *string) (*logGroup, error) {
	if g := r.logs.groups[value(name)]; g != nil {
		return g, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
}

var logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

func createLogGroup(c *call, in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	if !logGroupName.MatchString(value(in.LogGroupName)) {
		return nil, wire.Errorf("InvalidParameterException", "1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint", value(in.LogGroupName))
	}
	if c.region.logs.groups[*in.LogGroupName] != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	g := c.region.group(*in.LogGroupName)
	g.tags = in.Tags
	return &cloudwatchlogs.CreateLogGroupOutput{}, nil
}

// group is a log group, made where it is not there.
func (r *region) group(name string) *logGroup {
	g := r.logs.groups[name]
	if g == nil {
		g = &logGroup{name: name, made: r.now, streams: map[string]*logStream{}}
		r.logs.groups[name] = g
	}
	return g
}

// write adds lines to a stream, as a service does.
func (r *region) write(group, stream string, at time.Time, lines ...string) {
	g := r.group(group)
	s := g.streams[stream]
	if s == nil {
		s = &logStream{made: at}
		g.streams[stream] = s
	}
	for _, line := range lines {
		s.events = append(s.events, types.OutputLogEvent{Message: &line, Timestamp: new(at.UnixMilli()), IngestionTime: new(at.UnixMilli())})
	}
}

func describeLogGroups(c *call, in *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	groups := []types.LogGroup{}
	for name, g := range c.region.logs.groups {
		if !strings.HasPrefix(name, value(in.LogGroupNamePrefix)) || !strings.Contains(strings.ToLower(name), strings.ToLower(value(in.LogGroupNamePattern))) || !c.visible(g.made) {
			continue
		}
		arn := *c.region.arn("logs", "log-group:"+name)
		groups = append(groups, types.LogGroup{LogGroupName: &name, Arn: new(arn + ":*"), LogGroupArn: &arn, CreationTime: new(g.made.UnixMilli()), RetentionInDays: g.retention,
			MetricFilterCount: new(int32(0)), StoredBytes: new(int64(0)), LogGroupClass: types.LogGroupClassStandard})
	}
	slices.SortFunc(groups, func(a, b types.LogGroup) int { return strings.Compare(*a.LogGroupName, *b.LogGroupName) })
	groups, next, err := page(c.Server, groups, in.NextToken, in.Limit, 50)
	if err != nil {
		return nil, wire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
	}
	return &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: groups, NextToken: next}, nil
}

func deleteLogGroup(c *call, in *cloudwatchlogs.DeleteLogGroupInput) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	if _, err := c.region.logGroup(in.LogGroupName); err != nil {
		return nil, err
	}
	delete(c.region.logs.groups, *in.LogGroupName)
	return &cloudwatchlogs.DeleteLogGroupOutput{}, nil
}

// retentionDays are those that there are.
var retentionDays = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func putRetentionPolicy(c *call, in *cloudwatchlogs.PutRetentionPolicyInput) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(retentionDays, value(in.RetentionInDays)) {
		return nil, wire.Errorf("InvalidParameterException", "1 validation error detected: retentionInDays must be one of %v", fmt.Sprint(retentionDays))
	}
	g.retention = in.RetentionInDays
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, nil
}

func deleteRetentionPolicy(c *call, in *cloudwatchlogs.DeleteRetentionPolicyInput) (*cloudwatchlogs.DeleteRetentionPolicyOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	g.retention = nil
	return &cloudwatchlogs.DeleteRetentionPolicyOutput{}, nil
}

// groupByARN takes the ARN without the star at its end, as tags do.
func (r *region) groupByARN(arn *string) (*logGroup, error) {
	name, ok := strings.CutPrefix(value(arn), *r.arn("logs", "log-group:"))
	if !ok {
		return nil, wire.Errorf("InvalidParameterException", "Invalid resource ARN %s", value(arn))
	}
	return r.logGroup(&name)
}

func tagLogGroup(c *call, in *cloudwatchlogs.TagResourceInput) (*cloudwatchlogs.TagResourceOutput, error) {
	g, err := c.region.groupByARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if g.tags == nil {
		g.tags = map[string]string{}
	}
	maps.Copy(g.tags, in.Tags)
	return &cloudwatchlogs.TagResourceOutput{}, nil
}

func untagLogGroup(c *call, in *cloudwatchlogs.UntagResourceInput) (*cloudwatchlogs.UntagResourceOutput, error) {
	g, err := c.region.groupByARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(g.tags, key)
	}
	return &cloudwatchlogs.UntagResourceOutput{}, nil
}

func listLogGroupTags(c *call, in *cloudwatchlogs.ListTagsForResourceInput) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	g, err := c.region.groupByARN(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, g.tags)
	return &cloudwatchlogs.ListTagsForResourceOutput{Tags: tags}, nil
}
