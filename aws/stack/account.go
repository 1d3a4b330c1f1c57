package stack

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/plan"
)

// An Account is whose objects are read and changed, and where. It is safe for concurrent use.
type Account struct {
	// ID has 12 digits.
	ID string
	// Partition stands in ARNs: aws, aws-cn or aws-us-gov.
	Partition string
	Region    string

	// plainHTTP is set where S3 is a stand-in without TLS, whom a policy that denies plain HTTP would lock us out of.
	plainHTTP bool

	iam       *iam.Client
	s3        *s3.Client
	sagemaker *sagemaker.Client
	logs      *cloudwatchlogs.Client
	alarms    *cloudwatch.Client
	scaling   *applicationautoscaling.Client
	lambda    *lambda.Client
	states    *sfn.Client
	events    *eventbridge.Client
	sns       *sns.Client
	sqs       *sqs.Client
	schedules *scheduler.Client
}

// callTime bounds each attempt of a call of the control plane.
const callTime = time.Minute

// attempts of each call, where nobody says otherwise: an account that many people work in is throttled often.
const attempts = 8

// Open asks who the caller is. Errors are [*CallError].
func Open(ctx context.Context, c *aws.Config) (*Account, error) {
	sdk := c.SDK()
	sdk.HTTPClient = awshttp.NewBuildableClient().WithTimeout(callTime)
	if sdk.RetryMaxAttempts == 0 { // AWS_MAX_ATTEMPTS, or max_attempts in the shared configuration
		sdk.RetryMaxAttempts = attempts
	}
	caller, err := sts.NewFromConfig(sdk).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("ask AWS who is calling: %w", said(err))
	}
	parts := strings.Split(awssdk.ToString(caller.Arn), ":") // arn:PARTITION:sts::ACCOUNT:...
	if len(parts) < 2 || awssdk.ToString(caller.Account) == "" {
		return nil, fmt.Errorf("ask AWS who is calling: the answer names no account")
	}
	store := s3.NewFromConfig(sdk)
	return &Account{
		ID: *caller.Account, Partition: parts[1], Region: sdk.Region,
		plainHTTP: strings.HasPrefix(awssdk.ToString(store.Options().BaseEndpoint), "http://"),
		iam:       iam.NewFromConfig(sdk), s3: store, sagemaker: sagemaker.NewFromConfig(sdk), logs: cloudwatchlogs.NewFromConfig(sdk),
		alarms: newCloudWatch(sdk), scaling: applicationautoscaling.NewFromConfig(sdk),
		lambda: lambda.NewFromConfig(sdk), states: sfn.NewFromConfig(sdk), events: eventbridge.NewFromConfig(sdk),
		sns: sns.NewFromConfig(sdk), sqs: sqs.NewFromConfig(sdk), schedules: scheduler.NewFromConfig(sdk),
	}, nil
}

// newCloudWatch speaks CloudWatch's older protocol, as AWS's command line and boto3 do: stand-ins know no other.
func newCloudWatch(sdk awssdk.Config) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(sdk, func(o *cloudwatch.Options) { o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801) })
}

// Place says where, for people.
func (a *Account) Place() string { return fmt.Sprintf("account %s, %s", a.ID, a.Region) }

// ARN names an object of a service in the account and region, such as ARN("sagemaker", "model/x").
func (a *Account) ARN(service, object string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", a.Partition, service, a.Region, a.ID, object)
}

// MaxName is the longest name of a deployment: the bucket's name, of 63 characters at most, also holds account and region.
const MaxName = 32

var validName = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)

// CheckName tells whether a deployment can have a name: what buckets and endpoints both allow.
func CheckName(name string) error {
	if len(name) > MaxName || !validName.MatchString(name) {
		return fmt.Errorf("deployment name %q: want 1 to %d lower-case letters, digits and single hyphens between them", name, MaxName)
	}
	return nil
}

// Finders find what exists of every kind that this package knows.
func (a *Account) Finders() []plan.Finder {
	return []plan.Finder{
		bucketFinder{a}, objectFinder{a}, logGroupFinder{a}, roleFinder{a}, modelFinder{a}, configFinder{a}, alarmFinder{a}, endpointFinder{a},
		targetFinder{a}, policyFinder{a}, functionFinder{a}, aliasFinder{a}, machineFinder{a}, ruleFinder{a},
		topicFinder{a}, queueFinder{a}, scheduleFinder{a},
	}
}
