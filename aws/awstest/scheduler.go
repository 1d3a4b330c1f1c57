package awstest

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type schedulerState struct {
	groups    map[string]*scheduleGroup
	schedules map[string]*schedule // by group/name
}

type scheduleGroup struct {
	types.ScheduleGroupSummary
	tags []types.Tag
}

type schedule struct {
	scheduler.GetScheduleOutput
	due time.Time // zero where it is not by rate
}

func newScheduler() *schedulerState {
	return &schedulerState{map[string]*scheduleGroup{"default": {}}, map[string]*schedule{}}
}

func schedulerService() *service {
	return &service{name: "scheduler", model: "scheduler", operations: map[string]operation{
		"CreateSchedule": typed(createSchedule), "GetSchedule": typed(getSchedule), "UpdateSchedule": typed(updateSchedule), "DeleteSchedule": typed(deleteSchedule), "ListSchedules": typed(listSchedules),
		"CreateScheduleGroup": typed(createScheduleGroup), "GetScheduleGroup": typed(getScheduleGroup), "DeleteScheduleGroup": typed(deleteScheduleGroup), "ListScheduleGroups": typed(listScheduleGroups),
		"TagResource": typed(tagGroup), "UntagResource": typed(untagGroup), "ListTagsForResource": typed(listGroupTags),
	}, routes: []route{
		{"POST /schedules/{Name}", "CreateSchedule", 0}, {"GET /schedules/{Name}", "GetSchedule", 0}, {"PUT /schedules/{Name}", "UpdateSchedule", 0}, {"DELETE /schedules/{Name}", "DeleteSchedule", 0}, {"GET /schedules", "ListSchedules", 0},
		{"POST /schedule-groups/{Name}", "CreateScheduleGroup", 0}, {"GET /schedule-groups/{Name}", "GetScheduleGroup", 0}, {"DELETE /schedule-groups/{Name}", "DeleteScheduleGroup", 0}, {"GET /schedule-groups", "ListScheduleGroups", 0},
		{"POST /tags/{ResourceArn}", "TagResource", 0}, {"GET /tags/{ResourceArn}", "ListTagsForResource", 0}, {"DELETE /tags/{ResourceArn}", "UntagResource", 0},
	}}
}

func schedulerError(status int, code, message string) error {
	return &wire.Error{Status: status, Code: code, Message: message}
}

var rate = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

// validSchedule tells a rate, a cron expression of six fields, or a time.
func validSchedule(text string) bool {
	if m := rate.FindStringSubmatch(text); m != nil {
		return m[1] != "0"
	}
	if fields, ok := strings.CutPrefix(text, "cron("); ok {
		return strings.HasSuffix(fields, ")") && len(strings.Fields(fields)) == 6
	}
	if at, ok := strings.CutPrefix(text, "at("); ok {
		_, err := time.Parse("2006-01-02T15:04:05)", at)
		return err == nil
	}
	return false
}

// interval is a rate's; zero for what is none.
func interval(text string) time.Duration {
	m := rate.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return time.Duration(n) * map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
}

func scheduleKey(group, name *string) (string, string) {
	g := value(group)
	if g == "" {
		g = "default"
	}
	return g, g + "/" + value(name)
}

