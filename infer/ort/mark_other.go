//go:build !linux && !darwin

package ort

// markOf knows no mark here that a program could not set back.
func markOf(string) (m mark, ok bool) { return mark{}, false }
