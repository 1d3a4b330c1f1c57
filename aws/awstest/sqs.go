package awstest

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type sqsState struct {
	queues  map[string]*queue
	deleted map[string]time.Time
}

type queue struct {
	name, arn  string
	attributes map[string]string
	tags       map[string]string
	made       time.Time
	messages   []*queued
}

type queued struct {
	id, body, receipt string
	sent, hidden      time.Time // hidden until then
	received          int
	first             time.Time
}

func newSQS() *sqsState { return &sqsState{map[string]*queue{}, map[string]time.Time{}} }

func sqsService() *service {
	return &service{name: "sqs", model: "sqs", shapes: "com.amazonaws.sqs", operations: map[string]operation{
		"CreateQueue": typed(createQueue), "GetQueueUrl": typed(getQueueURL), "GetQueueAttributes": typed(getQueueAttributes), "SetQueueAttributes": typed(setQueueAttributes), "DeleteQueue": typed(deleteQueue), "ListQueues": typed(listQueues),
		"TagQueue": typed(tagQueue), "UntagQueue": typed(untagQueue), "ListQueueTags": typed(listQueueTags),
		"SendMessage": typed(sendMessage), "ReceiveMessage": typed(receiveMessage), "DeleteMessage": typed(deleteMessage), "PurgeQueue": typed(purgeQueue),
	}}
}

