package awstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A listener is a test that takes note of its errors instead of failing.
type listener struct {
	testing.TB
	errors []string
}

func (l *listener) Errorf(format string, args ...any) {
	l.errors = append(l.errors, fmt.Sprintf(format, args...))
}

// TestBrokenHandler sees that an answer which does not fit the model fails the test, and that the record says so.
func TestBrokenHandler(t *testing.T) {
	Models(t)
	record := filepath.Join(t.TempDir(), "record")
	t.Setenv(EnvRecord, record)
	good := services["sagemaker"].operations["ListModels"]
	services["sagemaker"].operations["ListModels"] = typed(func(*call, *sagemaker.ListModelsInput) (*sagemaker.ListModelsOutput, error) {
		return &sagemaker.ListModelsOutput{Models: []types.ModelSummary{{ModelName: new("under_score")}}}, nil
	})
	defer func() { services["sagemaker"].operations["ListModels"] = good }()
	var said *listener
	t.Run("broken", func(t *testing.T) {
		said = &listener{TB: t}
		cloud := New(said, Options{})
		cloud.Setenv(t)
		c, err := config.LoadDefaultConfig(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sagemaker.NewFromConfig(c).ListModels(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	})
	all := strings.Join(said.errors, "\n")
	for _, want := range []string{"ModelArn is required and missing", "CreationTime is required and missing", `"under_score" does not match`} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q among the errors: %s", want, all)
		}
	}
	lines, err := os.ReadFile(record)
	if want := `{"Test":"TestBrokenHandler/broken","Operation":"sagemaker:ListModels","Status":200,"Problems":[`; err != nil || !strings.HasPrefix(string(lines), want) {
		t.Errorf("record %s %v, want %s", lines, err, want)
	}
}
