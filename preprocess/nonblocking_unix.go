//go:build unix

package preprocess

import "syscall"

// nonBlocking keeps the opening of a pipe without a writer from waiting for one.
const nonBlocking = syscall.O_NONBLOCK
