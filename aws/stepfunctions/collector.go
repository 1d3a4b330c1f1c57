package stepfunctions

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Collector starts many executions of a machine and finds out how each ended. It asks for lists, a thousand executions in a call,
// because DescribeExecution is allowed far less often; that one is asked for those alone that failed, whose error a list does not have.
type Collector struct {
	machine  *Machine
	describe *rate.Limiter
	mu       sync.Mutex
	waiting  map[string]*wait // by the execution's name
}

type wait struct {
	start time.Time // by the service's clock
	ended chan ending
}

type ending struct {
	*Execution
	err error
}

// How often a collector asks. Quotas of the developer guide: ListExecutions refills with 5 a second in the smaller regions,
// DescribeExecution with 10.
const (
	listEvery         = time.Second
	describePerSecond = 8
	// missedLists is how many lists in a row may fail before those that wait are told.
	missedLists = 5
)

// Collect makes a collector that asks until ctx ends.
func (m *Machine) Collect(ctx context.Context) *Collector {
	c := &Collector{machine: m, describe: rate.NewLimiter(describePerSecond, describePerSecond), waiting: map[string]*wait{}}
	go c.poll(ctx)
	return c
}

// Run starts an execution and waits for its end. Accepted is when the service had taken it, by the clock of this machine.
func (c *Collector) Run(ctx context.Context, name string, input []byte) (e *Execution, accepted time.Time, err error) {
	e, err = c.machine.Start(ctx, name, input)
	accepted = time.Now()
	if err != nil {
		return nil, accepted, err
	}
	w := &wait{start: e.Start, ended: make(chan ending, 1)}
	c.mu.Lock()
	c.waiting[e.Name] = w
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, e.Name)
		c.mu.Unlock()
	}()
	select {
	case end := <-w.ended:
		if end.err != nil {
			return nil, accepted, end.err
		}
		if end.Status != "SUCCEEDED" {
			if err := c.describe.Wait(ctx); err != nil {
				return nil, accepted, err
			}
			full, err := c.machine.Execution(ctx, e.ARN)
			return full, accepted, err
		}
		return end.Execution, accepted, nil
	case <-ctx.Done():
		return nil, accepted, ctx.Err()
	}
}

// poll asks for lists as long as somebody waits.
func (c *Collector) poll(ctx context.Context) {
	tick := time.NewTicker(listEvery)
	defer tick.Stop()
	missed := 0
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		err := c.list(ctx)
		if err == nil {
			missed = 0
		} else if missed++; missed >= missedLists {
			c.tell(err)
		}
	}
}

// slack is how far an execution's start in a list may lie before the one that StartExecution answered.
const slack = 2 * time.Second

// list reads as far back as the oldest that somebody waits for.
func (c *Collector) list(ctx context.Context) error {
	c.mu.Lock()
	left := len(c.waiting)
	var oldest time.Time
	for _, w := range c.waiting {
		if oldest.IsZero() || w.start.Before(oldest) {
			oldest = w.start
		}
	}
	c.mu.Unlock()
	if left == 0 {
		return nil
	}
	for e, err := range c.machine.List(ctx, "") {
		if err != nil {
			return err
		}
		if left == 0 || e.Start.Before(oldest.Add(-slack)) {
			break
		}
		c.mu.Lock()
		if w := c.waiting[e.Name]; w != nil {
			left--
			if !e.Running() {
				delete(c.waiting, e.Name)
				w.ended <- ending{e, nil}
			}
		}
		c.mu.Unlock()
	}
	return nil
}

// tell ends all waiting with an error.
func (c *Collector) tell(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, w := range c.waiting {
		delete(c.waiting, name)
		w.ended <- ending{nil, err}
	}
}
