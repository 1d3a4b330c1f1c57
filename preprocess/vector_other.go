//go:build !amd64

package preprocess

// hasVector is false where nobody has written vector instructions; the functions below are then never called.
const hasVector = false

func addVector([]uint8, []int32, bool, []uint8, int, []int16, []int16) {}

func (a *axis) applyVector(_, _ *[4]*uint8, _ int) {}
