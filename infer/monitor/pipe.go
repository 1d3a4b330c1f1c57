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
	tasks := l.tasks
	if source.Rows != nil {
		tasks = l.recordedTasks
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
			tasks(ctx, source, func(t task) bool {
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

// recordedTasks hands rows that somebody else made to the workers.
func (l *Loader) recordedTasks(ctx context.Context, source Source, emit func(task) bool) {
	for recorded, err := range source.Rows {
		if err != nil {
			emit(one(&result{err: err}))
			return
		}
		if !emit(func(yield func(*result) bool) { yield(l.recorded(ctx, recorded)) }) {
			return
		}
	}
}

// recorded makes a result of a row.
func (l *Loader) recorded(ctx context.Context, from Recorded) *result {
	r := &result{row: from.Row, record: true, ok: from.Err == nil}
	if from.Err != nil {
		r.problem(BadRecord, CodeTrace, from.EventID, from.Err)
		return r
	}
	if r.row.Error == "" && r.row.Scores != nil {
		r.row.answer(r.row.Scores, labelsOr(l.o.Labels, r.row))
	}
	l.finish(r)
	switch {
	case r.outside || l.o.SkipPictures:
	case len(from.Bytes) > 0:
		l.measure(r, from.Bytes)
	default:
		l.lookUp(ctx, r)
	}
	return r
}

// labelsOr keeps the label that a row came with where none is known.
func labelsOr(labels []string, row Row) []string {
	if len(labels) > 0 || row.Label == "" || row.Index < 0 || row.Index >= len(row.Scores) {
		return labels
	}
	labels = make([]string, row.Index+1)
	for i := range labels {
		labels[i] = labelOf(i, nil)
	}
	labels[row.Index] = row.Label
	return labels
}

// finish bounds a row by time, and counts an error that it came with.
func (l *Loader) finish(r *result) {
	if r.row.Error != "" {
		r.problems = append(r.problems, problem{BadAnswer, r.row.Error, r.row.at(), "the request failed"})
	}
	r.outside = l.bounded() && !r.row.Time.IsZero() && !l.within(r.row.Time)
}
