package awstest

import (
	"fmt"
	"strconv"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// A region holds what is regional.
type region struct {
	*Server
	id         string
	sagemaker  *sagemakerState
	cloudwatch *cloudwatchState
	logs       *logsState
	scaling    *scalingState
	lambda     *lambdaState
	states     *statesState
	sns        *snsState
	sqs        *sqsState
	events     *eventsState
	scheduler  *schedulerState
	ecr        *ecrState
}

// in gives a region, which is there as soon as it is asked for.
func (s *Server) in(id string) *region {
	r := s.regions[id]
	if r == nil {
		r = &region{
			Server: s, id: id, sagemaker: newSageMaker(), cloudwatch: newCloudWatch(), logs: newLogs(), scaling: newScaling(), lambda: newLambda(), states: newStates(),
			sns: newSNS(), sqs: newSQS(), events: newEvents(), scheduler: newScheduler(), ecr: newECR(),
		}
		s.regions[id] = r
	}
	return r
}

// settle brings everything under way to the clock's time.
func (r *region) settle() {
	r.settleAlarms()
	r.settleEndpoints()
	r.settleJobs()
	r.settleSchedules()
}

// arn names something of a region.
func (r *region) arn(service, rest string) *string {
	return new(fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, r.id, Account, rest))
}

// page cuts a list: the items of this page, and the token of the next, nil at the end. Tokens are checked.
func page[T any](s *Server, items []T, token *string, most *int32, usual int) ([]T, *string, *wire.Error) {
	size := usual
	if s.o.PageSize > 0 {
		size = s.o.PageSize
	}
	if most != nil && int(*most) < size {
		size = int(*most)
	}
	if size < 1 {
		return nil, nil, wire.Errorf("ValidationException", "a page of %d is none", size)
	}
	from := 0
	if token != nil && *token != "" {
		n, err := strconv.Atoi((*token)[min(len(pageToken), len(*token)):])
		if err != nil || n < 0 {
			return nil, nil, wire.Errorf("ValidationException", "Invalid pagination token %q", *token)
		}
		from = min(n, len(items))
	}
	to := min(from+size, len(items))
	if to < len(items) {
		return items[from:to], new(pageToken + strconv.Itoa(to)), nil
	}
	return items[from:to], nil, nil
}

// pageToken begins a token.
const pageToken = "page-from-"

// value is what a pointer points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func itoa(n int) string { return strconv.Itoa(n) }
