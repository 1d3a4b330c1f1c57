package preprocess

import (
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// turboLibrary is the library of this machine, without which a test cannot run.
func turboLibrary(t testing.TB) *turbojpeg.Library {
	t.Helper()
	lib, err := turbojpeg.Default()
	if err != nil {
		orttest.Missing(t, "turbojpeg", err.Error())
	}
	return lib
}

// withBothDecoders runs a test with libjpeg-turbo, where there is one, and with package jpeg.
func withBothDecoders(t *testing.T, test func(t *testing.T, exact bool, turbo *turbojpeg.Library)) {
	t.Run("libjpeg-turbo", func(t *testing.T) { test(t, true, turboLibrary(t)) })
	t.Run("go", func(t *testing.T) { test(t, false, nil) })
}
