package serve

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/scones-unlimited/scones/preprocess"
)

// A job is a decoded picture on its way through the runtime. It belongs to its request until it is pushed, to the queue and a worker
// until done, and to its request again; an abandoned one stays with the worker.
type job struct {
	tensor  *preprocess.Tensor // of one picture
	scores  []float32
	err     error
	queued  time.Time
	started time.Time
	took    time.Duration
	batch   int
	done    chan struct{} // of capacity 1
	state   atomic.Int32
}

// The states of a job.
const (
	jobWaiting = int32(iota)
	jobAbandoned
	jobAnswered
)

// abandon gives a job up, unless it was answered meanwhile.
func (j *job) abandon() bool { return j.state.CompareAndSwap(jobWaiting, jobAbandoned) }

// finish hands a job back to its request and reports whether the request still waits for it.
func (j *job) finish() bool {
	if !j.state.CompareAndSwap(jobWaiting, jobAnswered) {
		return false
	}
	j.done <- struct{}{}
	return true
}

// A queue holds the jobs that wait for a worker. Its length needs no limit: admission bounds it.
type queue struct {
	mu     sync.Mutex
	jobs   []*job
	head   int
	idle   int // workers that wait
	closed bool
	wake   chan struct{}
	most   int
	delay  time.Duration
	// busy workers count as idle ones when a batch is shared.
	equal bool
}

// newQueue makes the queue of so many workers. Where each has a core of its own, equal shares answer sooner: measured with 8 clients
// and 2 workers, the 99th percentile falls from 16 to 12.5 ms at the same rate. A device computes one large batch sooner than two.
func newQueue(workers, most int, delay time.Duration, equal bool) *queue {
	return &queue{wake: make(chan struct{}, workers), most: most, delay: delay, equal: equal}
}

// push adds a job and wakes a worker if one is idle.
func (q *queue) push(j *job) {
	j.queued = time.Now()
	q.mu.Lock()
	q.jobs = append(q.jobs, j)
	idle := q.idle > 0
	q.mu.Unlock()
	if idle {
		q.wakeOne()
	}
}

func (q *queue) wakeOne() {
	select {
	case q.wake <- struct{}{}:
	default: // every worker is on its way
	}
}

// take appends the next batch to dst: what waits, at most as much as a batch may hold, and no more than this worker's share where
// others are idle too, or work on cores of their own. With a delay, it waits until the batch is full or its oldest job has waited that long. It returns nothing when
// the queue is closed and empty.
func (q *queue) take(dst []*job, timer *time.Timer) []*job {
	q.mu.Lock()
	for {
		n := len(q.jobs) - q.head
		switch due := q.due(n); {
		case n == 0 && q.closed:
			q.mu.Unlock()
			return dst
		case n == 0 || due > 0:
			q.idle++
			q.mu.Unlock()
			q.sleep(due, timer)
			q.mu.Lock()
			q.idle--
			continue
		}
		if q.delay == 0 {
			workers := q.idle + 1
			if q.equal {
				workers = cap(q.wake)
			}
			n = (n + workers - 1) / workers
		}
		n = min(n, q.most)
		dst = append(dst, q.jobs[q.head:q.head+n]...)
		clear(q.jobs[q.head : q.head+n])
		q.head += n
		q.compact()
		more := q.idle > 0 && len(q.jobs) > q.head
		q.mu.Unlock()
		if more {
			q.wakeOne()
		}
		return dst
	}
}

// due is how long n waiting jobs may still wait for company.
func (q *queue) due(n int) time.Duration {
	if q.delay == 0 || q.closed || n == 0 || n >= q.most {
		return 0
	}
	return q.delay - time.Since(q.jobs[q.head].queued)
}

// sleep waits to be woken, no longer than due if that is not zero.
func (q *queue) sleep(due time.Duration, timer *time.Timer) {
	if due <= 0 {
		<-q.wake
		return
	}
	timer.Reset(due)
	select {
	case <-q.wake:
	case <-timer.C:
	}
}

// compact moves the jobs to the front when most of the slice is used up, so that it does not grow for ever.
func (q *queue) compact() {
	if q.head == len(q.jobs) {
		q.jobs, q.head = q.jobs[:0], 0
	} else if q.head > 64 && q.head > len(q.jobs)/2 {
		n := copy(q.jobs, q.jobs[q.head:])
		clear(q.jobs[n:])
		q.jobs, q.head = q.jobs[:n], 0
	}
}

// length is the number of jobs that wait.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.jobs) - q.head
}

// close lets the workers end when the queue is empty.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	close(q.wake)
}
