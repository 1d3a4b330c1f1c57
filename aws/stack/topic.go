package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A TopicSpec is an SNS topic that alarms of the deployment and the roles of its functions publish to.
type TopicSpec struct {
	Deployment string
	Part       plan.Part
	// Suffix behind the deployment's name makes the topic's.
	Suffix string
	// Emails are addresses that are asked whether they want the messages. Subscriptions that somebody else made are left alone.
	Emails []string
	// KMSKey is the ARN of a customer's key that encrypts messages at rest. There is none of AWS's own that would do: alias/aws/sns does
	// not let alarms publish, which SNS answers by dropping the message.
	KMSKey string
	Needs  []plan.Resource
}

// A Topic is an SNS topic. Its policy lets alarms of the deployment publish; and only over TLS, where AWS is no stand-in without it.
type Topic struct {
	topicItem
	wanted
	spec   TopicSpec
	policy plan.Policy
}

// Topic describes a topic.
func (a *Account) Topic(s TopicSpec) *Topic {
	t := &Topic{topicItem: topicItem{item{a, plan.Topic, s.Deployment + "-" + s.Suffix}}, spec: s}
	t.policy = plan.Policy{Name: "topic policy", Version: plan.PolicyVersion, Statement: []plan.Statement{{
		Sid: "AlarmsPublish", Effect: "Allow", Principal: map[string]string{"Service": "cloudwatch.amazonaws.com"}, Action: []string{"sns:Publish"}, Resource: []string{t.ARN()},
		Condition: a.FromHere(a.ARN("cloudwatch", "alarm:"+s.Deployment+"-*")),
	}}}
	if !a.plainHTTP {
		t.policy.Statement = append(t.policy.Statement, plan.Statement{
			Sid: "OnlyTLS", Effect: "Deny", Principal: map[string]string{"*": "*"}, Action: []string{"sns:Publish"}, Resource: []string{t.ARN()},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		})
	}
	t.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: s.Needs, price: a.topicPrice(), fields: topicFields(t.policy.Document(), s.KMSKey, s.Emails)}
	return t
}

func topicFields(policy, key string, emails []string) plan.Fields {
	return plan.Fields{plan.F("policy", policy), plan.F("key", key), plan.F("e-mail", strings.Join(slices.Sorted(slices.Values(emails)), ", "))}
}

// ARN of the topic.
func (t topicItem) ARN() string { return t.a.ARN("sns", t.name) }

// Policies are the topic's.
func (t *Topic) Policies() []plan.Policy { return []plan.Policy{t.policy} }

// Create makes the topic, then everything about it. The call that makes one is no error for one that is there.
func (t *Topic) Create(ctx context.Context) error {
	if _, err := t.a.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: &t.name, Tags: t.sdkTags()}); err != nil {
		return said(err)
	}
	return t.Update(ctx, plan.State{Tags: t.tags()})
}

func (t *Topic) sdkTags() []types.Tag {
	var tags []types.Tag
	for key, value := range t.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	return tags
}

// Update sets what differs, and asks addresses that were not asked.
func (t *Topic) Update(ctx context.Context, from plan.State) error {
	if from.Part() != t.part {
		if _, err := t.a.sns.TagResource(ctx, &sns.TagResourceInput{ResourceArn: awssdk.String(t.ARN()), Tags: t.sdkTags()}); err != nil {
			return said(err)
		}
	}
	for _, set := range [][2]string{{"policy", "Policy"}, {"key", "KmsMasterKeyId"}} {
		field, attribute := set[0], set[1]
		value := t.fields.Get(field)
		if value == from.Fields.Get(field) {
			continue
		}
		_, err := t.a.sns.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: awssdk.String(t.ARN()), AttributeName: &attribute, AttributeValue: &value})
		if err != nil {
			return fmt.Errorf("set %s: %w", field, said(err))
		}
	}
	asked, err := t.emails(ctx)
	if err != nil {
		return said(err)
	}
	for _, address := range t.spec.Emails {
		if slices.Contains(asked, address) {
			continue
		}
		if _, err := t.a.sns.Subscribe(ctx, &sns.SubscribeInput{TopicArn: awssdk.String(t.ARN()), Protocol: awssdk.String("email"), Endpoint: &address}); err != nil {
			return fmt.Errorf("ask %s: %w", address, said(err))
		}
	}
	return nil
}

