package main

import (
	"context"
	"iter"
)

// sideBySide does n things at once and yields what comes of them in the order of the source. The first error is final, of the source and
// of do; whoever stops taking results ends what is under way.
func sideBySide[In, Out any](parent context.Context, src iter.Seq2[In, error], n int, do func(context.Context, In) (Out, error)) iter.Seq2[Out, error] {
	type answer struct {
		out Out
		err error
	}
	return func(yield func(Out, error) bool) {
		ctx, cancel := context.WithCancel(parent)
		defer cancel()
		queue := make(chan chan answer, n-1) // those that are under way, in order; one more waits to be taken
		go func() {
			defer close(queue)
			for in, err := range src {
				one := make(chan answer, 1)
				select {
				case queue <- one:
				case <-ctx.Done():
					return
				}
				if err != nil {
					one <- answer{err: err}
					return
				}
				go func() {
					out, err := do(ctx, in)
					one <- answer{out, err}
				}()
			}
		}()
		for one := range queue {
			a := <-one
			if !yield(a.out, a.err) || a.err != nil {
				return
			}
		}
		if err := parent.Err(); err != nil {
			var none Out
			yield(none, err)
		}
	}
}
