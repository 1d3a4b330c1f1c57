package awstest

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type snsState struct {
	topics        map[string]*topic
	subscriptions map[string]*types.Subscription
}

type topic struct {
	arn, name  string
	attributes map[string]string
	tags       []types.Tag
	messages   []Message
}

// A Message is one that a topic or a queue got.
type Message struct{ ID, Subject, Body string }

func newSNS() *snsState { return &snsState{map[string]*topic{}, map[string]*types.Subscription{}} }

func snsService() *service {
	return &service{name: "sns", model: "sns", namespace: "http://sns.amazonaws.com/doc/2010-03-31/", operations: map[string]operation{
		"CreateTopic": typed(createTopic), "DeleteTopic": typed(deleteTopic), "ListTopics": typed(listTopics), "GetTopicAttributes": typed(getTopicAttributes), "SetTopicAttributes": typed(setTopicAttributes),
		"Subscribe": typed(subscribe), "Unsubscribe": typed(unsubscribe), "ListSubscriptions": typed(listSubscriptions), "ListSubscriptionsByTopic": typed(listSubscriptionsByTopic), "Publish": typed(publish),
		"TagResource": typed(tagTopic), "UntagResource": typed(untagTopic), "ListTagsForResource": typed(listTopicTags),
	}}
}

var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}(\.fifo)?$`)

func noTopic() error {
	return &wire.Error{Status: 404, Code: "NotFound", Message: "Topic does not exist"}
}

func (c *call) topic(arn *string) (*topic, error) {
	if t := c.region.sns.topics[value(arn)]; t != nil {
		return t, nil
	}
	return nil, noTopic()
}

// createTopic is no error where the topic is there with the same attributes and tags.
func createTopic(c *call, in *sns.CreateTopicInput) (*sns.CreateTopicOutput, error) {
	if !topicName.MatchString(value(in.Name)) {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Topic Name")
	}
	arn := *c.region.arn("sns", *in.Name)
	if t := c.region.sns.topics[arn]; t != nil {
		for key, want := range in.Attributes {
			if t.attributes[key] != want {
				return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
			}
		}
		same := len(in.Tags) == 0 || slices.EqualFunc(sortedTags(t.tags), sortedTags(in.Tags), func(a, b types.Tag) bool { return *a.Key == *b.Key && *a.Value == *b.Value })
		if !same {
			return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags")
		}
		return &sns.CreateTopicOutput{TopicArn: &arn}, nil
	}
	t := &topic{arn: arn, name: *in.Name, tags: in.Tags, attributes: map[string]string{}}
	t.attributes["Policy"] = `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + arn + `","Condition":{"StringEquals":{"AWS:SourceOwner":"` + Account + `"}}}]}`
	maps.Copy(t.attributes, in.Attributes)
	c.region.sns.topics[arn] = t
	return &sns.CreateTopicOutput{TopicArn: &arn}, nil
}

func sortedTags(tags []types.Tag) []types.Tag {
	return slices.SortedFunc(slices.Values(tags), func(a, b types.Tag) int { return strings.Compare(*a.Key, *b.Key) })
}

// deleteTopic is no error where there is none. Its subscriptions go too.
func deleteTopic(c *call, in *sns.DeleteTopicInput) (*sns.DeleteTopicOutput, error) {
	delete(c.region.sns.topics, value(in.TopicArn))
	maps.DeleteFunc(c.region.sns.subscriptions, func(_ string, s *types.Subscription) bool { return *s.TopicArn == value(in.TopicArn) })
	return &sns.DeleteTopicOutput{}, nil
}

func listTopics(c *call, in *sns.ListTopicsInput) (*sns.ListTopicsOutput, error) {
	out := []types.Topic{}
	for _, arn := range slices.Sorted(maps.Keys(c.region.sns.topics)) {
		out = append(out, types.Topic{TopicArn: &arn})
	}
	out, next, err := page(c.Server, out, in.NextToken, nil, 100)
	if err != nil {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: NextToken")
	}
	return &sns.ListTopicsOutput{Topics: out, NextToken: next}, nil
}

func getTopicAttributes(c *call, in *sns.GetTopicAttributesInput) (*sns.GetTopicAttributesOutput, error) {
	t, err := c.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	confirmed, pending := 0, 0
	for _, s := range c.region.sns.subscriptions {
		if *s.TopicArn == t.arn && *s.SubscriptionArn == pendingConfirmation {
			pending++
		} else if *s.TopicArn == t.arn {
			confirmed++
		}
	}
	attributes := maps.Clone(t.attributes)
	maps.Copy(attributes, map[string]string{"TopicArn": t.arn, "Owner": Account, "SubscriptionsConfirmed": itoa(confirmed), "SubscriptionsPending": itoa(pending), "SubscriptionsDeleted": "0"})
	return &sns.GetTopicAttributesOutput{Attributes: attributes}, nil
}

func setTopicAttributes(c *call, in *sns.SetTopicAttributesInput) (*sns.SetTopicAttributesOutput, error) {
	t, err := c.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	if *in.AttributeName == "Policy" {
		if _, err := parsePolicy(value(in.AttributeValue), true, true); err != nil {
			return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Policy Error: %v", err)
		}
	}
	t.attributes[*in.AttributeName] = value(in.AttributeValue)
	return &sns.SetTopicAttributesOutput{}, nil
}

// pendingConfirmation is what a subscription has for an ARN until its owner has said yes.
const pendingConfirmation = "PendingConfirmation"

