package stack

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A QueueSpec is an SQS queue that roles of the deployment send to, such as one for events that failed.
type QueueSpec struct {
	Deployment string
	Part       plan.Part
	// Suffix behind the deployment's name makes the queue's.
	Suffix string
	// Keep is how long messages are kept; zero means fourteen days, the longest that SQS offers.
	Keep  time.Duration
	Needs []plan.Resource
}

// mostKeep is SQS's longest retention.
const mostKeep = 14 * 24 * time.Hour

// A Queue is an SQS queue, encrypted with SQS's own key; and spoken to over TLS only, where AWS is no stand-in without it.
type Queue struct {
	queueItem
	wanted
	policy plan.Policy
}

// Queue describes a queue.
func (a *Account) Queue(s QueueSpec) *Queue {
	q := &Queue{queueItem: queueItem{item{a, plan.Queue, s.Deployment + "-" + s.Suffix}}}
	q.policy = plan.Policy{Name: "queue policy", Version: plan.PolicyVersion}
	document := ""
	if !a.plainHTTP {
		q.policy.Statement = []plan.Statement{{
			Sid: "OnlyTLS", Effect: "Deny", Principal: map[string]string{"*": "*"}, Action: []string{"sqs:*"}, Resource: []string{q.ARN()},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		}}
		document = q.policy.Document()
	}
	keep := cmp.Or(s.Keep, mostKeep)
	q.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: s.Needs, price: a.queuePrice(), fields: queueFields(document, true, int64(keep.Seconds()))}
	return q
}

func queueFields(policy string, encrypted bool, seconds int64) plan.Fields {
	encryption := "none"
	if encrypted {
		encryption = "SQS's key"
	}
	return plan.Fields{plan.F("keeps messages", fmt.Sprintf("%d days", seconds/(24*60*60))), plan.F("encryption", encryption), plan.F("policy", policy)}
}

// ARN of the queue.
func (q queueItem) ARN() string { return q.a.ARN("sqs", q.name) }

// Policies are the queue's.
func (q *Queue) Policies() []plan.Policy {
	if len(q.policy.Statement) == 0 {
		return nil
	}
	return []plan.Policy{q.policy}
}

// attributes are the queue's as SQS takes them.
func (q *Queue) attributes() map[string]string {
	days, _, _ := strings.Cut(q.fields.Get("keeps messages"), " ")
	n, _ := strconv.Atoi(days) // written by queueFields
	return map[string]string{"SqsManagedSseEnabled": "true", "MessageRetentionPeriod": strconv.Itoa(n * 24 * 60 * 60), "Policy": q.fields.Get("policy")}
}

// Create makes the queue. A name that was deleted is free again after a minute.
func (q *Queue) Create(ctx context.Context) error {
	attributes := q.attributes()
	if attributes["Policy"] == "" {
		delete(attributes, "Policy")
	}
	_, err := q.a.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.name, Attributes: attributes, Tags: q.tags()})
	if has(err, "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently") {
		return plan.NotYet(said(err))
	}
	return ignore(err)
}

// Update sets tags and attributes.
func (q *Queue) Update(ctx context.Context, from plan.State) error {
	url, err := q.url(ctx)
	if err != nil {
		return said(err)
	}
	if from.Part() != q.part {
		if _, err := q.a.sqs.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &url, Tags: q.tags()}); err != nil {
			return said(err)
		}
	}
	_, err = q.a.sqs.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: q.attributes()})
	return ignore(err)
}

type queueItem struct{ item }

func (q queueItem) url(ctx context.Context) (string, error) {
	out, err := q.a.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.name})
	if err != nil {
		return "", err
	}
	return awssdk.ToString(out.QueueUrl), nil
}

// noQueue are SQS's names for a queue that is not there, in its newer protocol and in its older one.
var noQueue = []string{"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}

// Read asks for the queue and its tags.
func (q queueItem) Read(ctx context.Context) (plan.State, error) {
	url, err := q.url(ctx)
	if has(err, noQueue...) {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	out, err := q.a.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if has(err, noQueue...) { // deleted between two calls
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	seconds, _ := strconv.ParseInt(out.Attributes["MessageRetentionPeriod"], 10, 64)
	policy := out.Attributes["Policy"]
	if policy != "" {
		policy = plan.CanonicalPolicy(policy)
	}
	state := plan.State{Phase: plan.Ready, ARN: q.ARN(), Price: q.a.queuePrice(), Fields: queueFields(policy, out.Attributes["SqsManagedSseEnabled"] == "true", seconds)}
	if n := out.Attributes["ApproximateNumberOfMessages"]; n != "" && n != "0" {
		state.Detail = n + " messages"
	}
	if created, err := strconv.ParseInt(out.Attributes["CreatedTimestamp"], 10, 64); err == nil {
		state.Created = time.Unix(created, 0)
	}
	tags, err := q.a.sqs.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &url})
	if err != nil {
		return state, ignore(err, noQueue...)
	}
	state.Tags = tags.Tags
	return state, nil
}

// Delete deletes the queue.
func (q queueItem) Delete(ctx context.Context) error {
	url, err := q.url(ctx)
	if err == nil {
		_, err = q.a.sqs.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &url})
	}
	return ignore(err, noQueue...)
}

type queueFinder struct{ a *Account }

// Kind is the queue's.
func (f queueFinder) Kind() plan.Kind { return plan.Queue }

// How names the calls.
func (f queueFinder) How() string { return "sqs:ListQueues, sqs:ListQueueTags" }

// Find lists queues by name.
func (f queueFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var names []*string
	in := &sqs.ListQueuesInput{QueueNamePrefix: nameFilter(name), MaxResults: awssdk.Int32(1000)} // without it SQS gives one page and no token
	for pages := sqs.NewListQueuesPaginator(f.a.sqs, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, url := range page.QueueUrls {
			names = append(names, awssdk.String(url[strings.LastIndexByte(url, '/')+1:]))
		}
	}
	return f.a.items(names, name, func(i item) plan.Item { return queueItem{i} }, plan.Queue), nil
}