// queueReuse is how long a deleted queue's name cannot be used again.
const queueReuse = 60 * time.Second

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}(\.fifo)?$`)

var queueDefaults = map[string]string{"VisibilityTimeout": "30", "MaximumMessageSize": "262144", "MessageRetentionPeriod": "345600", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true"}

var queueRanges = map[string][2]int{"VisibilityTimeout": {0, 43200}, "MaximumMessageSize": {1024, 1048576}, "MessageRetentionPeriod": {60, 1209600}, "DelaySeconds": {0, 900}, "ReceiveMessageWaitTimeSeconds": {0, 20}}

func (q *queue) number(attribute string) int {
	n, _ := strconv.Atoi(q.attributes[attribute])
	return n
}

func (c *call) checkQueueAttributes(attributes map[string]string) error {
	for name, text := range attributes {
		if limits, ok := queueRanges[name]; ok {
			if n, err := strconv.Atoi(text); err != nil || n < limits[0] || n > limits[1] {
				return wire.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
			}
			continue
		}
		switch name {
		case "Policy":
			if _, err := parsePolicy(text, true, true); text != "" && err != nil {
				return wire.Errorf("InvalidAttributeValue", "Invalid value for the parameter Policy: %v", err)
			}
		case "RedrivePolicy":
			var p struct {
				DeadLetterTargetArn string
				MaxReceiveCount     json.Number
			}
			if text != "" && (json.Unmarshal([]byte(text), &p) != nil || c.region.queueByARN(p.DeadLetterTargetArn) == nil || p.MaxReceiveCount == "") {
				return wire.Errorf("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", text)
			}
		case "SqsManagedSseEnabled", "KmsMasterKeyId", "RedriveAllowPolicy", "FifoQueue", "ContentBasedDeduplication", "KmsDataKeyReusePeriodSeconds":
		default:
			return wire.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
	}
	return nil
}

func createQueue(c *call, in *sqs.CreateQueueInput) (*sqs.CreateQueueOutput, error) {
	name := value(in.QueueName)
	if !queueName.MatchString(name) {
		return nil, wire.Errorf("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	if err := c.checkQueueAttributes(in.Attributes); err != nil {
		return nil, err
	}
	if q := c.region.sqs.queues[name]; q != nil {
		for key, want := range in.Attributes {
			if q.attributes[key] != want {
				return nil, &wire.Error{Code: "QueueNameExists", QueryCode: "QueueAlreadyExists", Message: "A queue already exists with the same name and a different value for attribute " + key}
			}
		}
		return &sqs.CreateQueueOutput{QueueUrl: new(c.queueURL(name))}, nil
	}
	if gone, ok := c.region.sqs.deleted[name]; ok && c.now.Before(gone.Add(queueReuse)) {
		return nil, &wire.Error{Code: "QueueDeletedRecently", QueryCode: "AWS.SimpleQueueService.QueueDeletedRecently", Message: "You must wait 60 seconds after deleting a queue before you can create another with the same name."}
	}
	q := &queue{name: name, arn: *c.region.arn("sqs", name), attributes: maps.Clone(queueDefaults), tags: maps.Clone(in.Tags), made: c.now}
	maps.Copy(q.attributes, in.Attributes)
	c.region.sqs.queues[name] = q
	return &sqs.CreateQueueOutput{QueueUrl: new(c.queueURL(name))}, nil
}

func (c *call) queueURL(name string) string { return c.URL + "/" + Account + "/" + name }

func noQueue() error {
	return &wire.Error{Code: "QueueDoesNotExist", QueryCode: "AWS.SimpleQueueService.NonExistentQueue", Message: "The specified queue does not exist."}
}

func (c *call) queue(url *string) (*queue, error) {
	name := value(url)[strings.LastIndexByte(value(url), '/')+1:]
	if q := c.region.sqs.queues[name]; q != nil {
		return q, nil
	}
	return nil, noQueue()
}

func (r *region) queueByARN(arn string) *queue {
	for _, q := range r.sqs.queues {
		if q.arn == arn {
			return q
		}
	}
	return nil
}

// lets tells whether a queue's policy lets a service act on behalf of something.
func (q *queue) lets(service, action, source string) bool {
	p, err := parsePolicy(q.attributes["Policy"], true, true)
	if err != nil {
		return false
	}
	allowed, denied := p.verdict(deed{kind: "Service", principal: service, action: action, resource: q.arn, context: map[string]string{"aws:SourceArn": source, "aws:SourceAccount": Account}})
	return allowed && !denied
}

func getQueueURL(c *call, in *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
	q, err := c.queue(in.QueueName)
	if err != nil {
		return nil, err
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: new(c.queueURL(q.name))}, nil
}

func getQueueAttributes(c *call, in *sqs.GetQueueAttributesInput) (*sqs.GetQueueAttributesOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(q.attributes)
	visible := 0
	for _, m := range q.messages {
		if !c.now.Before(m.hidden) {
			visible++
		}
	}
	made := strconv.FormatInt(q.made.Unix(), 10)
	maps.Copy(all, map[string]string{"QueueArn": q.arn, "ApproximateNumberOfMessages": itoa(visible), "ApproximateNumberOfMessagesNotVisible": itoa(len(q.messages) - visible), "ApproximateNumberOfMessagesDelayed": "0", "CreatedTimestamp": made, "LastModifiedTimestamp": made})
	if !slices.Contains(in.AttributeNames, types.QueueAttributeNameAll) {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(in.AttributeNames, types.QueueAttributeName(name)) })
	}
	return &sqs.GetQueueAttributesOutput{Attributes: all}, nil
}

func setQueueAttributes(c *call, in *sqs.SetQueueAttributesInput) (*sqs.SetQueueAttributesOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := c.checkQueueAttributes(in.Attributes); err != nil {
		return nil, err
	}
	for name, text := range in.Attributes {
		if q.attributes[name] = text; text == "" {
			delete(q.attributes, name)
		}
	}
	return &sqs.SetQueueAttributesOutput{}, nil
}

func deleteQueue(c *call, in *sqs.DeleteQueueInput) (*sqs.DeleteQueueOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	delete(c.region.sqs.queues, q.name)
	c.region.sqs.deleted[q.name] = c.now
	return &sqs.DeleteQueueOutput{}, nil
}

func listQueues(c *call, in *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) {
	out := []string{}
	for _, name := range slices.Sorted(maps.Keys(c.region.sqs.queues)) {
		if strings.HasPrefix(name, value(in.QueueNamePrefix)) {
			out = append(out, c.queueURL(name))
		}
	}
	out, next, err := page(c.Server, out, in.NextToken, in.MaxResults, 1000)
	if err != nil {
		return nil, wire.Errorf("InvalidParameterValue", "Invalid NextToken value.")
	}
	return &sqs.ListQueuesOutput{QueueUrls: out, NextToken: next}, nil
}

func tagQueue(c *call, in *sqs.TagQueueInput) (*sqs.TagQueueOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if q.tags == nil {
		q.tags = map[string]string{}
	}
	maps.Copy(q.tags, in.Tags)
	return &sqs.TagQueueOutput{}, nil
}

func untagQueue(c *call, in *sqs.UntagQueueInput) (*sqs.UntagQueueOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(q.tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	return &sqs.UntagQueueOutput{}, nil
}

func listQueueTags(c *call, in *sqs.ListQueueTagsInput) (*sqs.ListQueueTagsOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &sqs.ListQueueTagsOutput{Tags: q.tags}, nil
}

func (q *queue) put(now time.Time, id, body string) {
	q.messages = append(q.messages, &queued{id: id, body: body, sent: now, hidden: now.Add(time.Duration(q.number("DelaySeconds")) * time.Second)})
}

func digest(text string) *string {
	sum := md5.Sum([]byte(text))
	return new(hex.EncodeToString(sum[:]))
}

func sendMessage(c *call, in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if body := value(in.MessageBody); body == "" || len(body) > q.number("MaximumMessageSize") {
		return nil, wire.Errorf("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be at least one character, and shorter than %d bytes.", q.number("MaximumMessageSize"))
	}
	id := c.Server.id()
	q.put(c.now, id, *in.MessageBody)
	return &sqs.SendMessageOutput{MessageId: &id, MD5OfMessageBody: digest(*in.MessageBody)}, nil
}

// receiveMessage hides what it gives out, and hands on to the dead letters what was given out too often.
func receiveMessage(c *call, in *sqs.ReceiveMessageInput) (*sqs.ReceiveMessageOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	hide := q.number("VisibilityTimeout")
	if in.VisibilityTimeout > 0 {
		hide = int(in.VisibilityTimeout)
	}
	out := &sqs.ReceiveMessageOutput{}
	c.region.redrive(q)
	for _, m := range q.messages {
		if c.now.Before(m.hidden) || len(out.Messages) == int(max(in.MaxNumberOfMessages, 1)) {
			continue
		}
		if m.received++; m.received == 1 {
			m.first = c.now
		}
		m.hidden, m.receipt = c.now.Add(time.Duration(hide)*time.Second), c.Server.id()
		entry := types.Message{MessageId: &m.id, Body: &m.body, MD5OfBody: digest(m.body), ReceiptHandle: new(m.receipt)}
		all := map[string]string{"ApproximateReceiveCount": itoa(m.received), "SentTimestamp": strconv.FormatInt(m.sent.UnixMilli(), 10), "SenderId": Account, "ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10)}
		for name, text := range all {
			if slices.Contains(in.MessageSystemAttributeNames, types.MessageSystemAttributeNameAll) || slices.Contains(in.MessageSystemAttributeNames, types.MessageSystemAttributeName(name)) || slices.Contains(in.AttributeNames, types.QueueAttributeNameAll) {
				if entry.Attributes == nil {
					entry.Attributes = map[string]string{}
				}
				entry.Attributes[name] = text
			}
		}
		out.Messages = append(out.Messages, entry)
	}
	return out, nil
}

func (r *region) redrive(q *queue) {
	var p struct {
		DeadLetterTargetArn string
		MaxReceiveCount     json.Number
	}
	if json.Unmarshal([]byte(q.attributes["RedrivePolicy"]), &p) != nil {
		return
	}
	most, _ := p.MaxReceiveCount.Int64()
	target := r.queueByARN(p.DeadLetterTargetArn)
	q.messages = slices.DeleteFunc(q.messages, func(m *queued) bool {
		if target == nil || m.received < int(most) || r.now.Before(m.hidden) {
			return false
		}
		target.messages = append(target.messages, &queued{id: m.id, body: m.body, sent: m.sent, hidden: r.now})
		return true
	})
}

func deleteMessage(c *call, in *sqs.DeleteMessageInput) (*sqs.DeleteMessageOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	q.messages = slices.DeleteFunc(q.messages, func(m *queued) bool { return m.receipt == value(in.ReceiptHandle) })
	return &sqs.DeleteMessageOutput{}, nil
}

func purgeQueue(c *call, in *sqs.PurgeQueueInput) (*sqs.PurgeQueueOutput, error) {
	q, err := c.queue(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	q.messages = nil
	return &sqs.PurgeQueueOutput{}, nil
}
