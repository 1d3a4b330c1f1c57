// Package orttest gives tests the ONNX Runtime library, and decides what happens to a test whose part is not on the machine.
package orttest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort"
)

// EnvRequire is the environment variable that lists the parts which tests must not skip for want of, separated by commas.
const EnvRequire = "SCONES_TEST_REQUIRE"

// Library returns the path of the library that [ort.Find] finds; it never installs. Without one, or in a build without cgo, the test is skipped, or
// fails when SCONES_TEST_REQUIRE names "ort".
func Library(t testing.TB) string {
	t.Helper()
	if !cgo {
		Missing(t, "ort", "built without cgo")
	}
	lib, err := ort.Find(ort.Options{})
	if err != nil {
		Missing(t, "ort", err.Error())
	}
	return lib.Path
}

// Missing ends a test because a part that it needs is not on this machine: it is skipped with the reason, or fails when
// SCONES_TEST_REQUIRE names the part. Parts are named by what is missing, such as "ort", "python" or "strace".
func Missing(t testing.TB, part, reason string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv(EnvRequire), ","), part) {
		t.Fatalf("%s is required by %s: %s", part, EnvRequire, reason)
	}
	t.Skipf("needs %s: %s", part, reason)
}
