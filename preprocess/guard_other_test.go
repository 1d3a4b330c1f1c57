//go:build !linux

package preprocess

import "testing"

// guarded returns n bytes; on Linux their end is watched.
func guarded(_ testing.TB, n int) []uint8 { return make([]uint8, n) }