func (c *call) checkSchedule(group string, expression *string, window *types.FlexibleTimeWindow, target *types.Target) error {
	switch {
	case !validSchedule(value(expression)):
		return schedulerError(400, "ValidationException", "Invalid Schedule Expression "+value(expression)+".")
	case window == nil || window.Mode == "" || window.Mode == types.FlexibleTimeWindowModeFlexible && window.MaximumWindowInMinutes == nil:
		return schedulerError(400, "ValidationException", "FlexibleTimeWindow needs a mode, and FLEXIBLE its minutes")
	case target == nil || target.Arn == nil || target.RoleArn == nil:
		return schedulerError(400, "ValidationException", "Target needs Arn and RoleArn")
	case !c.assumableFrom(*target.RoleArn, "scheduler.amazonaws.com", *c.region.arn("scheduler", "schedule-group/"+group)): // guide, "Confused deputy prevention"
		return schedulerError(400, "ValidationException", "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return nil
}

func createSchedule(c *call, in *scheduler.CreateScheduleInput) (*scheduler.CreateScheduleOutput, error) {
	group, key := scheduleKey(in.GroupName, in.Name)
	if c.region.scheduler.groups[group] == nil {
		return nil, schedulerError(404, "ResourceNotFoundException", "Schedule group "+group+" does not exist.")
	}
	if c.region.scheduler.schedules[key] != nil {
		return nil, schedulerError(409, "ConflictException", "Schedule "+value(in.Name)+" already exists.")
	}
	if err := c.checkSchedule(group, in.ScheduleExpression, in.FlexibleTimeWindow, in.Target); err != nil {
		return nil, err
	}
	s := &schedule{}
	s.Arn, s.Name, s.GroupName, s.CreationDate = c.region.arn("scheduler", "schedule/"+key), in.Name, &group, new(c.now)
	s.take(c, scheduler.UpdateScheduleInput{ScheduleExpression: in.ScheduleExpression, FlexibleTimeWindow: in.FlexibleTimeWindow, Target: in.Target, ActionAfterCompletion: in.ActionAfterCompletion, Description: in.Description,
		EndDate: in.EndDate, StartDate: in.StartDate, KmsKeyArn: in.KmsKeyArn, ScheduleExpressionTimezone: in.ScheduleExpressionTimezone, State: in.State})
	c.region.scheduler.schedules[key] = s
	return &scheduler.CreateScheduleOutput{ScheduleArn: s.Arn}, nil
}

// take puts everything in place of what was; what is left out is back to what the service takes for granted.
func (s *schedule) take(c *call, in scheduler.UpdateScheduleInput) {
	s.ScheduleExpression, s.FlexibleTimeWindow, s.Target, s.Description, s.EndDate, s.StartDate, s.KmsKeyArn = in.ScheduleExpression, in.FlexibleTimeWindow, in.Target, in.Description, in.EndDate, in.StartDate, in.KmsKeyArn
	s.ScheduleExpressionTimezone, s.State, s.ActionAfterCompletion = new("UTC"), types.ScheduleStateEnabled, types.ActionAfterCompletionNone
	set(&s.ScheduleExpressionTimezone, in.ScheduleExpressionTimezone)
	if in.State != "" {
		s.State = in.State
	}
	if in.ActionAfterCompletion != "" {
		s.ActionAfterCompletion = in.ActionAfterCompletion
	}
	if s.Target.RetryPolicy == nil {
		s.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: new(int32(86400)), MaximumRetryAttempts: new(int32(185))}
	}
	s.LastModificationDate, s.due = new(c.now), time.Time{}
	if every := interval(*s.ScheduleExpression); every > 0 {
		s.due = c.now.Add(every)
	}
}

func (c *call) schedule(group, name *string) (*schedule, string, error) {
	_, key := scheduleKey(group, name)
	if s := c.region.scheduler.schedules[key]; s != nil {
		return s, key, nil
	}
	return nil, "", schedulerError(404, "ResourceNotFoundException", "Schedule "+value(name)+" does not exist.")
}

func getSchedule(c *call, in *scheduler.GetScheduleInput) (*scheduler.GetScheduleOutput, error) {
	s, _, err := c.schedule(in.GroupName, in.Name)
	if err != nil {
		return nil, err
	}
	return &s.GetScheduleOutput, nil
}

func updateSchedule(c *call, in *scheduler.UpdateScheduleInput) (*scheduler.UpdateScheduleOutput, error) {
	s, _, err := c.schedule(in.GroupName, in.Name)
	if err != nil {
		return nil, err
	}
	if err := c.checkSchedule(*s.GroupName, in.ScheduleExpression, in.FlexibleTimeWindow, in.Target); err != nil {
		return nil, err
	}
	s.take(c, *in)
	return &scheduler.UpdateScheduleOutput{ScheduleArn: s.Arn}, nil
}

func deleteSchedule(c *call, in *scheduler.DeleteScheduleInput) (*scheduler.DeleteScheduleOutput, error) {
	_, key, err := c.schedule(in.GroupName, in.Name)
	if err != nil {
		return nil, err
	}
	delete(c.region.scheduler.schedules, key)
	return &scheduler.DeleteScheduleOutput{}, nil
}

func listSchedules(c *call, in *scheduler.ListSchedulesInput) (*scheduler.ListSchedulesOutput, error) {
	query := c.request.URL.Query() // the group is called otherwise there
	if g := query.Get("ScheduleGroup"); g != "" {
		in.GroupName = &g
	}
	out := []types.ScheduleSummary{}
	for _, key := range slices.Sorted(maps.Keys(c.region.scheduler.schedules)) {
		s := c.region.scheduler.schedules[key]
		if (in.GroupName == nil || *in.GroupName == *s.GroupName) && strings.HasPrefix(*s.Name, value(in.NamePrefix)) && (in.State == "" || in.State == s.State) {
			out = append(out, types.ScheduleSummary{Arn: s.Arn, Name: s.Name, GroupName: s.GroupName, State: s.State, CreationDate: s.CreationDate, LastModificationDate: s.LastModificationDate, Target: &types.TargetSummary{Arn: s.Target.Arn}})
		}
	}
	out, next, err := page(c.Server, out, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	return &scheduler.ListSchedulesOutput{Schedules: out, NextToken: next}, nil
}
