package monitor

import (
	"context"
	"iter"
	"runtime"
)

// A task makes results; each runs on one of the workers.
type task func(yield func(*result) bool)

// results reads a source on all cores: the files' tasks run side by side, and their results come in the tasks' order.
func (l *Loader) results(ctx context.Context, source Source) iter.Seq[*result] {
	if source.Rows != nil {
		return l.ready(source)
	}
	return func(yield func(*result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		workers := runtime.GOMAXPROCS(0)
		type job struct {
			run  task
			done chan []*result
		}
		todo := make(chan job)
		order := make(chan chan []*result, 2*workers) // bounds what is read ahead
		for range workers {
			go func() {
				for j := range todo {
					var list []*result
					if ctx.Err() == nil {
						j.run(func(r *result) bool { list = append(list, r); return true })
					}
					j.done <- list
				}
			}()
		}
		go func() {
			defer close(order)
			defer close(todo)
			l.tasks(ctx, source, func(t task) bool {
				j := job{t, make(chan []*result, 1)}
				select {
				case order <- j.done:
				case <-ctx.Done():
					return false
				}
				todo <- j
				return true
			})
		}()
		defer func() {
			cancel()
			for done := range order { // until the reader has ended
				<-done
			}
		}()
		for done := range order {
			for _, r := range <-done {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// ready hands on rows that are made already.
func (l *Loader) ready(source Source) iter.Seq[*result] {
	return func(yield func(*result) bool) {
		for row, err := range source.Rows {
			r := &result{row: row, record: err == nil, ok: err == nil, err: err}
			if err == nil {
				l.finish(r)
			}
			if !yield(r) || err != nil {
				return
			}
		}
	}
}

// finish bounds a row by time, and counts an error that it came with.
func (l *Loader) finish(r *result) {
	if r.row.Error != "" {
		r.problems = append(r.problems, problem{BadAnswer, r.row.Error, r.row.Place.Short(), ""})
	}
	r.outside = l.bounded() && !r.row.Time.IsZero() && !l.within(r.row.Time)
}
