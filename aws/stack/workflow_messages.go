package stack

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/registry"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// workflowMessages are the queues and topics that a state machine sends to: the ARNs of all, and those that the deployment makes.
type workflowMessages struct {
	queues, topics []string
	resources      []plan.Resource
}

// workflowMessages makes the queues and the topic that mode robust wants and nobody has named, and puts their names into values.
func (a *Account) workflowMessages(o WorkflowOptions, values map[string]string) workflowMessages {
	var m workflowMessages
	if o.Mode != workflow.Robust {
		return m
	}
	queue := func(placeholder, suffix string) {
		if url := values[placeholder]; url != "" {
			m.queues = append(m.queues, a.queueARN(url))
			return
		}
		q := a.Queue(QueueSpec{Deployment: o.Name, Part: plan.Part("workflow/" + suffix), Suffix: suffix})
		values[placeholder] = a.queueURL(q.name)
		m.queues, m.resources = append(m.queues, q.ARN()), append(m.resources, q)
		if suffix == "dead-letters" {
			m.resources = append(m.resources, a.Alarm(AlarmSpec{Deployment: o.Name, Part: "workflow/alarm-dead-letters", Suffix: "dead-letters", Namespace: "AWS/SQS",
				Metric: "ApproximateNumberOfMessagesVisible", Dimensions: map[string]string{"QueueName": q.name}, Statistic: types.StatisticMaximum, Period: 300, Actions: o.Notify,
				Needs: []plan.Resource{q}, Description: "Pictures failed and wait in the dead-letter queue"}))
		}
	}
	queue("DeadLetterQueueUrl", "dead-letters")
	if o.Review != "sns" {
		queue("ReviewQueueUrl", "review")
		return m
	}
	arn := values["ReviewTopicArn"]
	if arn == "" {
		t := a.Topic(TopicSpec{Deployment: o.Name, Part: "workflow/review", Suffix: "review"})
		arn = t.ARN()
		values["ReviewTopicArn"], m.resources = arn, append(m.resources, t)
	}
	m.topics = append(m.topics, arn)
	return m
}

// queueURL is how SQS names a queue of the account.
func (a *Account) queueURL(name string) string {
	return fmt.Sprintf("https://sqs.%s.%s/%s/%s", a.Region, registry.PartitionOf(a.Region).Suffix, a.ID, name)
}

// queueARN is the ARN of a queue by its URL, which ends in account and name.
func (a *Account) queueARN(url string) string {
	parts := strings.Split(url, "/")
	account, name := a.ID, parts[len(parts)-1]
	if len(parts) > 1 {
		account = parts[len(parts)-2]
	}
	return fmt.Sprintf("arn:%s:sqs:%s:%s:%s", a.Partition, a.Region, account, name)
}

// How often a start by the schedule is tried again, and for how long.
const (
	scheduleRetries = 3
	scheduleAge     = time.Hour
)

// workflowSchedule starts mode map over the pictures at fixed times. What could not be started waits in a queue.
func (a *Account) workflowSchedule(o WorkflowOptions, machine *StateMachine) plan.Resource {
	missed := a.Queue(QueueSpec{Deployment: o.Name, Part: "workflow/missed", Suffix: "missed"})
	name := o.Name + "-workflow"
	role := a.Role(RoleSpec{
		Deployment: o.Name, Part: "workflow/role-schedule", Suffix: "workflow-schedule", Service: "scheduler.amazonaws.com", Condition: a.FromHere(a.ScheduleGroupARN(name)),
		Allow: []plan.Statement{
			{Sid: "Start", Effect: "Allow", Action: []string{"states:StartExecution"}, Resource: []string{machine.ARN()}},
			{Sid: "KeepMissed", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{missed.ARN()}},
		},
	})
	input, err := json.Marshal(map[string]any{"bucket": o.Bucket, "prefix": o.Prefix, "results": map[string]string{"bucket": o.Bucket, "prefix": o.results()}})
	if err != nil {
		panic(err) // strings always encode
	}
	return a.Schedule(ScheduleSpec{
		Deployment: o.Name, Part: "workflow/schedule", Suffix: "workflow", Description: "Classifies all pictures of the prefix", Expression: o.Schedule, Target: machine,
		ARN: machine.ARN(), Role: role, Input: string(input), Retries: scheduleRetries, MaxAge: scheduleAge, DeadLetter: missed,
	})
}
