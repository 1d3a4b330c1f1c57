package stack

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A LogLine is an event of a log group.
type LogLine struct {
	Time    time.Time `json:"time"`
	Group   string    `json:"group"`
	Stream  string    `json:"stream"`
	Message string    `json:"message"`

	id string
}

// LogOptions say which lines are wanted.
type LogOptions struct {
	Since time.Time
	// Filter is a pattern of CloudWatch Logs; empty lets everything through.
	Filter string
	// Follow goes on with lines as they come, until ctx ends.
	Follow bool
	// Pause between two looks with Follow; 0 means [DefaultLogPause].
	Pause time.Duration
}

// DefaultLogPause is that of aws logs tail.
const DefaultLogPause = 5 * time.Second

// Logs yields the lines of all log groups of a deployment, in the order of time within each look. An error in the second value is final.
func (a *Account) Logs(ctx context.Context, deployment string, o LogOptions) iter.Seq2[LogLine, error] {
	return func(yield func(LogLine, error) bool) {
		since, seen := o.Since, make(map[string]bool)
		for {
			lines, err := a.logLines(ctx, deployment, since, o.Filter)
			if err != nil {
				yield(LogLine{}, err)
				return
			}
			for _, line := range lines {
				if seen[line.id] {
					continue
				}
				if !yield(line, nil) {
					return
				}
			}
			if !o.Follow {
				return
			}
			if n := len(lines); n > 0 { // lines of the last millisecond may come again
				since = lines[n-1].Time
				clear(seen)
				for _, line := range lines {
					if !line.Time.Before(since) {
						seen[line.id] = true
					}
				}
			}
			select {
			case <-ctx.Done():
				yield(LogLine{}, ctx.Err())
				return
			case <-time.After(cmp.Or(o.Pause, DefaultLogPause)):
			}
		}
	}
}

// logLines reads what all groups have since a time.
func (a *Account) logLines(ctx context.Context, deployment string, since time.Time, filter string) ([]LogLine, error) {
	groups, err := plan.Survey(ctx, []plan.Finder{logGroupFinder{a}}, deployment)
	if err != nil {
		return nil, err
	}
	var lines []LogLine
	for _, group := range groups {
		in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group.Name, StartTime: awssdk.Int64(since.UnixMilli())}
		if filter != "" {
			in.FilterPattern = &filter
		}
		for pages := cloudwatchlogs.NewFilterLogEventsPaginator(a.logs, in); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if has(err, "ResourceNotFoundException") {
				break
			}
			if err != nil {
				return nil, said(err)
			}
			for _, e := range page.Events {
				lines = append(lines, LogLine{time.UnixMilli(awssdk.ToInt64(e.Timestamp)).UTC(), group.Name, awssdk.ToString(e.LogStreamName), awssdk.ToString(e.Message), awssdk.ToString(e.EventId)})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b LogLine) int { return a.Time.Compare(b.Time) })
	return lines, nil
}
