//go:build linux || darwin

package ort

import "golang.org/x/sys/unix"

// markOf returns a file's mark.
func markOf(path string) (m mark, ok bool) {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return mark{}, false
	}
	return mark{s.Size, s.Mtim.Nano(), s.Ctim.Nano(), s.Ino}, true
}