// Read asks for the topic. Of its addresses those count that are wanted.
func (t *Topic) Read(ctx context.Context) (plan.State, error) {
	state, err := t.topicItem.Read(ctx)
	if err != nil || !state.Exists() {
		return state, err
	}
	asked, err := t.emails(ctx)
	if err != nil {
		return state, ignore(err, "NotFound")
	}
	asked = slices.DeleteFunc(asked, func(address string) bool { return !slices.Contains(t.spec.Emails, address) })
	state.Fields = topicFields(state.Fields.Get("policy"), state.Fields.Get("key"), asked)
	return state, nil
}

type topicItem struct{ item }

// emails are the addresses that were asked, whether they have said yes or not.
func (t topicItem) emails(ctx context.Context) ([]string, error) {
	var addresses []string
	for pages := sns.NewListSubscriptionsByTopicPaginator(t.a.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: awssdk.String(t.ARN())}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Subscriptions {
			if awssdk.ToString(s.Protocol) == "email" {
				addresses = append(addresses, awssdk.ToString(s.Endpoint))
			}
		}
	}
	return addresses, nil
}

// Read asks for the topic and its tags.
func (t topicItem) Read(ctx context.Context) (plan.State, error) {
	out, err := t.a.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: awssdk.String(t.ARN())})
	if has(err, "NotFound", "NotFoundException") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, ARN: t.ARN(), Price: t.a.topicPrice(), Tags: make(map[string]string)}
	state.Fields = topicFields(plan.CanonicalPolicy(out.Attributes["Policy"]), out.Attributes["KmsMasterKeyId"], nil)
	tags, err := t.a.sns.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: awssdk.String(t.ARN())})
	if err != nil {
		return state, ignore(err, "ResourceNotFound", "ResourceNotFoundException", "NotFound")
	}
	for _, tag := range tags.Tags {
		state.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
	}
	return state, nil
}

// Delete deletes the topic and its subscriptions; SNS knows no error for one that is not there.
func (t topicItem) Delete(ctx context.Context) error {
	var addresses []error
	for pages := sns.NewListSubscriptionsByTopicPaginator(t.a.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: awssdk.String(t.ARN())}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			addresses = append(addresses, ignore(err, "NotFound", "NotFoundException"))
			break
		}
		for _, s := range page.Subscriptions { // SNS would delete them by and by
			if !strings.HasPrefix(awssdk.ToString(s.SubscriptionArn), "arn:") { // nobody has agreed to it
				continue
			}
			_, err := t.a.sns.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: s.SubscriptionArn})
			addresses = append(addresses, ignore(err, "NotFound", "NotFoundException"))
		}
	}
	if err := errors.Join(addresses...); err != nil {
		return err
	}
	_, err := t.a.sns.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: awssdk.String(t.ARN())})
	return ignore(err, "NotFound", "NotFoundException")
}

type topicFinder struct{ a *Account }

// Kind is the topic's.
func (f topicFinder) Kind() plan.Kind { return plan.Topic }

// How names the calls.
func (f topicFinder) How() string { return "sns:ListTopics, sns:ListTagsForResource" }

// Find lists topics by name.
func (f topicFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	for pages := sns.NewListTopicsPaginator(f.a.sns, &sns.ListTopicsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, t := range page.Topics {
			arn := awssdk.ToString(t.TopicArn)
			names = append(names, awssdk.String(arn[strings.LastIndexByte(arn, ':')+1:]))
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return topicItem{i} }, plan.Topic), nil
}
