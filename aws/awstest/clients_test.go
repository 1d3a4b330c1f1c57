package awstest_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/awstest"
)

// TestBoto has another client than the SDK for Go use every service.
func TestBoto(t *testing.T) {
	python := os.Getenv("SCONES_TEST_CLIENTS")
	if python == "" {
		if slices.Contains(strings.Split(os.Getenv("SCONES_TEST_REQUIRE"), ","), "clients") {
			t.Fatal("clients is required by SCONES_TEST_REQUIRE: SCONES_TEST_CLIENTS names no Python with boto3")
		}
		t.Skip("needs clients: SCONES_TEST_CLIENTS names no Python with boto3")
	}
	for _, script := range []string{"models", "workflow"} {
		t.Run(script, func(t *testing.T) {
			cloud := awstest.New(t, awstest.Options{})
			cloud.Setenv(t)
			if out, err := exec.CommandContext(t.Context(), python, "testdata/clients_"+script+".py").CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
