package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"

	"github.com/scones-unlimited/scones/aws"
)

// A Service makes training jobs and looks after them, in one account and region.
type Service struct {
	sagemaker *sagemaker.Client
	logs      *cloudwatchlogs.Client
	s3        *s3.Client
}

// callTime bounds each attempt of a call, attempts their number: jobs are looked at for hours, in accounts that are throttled.
const (
	callTime = time.Minute
	attempts = 8
)

// NewService makes no call.
func NewService(c *aws.Config) *Service {
	sdk := c.SDK()
	sdk.Retryer = func() awssdk.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts })
	}
	objects := s3.NewFromConfig(sdk) // whose bodies may take longer
	sdk.HTTPClient = awshttp.NewBuildableClient().WithTimeout(callTime)
	return &Service{sagemaker.NewFromConfig(sdk), cloudwatchlogs.NewFromConfig(sdk), objects}
}

// ErrNoJob is wrapped when there is no job of a name.
var ErrNoJob = errors.New("there is no such training job")

// assumeTime is how long a role that was just made may be unknown to SageMaker, assumePause what is waited in between.
const (
	assumeTime  = 2 * time.Minute
	assumePause = 3 * time.Second
)

// Create makes a job. A role that was just made is not known everywhere at once; Create tries again until it is. Errors are [*Error].
func (s *Service) Create(ctx context.Context, j *Job) error {
	err := s.assumed(ctx, func() error {
		_, err := s.sagemaker.CreateTrainingJob(ctx, j.input())
		return translate("make the training job "+j.Name, err)
	})
	if !taken(err) {
		return err
	}
	// The answer to an attempt may have been lost, and the job is this one.
	if made, described := s.Describe(ctx, j.Name); described == nil && made.is(j) {
		return nil
	}
	return err
}

// taken tells that there is something of the name.
func taken(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Code == "ResourceInUse"
}

// is tells whether a status is of the job that was to be made.
func (s *Status) is(j *Job) bool {
	return s.Image == j.Image && s.Role == j.Role && s.Output == j.Output && s.Data == j.Data && s.Instance == j.Instance && maps.Equal(s.Settings, j.Settings)
}

// assumed repeats a call as long as SageMaker cannot assume the role in it.
func (s *Service) assumed(ctx context.Context, call func() error) error {
	for deadline := time.Now().Add(assumeTime); ; {
		err := call()
		if failure, ok := errors.AsType[*Error](err); !ok || !failure.unassumable() || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, assumePause); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Stop tells a job to stop; the algorithm has two minutes to store what it has. Errors are [*Error], and wrap [ErrNoJob] where there is none.
func (s *Service) Stop(ctx context.Context, name string) error {
	_, err := s.sagemaker.StopTrainingJob(ctx, &sagemaker.StopTrainingJobInput{TrainingJobName: &name})
	return translate("stop the training job "+name, err)
}

// An Error is what a service answered instead of what was asked for.
type Error struct {
	Doing string
	// Code is the service's name of the error.
	Code string
	Err  error
	hint string
}

// Error says what was being done.
func (e *Error) Error() string { return e.Doing + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what the user can do; it may be empty.
func (e *Error) Hint() string { return e.hint }

func (e *Error) unassumable() bool {
	return e.Code == "ValidationException" && strings.Contains(e.Err.Error(), "ould not assume role")
}

// translate keeps what a service said; nil stays nil.
func translate(doing string, err error) error {
	answer, ok := errors.AsType[smithy.APIError](err)
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	e := &Error{Doing: doing, Err: err}
	if !ok {
		return e
	}
	e.Code, e.Err = answer.ErrorCode(), fmt.Errorf("%s: %s", answer.ErrorCode(), answer.ErrorMessage())
	switch {
	case e.Code == "ResourceLimitExceeded":
		e.hint = quotaHint(answer.ErrorMessage())
	case e.Code == "ResourceInUse":
		e.hint = "names of training jobs are never free again: say another --name"
	case e.Code == "ResourceNotFound", e.Code == "ValidationException" && strings.Contains(answer.ErrorMessage(), "not found"):
		e.Err = fmt.Errorf("%w: %s", ErrNoJob, answer.ErrorMessage())
		e.hint = "aws sagemaker list-training-jobs shows what there is; is the region right?"
	case slices.Contains([]string{"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"}, e.Code):
		e.hint = "the caller may not do this; an administrator can give the right that the message names"
	case strings.HasPrefix(e.Code, "ExpiredToken"):
		e.hint = "the credentials have expired: aws sso login, or new ones in the environment"
	case e.unassumable():
		e.hint = "the role must let sagemaker.amazonaws.com assume it; leave --role out to have one made"
	default:
		e.hint = Explain(answer.ErrorMessage())
	}
	return e
}

// quotaHint names the quota, which stands in quotation marks in the message.
func quotaHint(message string) string {
	quota := "the machine's"
	if _, rest, ok := strings.Cut(message, "'"); ok {
		if name, _, ok := strings.Cut(rest, "'"); ok {
			quota = name
		}
	}
	hint := fmt.Sprintf("the account may not run so many: ask for more in the Service Quotas console, Amazon SageMaker, %q, which takes hours to days; or take another --instance", quota)
	if strings.Contains(message, "spot training") {
		return hint + "; without --spot another quota counts"
	}
	return hint + "; --spot has a quota of its own"
}
