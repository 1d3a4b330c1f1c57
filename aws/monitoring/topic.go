package monitoring

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/scones-unlimited/scones/aws"
)

// A Topic tells its subscribers. It is safe for concurrent use.
type Topic struct {
	client *sns.Client
	arn    string
}

// NewTopic makes no call.
func NewTopic(c *aws.Config, arn string) *Topic { return &Topic{sns.NewFromConfig(c.SDK()), arn} }

// maxSubject is how long a subject may be, in characters.
const maxSubject = 100

// Publish sends a message. A subject keeps what SNS takes: printable ASCII, 100 characters.
func (t *Topic) Publish(ctx context.Context, subject, message string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	subject = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, subject)
	subject = subject[:min(len(subject), maxSubject)]
	_, err := t.client.Publish(ctx, &sns.PublishInput{TopicArn: &t.arn, Subject: &subject, Message: &message})
	return aws.Plain(err)
}
