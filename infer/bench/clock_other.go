//go:build !linux

package bench

import "time"

var began = time.Now()

// threadTime is the clock on the wall where a thread's own time cannot be had: on an idle machine a thread that never waits has
// the same.
func threadTime() time.Duration { return time.Since(began) }

// processTime is 0 where it cannot be had.
func processTime() time.Duration { return 0 }
