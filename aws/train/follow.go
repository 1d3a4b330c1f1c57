package train

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
)

// FollowOptions of [Service.Follow].
type FollowOptions struct {
	// Every is the time between two looks; zero means [DefaultEvery].
	Every time.Duration
	// Report is called after each look with what is new, or nothing; it may be nil.
	Report func(*Status, *Curve)
}

// DefaultEvery is often enough for people and seldom enough for the service's limits.
const DefaultEvery = 10 * time.Second

// Follow watches a job until it is over, or ctx ends, which does nothing to the job. Everything is read from the job's begin, so that it
// does not matter when one begins to follow. A log that cannot be read leaves the curve empty, and LogError says why.
func (s *Service) Follow(ctx context.Context, name string, o FollowOptions) (*Status, *Curve, error) {
	if o.Every <= 0 {
		o.Every = DefaultEvery
	}
	log, curve := &jobLog{s: s, job: name, read: map[string]*string{}}, new(Curve)
	for {
		status, err := s.Describe(ctx, name)
		if err != nil {
			return nil, curve, err
		}
		// The log is read after the status: when the job is over, all of it is there that will be shown.
		if err := log.poll(ctx, func(line string) { curve.Add(line) }); err != nil {
			if ctx.Err() != nil {
				return status, curve, ctx.Err()
			}
			curve.LogError = translate("read the log of the training job "+name, err)
		}
		if o.Report != nil {
			o.Report(status, curve)
		}
		if status.State.Over() {
			return status, curve, nil
		}
		if err := pause(ctx, o.Every); err != nil {
			return status, curve, err
		}
	}
}

// A jobLog reads a job's log streams where they were left.
type jobLog struct {
	s    *Service
	job  string
	read map[string]*string // where to go on, by stream
}

// maxPages bounds what is read of one stream at a look; the rest comes at the next.
const maxPages = 100

// poll reads the lines that are new. Only the first machine's are: the others say the same.
func (l *jobLog) poll(ctx context.Context, line func(string)) error {
	streams, err := l.streams(ctx)
	if err != nil {
		return err
	}
	for _, stream := range streams {
		for range maxPages {
			out, err := l.s.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
				LogGroupName: awssdk.String(logGroup), LogStreamName: &stream, StartFromHead: awssdk.Bool(true), NextToken: l.read[stream],
			})
			if err != nil {
				return err
			}
			for _, event := range out.Events {
				line(awssdk.ToString(event.Message))
			}
			before := l.read[stream]
			l.read[stream] = out.NextForwardToken
			if out.NextForwardToken == nil || before != nil && *before == *out.NextForwardToken { // the same token again is the end
				break
			}
		}
	}
	return nil
}

// streams are those of the job's first machine, in the order of its starts; none as long as there is no log.
func (l *jobLog) streams(ctx context.Context) ([]string, error) {
	var found []types.LogStream
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(l.s.logs, &cloudwatchlogs.DescribeLogStreamsInput{
		LogGroupName: awssdk.String(logGroup), LogStreamNamePrefix: awssdk.String(l.job + "/algo-1-"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if answer, ok := errors.AsType[smithy.APIError](err); ok && answer.ErrorCode() == "ResourceNotFoundException" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, page.LogStreams...)
	}
	slices.SortStableFunc(found, func(a, b types.LogStream) int {
		if order := int(awssdk.ToInt64(a.CreationTime)/1000 - awssdk.ToInt64(b.CreationTime)/1000); order != 0 {
			return order
		}
		return strings.Compare(awssdk.ToString(a.LogStreamName), awssdk.ToString(b.LogStreamName))
	})
	names := make([]string, len(found))
	for i, stream := range found {
		names[i] = awssdk.ToString(stream.LogStreamName)
	}
	return names, nil
}
