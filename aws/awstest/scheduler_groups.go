package awstest

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

func createScheduleGroup(c *call, in *scheduler.CreateScheduleGroupInput) (*scheduler.CreateScheduleGroupOutput, error) {
	name := value(in.Name)
	if c.region.scheduler.groups[name] != nil {
		return nil, schedulerError(409, "ConflictException", "Schedule group "+name+" already exists.")
	}
	g := &scheduleGroup{tags: in.Tags}
	g.ScheduleGroupSummary = types.ScheduleGroupSummary{Name: &name, Arn: c.region.arn("scheduler", "schedule-group/"+name), State: types.ScheduleGroupStateActive, CreationDate: new(c.now), LastModificationDate: new(c.now)}
	c.region.scheduler.groups[name] = g
	return &scheduler.CreateScheduleGroupOutput{ScheduleGroupArn: g.Arn}, nil
}

func noGroup(name string) error {
	return schedulerError(404, "ResourceNotFoundException", "Schedule group "+name+" does not exist.")
}

func getScheduleGroup(c *call, in *scheduler.GetScheduleGroupInput) (*scheduler.GetScheduleGroupOutput, error) {
	g := c.region.scheduler.groups[value(in.Name)]
	if g == nil {
		return nil, noGroup(value(in.Name))
	}
	return &scheduler.GetScheduleGroupOutput{Name: g.Name, Arn: g.Arn, State: g.State, CreationDate: g.CreationDate, LastModificationDate: g.LastModificationDate}, nil
}

// deleteScheduleGroup takes the group's schedules with it.
func deleteScheduleGroup(c *call, in *scheduler.DeleteScheduleGroupInput) (*scheduler.DeleteScheduleGroupOutput, error) {
	name := value(in.Name)
	if c.region.scheduler.groups[name] == nil || name == "default" {
		return nil, noGroup(name)
	}
	delete(c.region.scheduler.groups, name)
	maps.DeleteFunc(c.region.scheduler.schedules, func(key string, _ *schedule) bool { return strings.HasPrefix(key, name+"/") })
	return &scheduler.DeleteScheduleGroupOutput{}, nil
}

func listScheduleGroups(c *call, in *scheduler.ListScheduleGroupsInput) (*scheduler.ListScheduleGroupsOutput, error) {
	out := []types.ScheduleGroupSummary{}
	for _, name := range slices.Sorted(maps.Keys(c.region.scheduler.groups)) {
		if g := c.region.scheduler.groups[name]; g.Arn != nil && strings.HasPrefix(name, value(in.NamePrefix)) {
			out = append(out, g.ScheduleGroupSummary)
		}
	}
	out, next, err := page(c.Server, out, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &scheduler.ListScheduleGroupsOutput{ScheduleGroups: out, NextToken: next}, nil
}

// taggedGroup finds a group; schedules themselves have no tags.
func (c *call) taggedGroup(arn *string) (*scheduleGroup, error) {
	for _, g := range c.region.scheduler.groups {
		if g.Arn != nil && *g.Arn == value(arn) {
			return g, nil
		}
	}
	return nil, schedulerError(404, "ResourceNotFoundException", "Resource "+value(arn)+" not found.")
}

func tagGroup(c *call, in *scheduler.TagResourceInput) (*scheduler.TagResourceOutput, error) {
	g, err := c.taggedGroup(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		g.tags = append(slices.DeleteFunc(slices.Clone(g.tags), func(o types.Tag) bool { return *o.Key == *tag.Key }), tag)
	}
	return &scheduler.TagResourceOutput{}, nil
}

func untagGroup(c *call, in *scheduler.UntagResourceInput) (*scheduler.UntagResourceOutput, error) {
	g, err := c.taggedGroup(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	g.tags = slices.DeleteFunc(slices.Clone(g.tags), func(o types.Tag) bool { return slices.Contains(in.TagKeys, *o.Key) })
	return &scheduler.UntagResourceOutput{}, nil
}

func listGroupTags(c *call, in *scheduler.ListTagsForResourceInput) (*scheduler.ListTagsForResourceOutput, error) {
	g, err := c.taggedGroup(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &scheduler.ListTagsForResourceOutput{Tags: filled(g.tags)}, nil
}