func subscribe(c *call, in *sns.SubscribeInput) (*sns.SubscribeOutput, error) {
	t, err := c.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	for _, s := range c.region.sns.subscriptions {
		if *s.TopicArn == t.arn && *s.Endpoint == value(in.Endpoint) && *s.Protocol == *in.Protocol {
			return &sns.SubscribeOutput{SubscriptionArn: s.SubscriptionArn}, nil
		}
	}
	arn := t.arn + ":" + c.Server.id()
	s := &types.Subscription{TopicArn: &t.arn, Endpoint: in.Endpoint, Protocol: in.Protocol, Owner: new(Account), SubscriptionArn: &arn}
	answer := &arn
	switch *in.Protocol {
	case "email", "email-json", "http", "https":
		s.SubscriptionArn, answer = new(pendingConfirmation), new("pending confirmation")
	case "sqs", "lambda", "sms":
	default:
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Does not support this protocol string: %s", *in.Protocol)
	}
	c.region.sns.subscriptions[arn] = s
	return &sns.SubscribeOutput{SubscriptionArn: answer}, nil
}

func unsubscribe(c *call, in *sns.UnsubscribeInput) (*sns.UnsubscribeOutput, error) {
	if !strings.HasPrefix(value(in.SubscriptionArn), "arn:") {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")
	}
	delete(c.region.sns.subscriptions, *in.SubscriptionArn)
	return &sns.UnsubscribeOutput{}, nil
}

func (c *call) subscriptions(topic string, token *string) ([]types.Subscription, *string, error) {
	out := []types.Subscription{}
	for _, arn := range slices.Sorted(maps.Keys(c.region.sns.subscriptions)) {
		if s := c.region.sns.subscriptions[arn]; topic == "" || *s.TopicArn == topic {
			out = append(out, *s)
		}
	}
	out, next, err := page(c.Server, out, token, nil, 100)
	if err != nil {
		return nil, nil, wire.Errorf("InvalidParameter", "Invalid parameter: NextToken")
	}
	return out, next, nil
}

func listSubscriptions(c *call, in *sns.ListSubscriptionsInput) (*sns.ListSubscriptionsOutput, error) {
	out, next, err := c.subscriptions("", in.NextToken)
	return &sns.ListSubscriptionsOutput{Subscriptions: out, NextToken: next}, err
}

func listSubscriptionsByTopic(c *call, in *sns.ListSubscriptionsByTopicInput) (*sns.ListSubscriptionsByTopicOutput, error) {
	if _, err := c.topic(in.TopicArn); err != nil {
		return nil, err
	}
	out, next, err := c.subscriptions(*in.TopicArn, in.NextToken)
	return &sns.ListSubscriptionsByTopicOutput{Subscriptions: out, NextToken: next}, err
}

func publish(c *call, in *sns.PublishInput) (*sns.PublishOutput, error) {
	arn := in.TopicArn
	if arn == nil {
		arn = in.TargetArn
	}
	t, err := c.topic(arn)
	if err != nil {
		return nil, err
	}
	if value(in.Message) == "" || len(*in.Message) > 262_144 {
		return nil, wire.Errorf("InvalidParameter", "Invalid parameter: Empty message, or one of more than 262144 bytes")
	}
	return &sns.PublishOutput{MessageId: new(c.region.notify(t, value(in.Subject), *in.Message))}, nil
}

// notify keeps a message and hands it to the topic's queues, where their policies let it.
func (r *region) notify(t *topic, subject, body string) (id string) {
	id = r.Server.id()
	t.messages = append(t.messages, Message{id, subject, body})
	for _, s := range r.sns.subscriptions {
		if *s.TopicArn != t.arn || *s.Protocol != "sqs" {
			continue
		}
		q := r.queueByARN(*s.Endpoint)
		if q == nil || !q.lets("sns.amazonaws.com", "sqs:SendMessage", t.arn) {
			continue
		}
		wrapped, _ := json.Marshal(map[string]string{"Type": "Notification", "MessageId": id, "TopicArn": t.arn, "Subject": subject, "Message": body, "Timestamp": isoTime(r.now)})
		q.put(r.now, r.Server.id(), string(wrapped))
	}
	return id
}

// Messages are those that a topic of us-east-1 got.
func (s *Server) Messages(topic string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.in("us-east-1")
	if t := r.sns.topics[*r.arn("sns", topic)]; t != nil {
		return slices.Clone(t.messages)
	}
	return nil
}

func (c *call) taggedTopic(arn *string) (*topic, error) {
	if t := c.region.sns.topics[value(arn)]; t != nil {
		return t, nil
	}
	return nil, &wire.Error{Status: 404, Code: "ResourceNotFound", Message: "Resource does not exist"}
}

func tagTopic(c *call, in *sns.TagResourceInput) (*sns.TagResourceOutput, error) {
	t, err := c.taggedTopic(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		t.tags = append(slices.DeleteFunc(slices.Clone(t.tags), func(o types.Tag) bool { return *o.Key == *tag.Key }), tag)
	}
	return &sns.TagResourceOutput{}, nil
}

func untagTopic(c *call, in *sns.UntagResourceInput) (*sns.UntagResourceOutput, error) {
	t, err := c.taggedTopic(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.tags = slices.DeleteFunc(slices.Clone(t.tags), func(o types.Tag) bool { return slices.Contains(in.TagKeys, *o.Key) })
	return &sns.UntagResourceOutput{}, nil
}

func listTopicTags(c *call, in *sns.ListTagsForResourceInput) (*sns.ListTagsForResourceOutput, error) {
	t, err := c.taggedTopic(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &sns.ListTagsForResourceOutput{Tags: filled(t.tags)}, nil
}
