package quantize

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// callPictures is how many pictures one call scores when speed is measured.
	callPictures = 16
	// blockPictures are scored before it is asked whether that is enough.
	blockPictures = 64
)

// workers is how many calls run side by side, each on one thread.
func workers() int { return runtime.GOMAXPROCS(0) }

// sideBySide calls do for 0 to n-1, on every core. After an error, which it returns, no more are begun.
func sideBySide(ctx context.Context, n int, do func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, min(workers(), n))
	var failed atomic.Bool
	for w := range errs {
		wg.Go(func() {
			for errs[w] == nil && !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[w] = ctx.Err(); errs[w] == nil {
					errs[w] = do(i)
				}
			}
			failed.Store(failed.Load() || errs[w] != nil)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
