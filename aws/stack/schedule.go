package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A ScheduleSpec invokes a function at fixed times.
type ScheduleSpec struct {
	Deployment  string
	Part        plan.Part
	Suffix      string // behind the deployment's name makes the schedule's, and its group's
	Description string
	// Expression is cron(…), rate(…) or at(…), in UTC.
	Expression string
	// Target is the function, Role the role that invokes it, Input the event.
	Target plan.Resource
	ARN    string
	Role   *Role
	Input  string
	// Retries of an invocation that AWS could not deliver, for MaxAge; then it goes to the queue DeadLetter.
	Retries    int32
	MaxAge     time.Duration
	DeadLetter *Queue
}

// A Schedule is one of EventBridge Scheduler, alone in a group of its own: schedules have no tags, groups do.
type Schedule struct {
	scheduleItem
	wanted
	spec ScheduleSpec
}

// Schedule describes a schedule.
func (a *Account) Schedule(s ScheduleSpec) *Schedule {
	out := &Schedule{scheduleItem: scheduleItem{item{a, plan.Schedule, s.Deployment + "-" + s.Suffix}}, spec: s}
	out.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: []plan.Resource{s.Target, s.Role, s.DeadLetter}, price: a.schedulePrice(), fields: scheduleFields(
		awssdk.String(s.Expression), awssdk.String("UTC"), types.ScheduleStateEnabled, awssdk.String(s.Description), out.target())}
	return out
}

// ScheduleGroupARN is the ARN of the group of a schedule, from which its role may be assumed.
func (a *Account) ScheduleGroupARN(name string) string {
	return a.ARN("scheduler", "schedule-group/"+name)
}

func (s *Schedule) target() *types.Target {
	return &types.Target{
		Arn: &s.spec.ARN, RoleArn: awssdk.String(s.spec.Role.ARN()), Input: &s.spec.Input, DeadLetterConfig: &types.DeadLetterConfig{Arn: awssdk.String(s.spec.DeadLetter.ARN())},
		RetryPolicy: &types.RetryPolicy{MaximumRetryAttempts: &s.spec.Retries, MaximumEventAgeInSeconds: awssdk.Int32(int32(s.spec.MaxAge.Seconds()))},
	}
}

// scheduleFields say what a schedule does, of one that is wanted as of one that exists.
func scheduleFields(expression, zone *string, state types.ScheduleState, description *string, t *types.Target) plan.Fields {
	letters, retries := "", "none"
	if t.DeadLetterConfig != nil {
		letters = awssdk.ToString(t.DeadLetterConfig.Arn)
	}
	if r := t.RetryPolicy; r != nil {
		retries = fmt.Sprintf("%d times within %v", awssdk.ToInt32(r.MaximumRetryAttempts), time.Duration(awssdk.ToInt32(r.MaximumEventAgeInSeconds))*time.Second)
	}
	return plan.Fields{
		plan.F("when", awssdk.ToString(expression)+" "+awssdk.ToString(zone)), plan.F("state", strings.ToLower(string(state))), plan.F("invokes", awssdk.ToString(t.Arn)),
		plan.F("role", awssdk.ToString(t.RoleArn)), plan.F("event", awssdk.ToString(t.Input)), plan.F("retries", retries), plan.F("dead letters", letters),
		plan.F("description", awssdk.ToString(description)),
	}
}

// Create makes the group, then the schedule in it.
func (s *Schedule) Create(ctx context.Context) error {
	var tags []types.Tag
	for key, value := range s.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	if _, err := s.a.schedules.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: &s.name, Tags: tags}); err != nil {
		if has(err, "ConflictException") { // it is on its way out, or came from a call whose answer was lost
			state, readErr := s.Read(ctx)
			if readErr != nil || state.Part() != s.part {
				return errors.Join(plan.NotYet(said(err)), readErr)
			}
		} else {
			return said(err)
		}
	}
	return s.put(ctx, false)
}

