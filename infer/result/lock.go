package result

import (
	"errors"
	"fmt"
	"os"

	"github.com/gofrs/flock"
)

// ErrInUse is wrapped when another process, or another [File], writes the same results file.
var ErrInUse = errors.New("is being written by another run")

// Lock takes the right to write a results file. The lock is the operating system's on NAME.lock, which ends with the process
// however it ends, so that a file left by a killed run is no obstacle.
func Lock(out string) (*flock.Flock, error) {
	name := out + ".lock"
	for {
		l := flock.New(name)
		switch locked, err := l.TryLock(); {
		case err != nil:
			return nil, err
		case !locked:
			return nil, fmt.Errorf("write %q: it %w", out, ErrInUse)
		}
		// Who held the lock before may have removed the file between our opening and our locking it.
		ours, err := l.Stat()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		if there, err := os.Stat(name); err == nil && os.SameFile(ours, there) {
			return l, nil
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
}

// Unlock removes the lock's file while the lock is held.
func Unlock(l *flock.Flock) error {
	os.Remove(l.Path()) // Windows keeps the file; it is no obstacle
	return l.Close()
}
