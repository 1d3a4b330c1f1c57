package awstest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

func (g *logGroup) stream(name *string) (*logStream, error) {
	if s := g.streams[value(name)]; s != nil {
		return s, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
}

func createLogStream(c *call, in *cloudwatchlogs.CreateLogStreamInput) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if g.streams[value(in.LogStreamName)] != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	g.streams[value(in.LogStreamName)] = &logStream{made: c.now}
	return &cloudwatchlogs.CreateLogStreamOutput{}, nil
}

func deleteLogStream(c *call, in *cloudwatchlogs.DeleteLogStreamInput) (*cloudwatchlogs.DeleteLogStreamOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if _, err := g.stream(in.LogStreamName); err != nil {
		return nil, err
	}
	delete(g.streams, *in.LogStreamName)
	return &cloudwatchlogs.DeleteLogStreamOutput{}, nil
}

func describeLogStreams(c *call, in *cloudwatchlogs.DescribeLogStreamsInput) (*cloudwatchlogs.DescribeLogStreamsOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if in.OrderBy == types.OrderByLastEventTime && in.LogStreamNamePrefix != nil {
		return nil, wire.Errorf("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	streams := []types.LogStream{}
	for _, name := range slices.Sorted(maps.Keys(g.streams)) {
		s := g.streams[name]
		if !strings.HasPrefix(name, value(in.LogStreamNamePrefix)) || s.made.After(c.now) {
			continue
		}
		entry := types.LogStream{LogStreamName: &name, Arn: c.region.arn("logs", "log-group:"+g.name+":log-stream:"+name), CreationTime: new(s.made.UnixMilli()), StoredBytes: new(int64(0))}
		if seen := s.until(c.now.UnixMilli()); len(seen) > 0 {
			entry.FirstEventTimestamp, entry.LastEventTimestamp = seen[0].Timestamp, seen[len(seen)-1].Timestamp
			entry.LastIngestionTime = entry.LastEventTimestamp
		}
		streams = append(streams, entry)
	}
	if in.OrderBy == types.OrderByLastEventTime {
		slices.SortStableFunc(streams, func(a, b types.LogStream) int { return int(value(a.LastEventTimestamp) - value(b.LastEventTimestamp)) })
	}
	if value(in.Descending) {
		slices.Reverse(streams)
	}
	streams, next, failure := page(c.Server, streams, in.NextToken, in.Limit, 50)
	if failure != nil {
		return nil, wire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
	}
	return &cloudwatchlogs.DescribeLogStreamsOutput{LogStreams: streams, NextToken: next}, nil
}

// until are the events that have happened by then: what a job will write is not seen before.
func (s *logStream) until(now int64) []types.OutputLogEvent {
	at, _ := slices.BinarySearchFunc(s.events, now+1, func(e types.OutputLogEvent, t int64) int { return int(*e.Timestamp - t) })
	return s.events[:at]
}

func putLogEvents(c *call, in *cloudwatchlogs.PutLogEventsInput) (*cloudwatchlogs.PutLogEventsOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	s, err := g.stream(in.LogStreamName)
	if err != nil {
		return nil, err
	}
	if !slices.IsSortedFunc(in.LogEvents, func(a, b types.InputLogEvent) int { return int(value(a.Timestamp) - value(b.Timestamp)) }) {
		return nil, wire.Errorf("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.")
	}
	for _, e := range in.LogEvents {
		s.events = append(s.events, types.OutputLogEvent{Message: e.Message, Timestamp: e.Timestamp, IngestionTime: new(c.now.UnixMilli())})
	}
	slices.SortStableFunc(s.events, func(a, b types.OutputLogEvent) int { return int(*a.Timestamp - *b.Timestamp) })
	return &cloudwatchlogs.PutLogEventsOutput{NextSequenceToken: new("0")}, nil
}

// getLogEvents gives the same token back at the end of a stream, as the service does: a caller that follows must see that, not an empty token.
func getLogEvents(c *call, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	s, err := g.stream(in.LogStreamName)
	if err != nil {
		return nil, err
	}
	var events []types.OutputLogEvent
	for _, e := range s.until(c.now.UnixMilli()) {
		if (in.StartTime == nil || *e.Timestamp >= *in.StartTime) && (in.EndTime == nil || *e.Timestamp < *in.EndTime) {
			events = append(events, e)
		}
	}
	size := 10_000
	if in.Limit != nil {
		size = int(*in.Limit)
	}
	if c.o.PageSize > 0 {
		size = min(size, c.o.PageSize)
	}
	from := max(len(events)-size, 0) // the newest, unless the caller says otherwise
	if value(in.StartFromHead) {
		from = 0
	}
	if token := value(in.NextToken); token != "" {
		kind, number, _ := strings.Cut(token, "/")
		n, err := strconv.Atoi(number)
		if err != nil || kind != "f" && kind != "b" {
			return nil, wire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
		}
		from = min(n, len(events))
		if kind == "b" {
			from = max(n-size, 0)
		}
	}
	to := min(from+size, len(events))
	return &cloudwatchlogs.GetLogEventsOutput{Events: filled(events[from:to]), NextForwardToken: new("f/" + strconv.Itoa(to)), NextBackwardToken: new("b/" + strconv.Itoa(from))}, nil
}

func filterLogEvents(c *call, in *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	g, err := c.region.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	events := []types.FilteredLogEvent{}
	for _, name := range slices.Sorted(maps.Keys(g.streams)) {
		if len(in.LogStreamNames) > 0 && !slices.Contains(in.LogStreamNames, name) || !strings.HasPrefix(name, value(in.LogStreamNamePrefix)) {
			continue
		}
		for i, e := range g.streams[name].until(c.now.UnixMilli()) {
			matches := strings.Contains(*e.Message, strings.Trim(value(in.FilterPattern), `"`))
			if matches && (in.StartTime == nil || *e.Timestamp >= *in.StartTime) && (in.EndTime == nil || *e.Timestamp < *in.EndTime) {
				events = append(events, types.FilteredLogEvent{LogStreamName: &name, Message: e.Message, Timestamp: e.Timestamp, IngestionTime: e.IngestionTime, EventId: new(name + "-" + strconv.Itoa(i))})
			}
		}
	}
	slices.SortStableFunc(events, func(a, b types.FilteredLogEvent) int { return int(*a.Timestamp - *b.Timestamp) })
	events, next, failure := page(c.Server, events, in.NextToken, in.Limit, 10_000)
	if failure != nil {
		return nil, wire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
	}
	return &cloudwatchlogs.FilterLogEventsOutput{Events: events, NextToken: next}, nil
}