// Update sets the tags and the schedule, which an interrupted run may not have made.
func (s *Schedule) Update(ctx context.Context, from plan.State) error {
	if from.Part() != s.part {
		var tags []types.Tag
		for key, value := range s.tags() {
			tags = append(tags, types.Tag{Key: &key, Value: &value})
		}
		if _, err := s.a.schedules.TagResource(ctx, &scheduler.TagResourceInput{ResourceArn: awssdk.String(s.a.ScheduleGroupARN(s.name)), Tags: tags}); err != nil {
			return said(err)
		}
	}
	return s.put(ctx, from.Fields.Get("when") != "")
}

func (s *Schedule) put(ctx context.Context, exists bool) (err error) {
	window := &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}
	if exists {
		_, err = s.a.schedules.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{Name: &s.name, GroupName: &s.name, ScheduleExpression: &s.spec.Expression,
			ScheduleExpressionTimezone: awssdk.String("UTC"), State: types.ScheduleStateEnabled, Description: &s.spec.Description, FlexibleTimeWindow: window, Target: s.target()})
	} else {
		_, err = s.a.schedules.CreateSchedule(ctx, &scheduler.CreateScheduleInput{Name: &s.name, GroupName: &s.name, ScheduleExpression: &s.spec.Expression,
			ScheduleExpressionTimezone: awssdk.String("UTC"), State: types.ScheduleStateEnabled, Description: &s.spec.Description, FlexibleTimeWindow: window, Target: s.target()})
	}
	switch {
	case has(err, "ConflictException") && !exists: // made by a call whose answer was lost
		return s.put(ctx, true)
	case has(err, "ValidationException") && strings.Contains(err.Error(), "assume"): // a role that was just made
		return plan.NotYet(said(err))
	}
	return ignore(err)
}

type scheduleItem struct{ item }

// Read asks for the group with its tags, and the schedule.
func (s scheduleItem) Read(ctx context.Context) (plan.State, error) {
	group, err := s.a.schedules.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: &s.name})
	if has(err, "ResourceNotFoundException") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, Detail: strings.ToLower(string(group.State)), ARN: awssdk.ToString(group.Arn), Created: awssdk.ToTime(group.CreationDate),
		Price: s.a.schedulePrice(), Tags: make(map[string]string)}
	if group.State == types.ScheduleGroupStateDeleting {
		state.Phase = plan.Deleting
	}
	tags, err := s.a.schedules.ListTagsForResource(ctx, &scheduler.ListTagsForResourceInput{ResourceArn: group.Arn})
	if err := ignore(err, "ResourceNotFoundException"); err != nil {
		return state, err
	}
	if tags != nil {
		for _, t := range tags.Tags {
			state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
		}
	}
	out, err := s.a.schedules.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &s.name, GroupName: &s.name})
	if has(err, "ResourceNotFoundException") {
		return state, nil
	}
	if err != nil {
		return state, said(err)
	}
	state.Detail = strings.ToLower(string(out.State))
	if out.Target != nil {
		state.Fields = scheduleFields(out.ScheduleExpression, out.ScheduleExpressionTimezone, out.State, out.Description, out.Target)
	}
	return state, nil
}

// Delete deletes the group, and AWS the schedule in it. A schedule that goes with its group goes by and by, so it is deleted first: it
// fires no more.
func (s scheduleItem) Delete(ctx context.Context) error {
	_, err := s.a.schedules.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: &s.name, GroupName: &s.name})
	if err := ignore(err, "ResourceNotFoundException"); err != nil {
		return err
	}
	_, err = s.a.schedules.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &s.name})
	return ignore(err, "ResourceNotFoundException", "ConflictException") // the latter of one that is on its way out
}

type scheduleFinder struct{ a *Account }

// Kind is the schedule's.
func (f scheduleFinder) Kind() plan.Kind { return plan.Schedule }

// How names the calls.
func (f scheduleFinder) How() string {
	return "scheduler:ListScheduleGroups, scheduler:ListTagsForResource"
}

// Find lists the groups by name.
func (f scheduleFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := scheduler.NewListScheduleGroupsPaginator(f.a.schedules, &scheduler.ListScheduleGroupsInput{NamePrefix: nameFilter(name)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, g := range page.ScheduleGroups {
			if awssdk.ToString(g.Name) != "default" {
				names = append(names, g.Name)
			}
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return scheduleItem{i} }, plan.Schedule), nil
}
