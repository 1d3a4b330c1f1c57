package awstest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// settleSchedules does what schedules by rate are due for. A schedule whose role may not is passed over, as AWS does once its retries
// are used up.
func (r *region) settleSchedules() {
	for _, s := range r.scheduler.schedules {
		for !s.due.IsZero() && !r.now.Before(s.due) {
			s.due = s.due.Add(interval(*s.ScheduleExpression))
			if s.State == types.ScheduleStateEnabled && r.assumableFrom(*s.Target.RoleArn, "scheduler.amazonaws.com", *r.arn("scheduler", "schedule-group/"+*s.GroupName)) {
				r.deliver(*s.Target.Arn, *s.Target.RoleArn, value(s.Target.Input))
			}
		}
	}
}

// deliver hands an input to a function, a machine, a topic or a queue, in the name of a role.
func (r *region) deliver(target, role, input string) {
	c := &call{Server: r.Server, region: r, regionID: r.id}
	switch {
	case strings.Contains(target, ":lambda:"):
		f, qualifier, err := r.functionOf(&target)
		if err != nil || !r.may(role, "lambda:InvokeFunction", target, nil) {
			return
		}
		// Beside the calls: the function may call the cloud.
		r.running.Go(func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			_, _, _, _ = r.invoke(f, qualifier, []byte(input))
		})
	case strings.Contains(target, ":states:"):
		if r.may(role, "states:StartExecution", target, nil) {
			_, _ = startExecution(c, &sfn.StartExecutionInput{StateMachineArn: &target, Input: &input})
		}
	case strings.Contains(target, ":sns:"):
		if t := r.sns.topics[target]; t != nil && r.may(role, "sns:Publish", target, nil) {
			r.notify(t, "", input)
		}
	case strings.Contains(target, ":sqs:"):
		if q := r.queueByARN(target); q != nil && r.may(role, "sqs:SendMessage", target, nil) {
			q.put(r.now, r.Server.id(), input)
		}
	}
}

// act does what an alarm has done when its state changes: it tells a topic whose policy lets it.
func (r *region) act(arn string, a *alarm, old any) {
	t := r.sns.topics[arn]
	if t == nil {
		return
	}
	p, err := parsePolicy(t.attributes["Policy"], true, true)
	if err != nil {
		return
	}
	d := deed{kind: "Service", principal: "cloudwatch.amazonaws.com", action: "sns:Publish", resource: arn, context: map[string]string{"aws:SourceArn": *a.AlarmArn, "aws:SourceAccount": Account, "aws:SourceOwner": Account}}
	if allowed, denied := p.verdict(d); !allowed || denied {
		return
	}
	body, err := json.Marshal(map[string]any{"AlarmName": a.AlarmName, "AlarmArn": a.AlarmArn, "AWSAccountId": Account, "NewStateValue": a.StateValue, "NewStateReason": a.StateReason, "OldStateValue": old, "StateChangeTime": isoTime(r.now)})
	if err != nil {
		return
	}
	r.notify(t, fmt.Sprintf("%s: %q in %s", a.StateValue, *a.AlarmName, r.id), string(body))
}
