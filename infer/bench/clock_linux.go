package bench

import (
	"syscall"
	"time"
)

// rusageThread is RUSAGE_THREAD of getrusage(2), which package syscall leaves out.
const rusageThread = 1

// threadTime is what the calling thread has had of the processor, in user and system mode. Lock the goroutine to it.
func threadTime() time.Duration { return usage(rusageThread) }

// processTime is the same of all threads.
func processTime() time.Duration { return usage(syscall.RUSAGE_SELF) }

func usage(who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
