package transform

import (
	"context"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// maxCounted is the number of pictures up to which the answers are counted while a job runs: listing a million takes a thousand calls.
const maxCounted = 20_000

// Watch asks how a job stands, every so often, until it has ended. It reports what it hears.
func (b *Batch) Watch(ctx context.Context, job string, every time.Duration, report func(Progress)) (*Progress, error) {
	for {
		p, err := b.Progress(ctx, job)
		if err != nil {
			return nil, err
		}
		if p.Over() || !p.Begun.IsZero() && len(b.Pictures) <= maxCounted {
			if err := b.Refresh(ctx); err != nil {
				return nil, err
			}
		}
		for i := range b.Pictures {
			if b.Pictures[i].Answer != "" {
				p.Answered++
			}
		}
		if report != nil {
			report(*p)
		}
		if p.Over() {
			return p, nil
		}
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(every):
		}
	}
}

// Progress asks how a job stands; it counts no answers.
func (b *Batch) Progress(ctx context.Context, job string) (*Progress, error) {
	out, err := call(ctx, func(ctx context.Context) (*sagemaker.DescribeTransformJobOutput, error) {
		return b.sagemaker.DescribeTransformJob(ctx, &sagemaker.DescribeTransformJobInput{TransformJobName: &job})
	})
	if err != nil {
		return nil, fmt.Errorf("ask for job %s: %w", job, err)
	}
	p := &Progress{
		Job: job, Status: string(out.TransformJobStatus), Reason: awssdk.ToString(out.FailureReason), Created: awssdk.ToTime(out.CreationTime),
		Begun: awssdk.ToTime(out.TransformStartTime), Ended: awssdk.ToTime(out.TransformEndTime),
	}
	if r := out.TransformResources; r != nil {
		p.Instance, p.Instances = string(r.InstanceType), awssdk.ToInt32(r.InstanceCount)
	}
	return p, nil
}

// The log group of jobs, and how much of it is read to find out why pictures have no answer.
const (
	logGroup    = "/aws/sagemaker/TransformJobs"
	maxLogPages = 50
)

// Reasons reads in a job's data log why pictures have no answer, by key. A line of it names bucket and key and says what was wrong, in as
// many lines as the container used. It is empty where the log cannot be read.
func (b *Batch) Reasons(ctx context.Context, job string) map[string]string {
	reasons, waiting := map[string]string{}, map[string]*Picture{}
	for _, p := range b.Waiting() {
		waiting[p.below] = p
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(b.logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: new(logGroup), LogStreamNamePrefix: new(job + "/"),
	})
	for range maxLogPages {
		if !pages.HasMorePages() {
			break
		}
		page, err := call(ctx, func(ctx context.Context) (*cloudwatchlogs.FilterLogEventsOutput, error) { return pages.NextPage(ctx) })
		if err != nil {
			break
		}
		for _, e := range page.Events {
			b.reason(reasons, waiting, awssdk.ToString(e.Message))
		}
	}
	return reasons
}

// maxReason bounds what is kept of a picture's lines, in bytes.
const maxReason = 300

// reason reads a line of the data log.
func (b *Batch) reason(reasons map[string]string, waiting map[string]*Picture, line string) {
	_, rest, found := strings.Cut(line, b.in.bucket+"/"+b.in.prefix)
	if !found {
		return
	}
	for i := range len(rest) { // a key may hold a colon too
		p := waiting[rest[:i]]
		if rest[i] != ':' || p == nil {
			continue
		}
		said := strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, rest[i+1:]))
		if said != "" && len(reasons[p.Key])+len(said) < maxReason {
			reasons[p.Key] = strings.TrimSpace(reasons[p.Key] + " " + said)
		}
		return
	}
}
