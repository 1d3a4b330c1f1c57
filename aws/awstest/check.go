package awstest

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scones-unlimited/scones/aws/awstest/botocore"
)

// The environment variables of the comparison with botocore's models.
const (
	// EnvModels names the folder botocore/data of a botocore that is installed. Unset, nothing is compared.
	EnvModels = "SCONES_TEST_BOTOCORE"
	// EnvRecord names a file to which each call that was compared is added, as a line of JSON.
	EnvRecord = "SCONES_TEST_BOTOCORE_RECORD"
)

// Models is the folder of botocore's models. Where none is named the test is skipped, or fails where SCONES_TEST_REQUIRE names botocore.
func Models(t testing.TB) string {
	t.Helper()
	folder := os.Getenv(EnvModels)
	if folder == "" {
		const require = "SCONES_TEST_REQUIRE"
		if slices.Contains(strings.Split(os.Getenv(require), ","), "botocore") {
			t.Fatalf("botocore is required by %s: %s names no folder of models", require, EnvModels)
		}
		t.Skipf("needs botocore: %s names no folder of models", EnvModels)
	}
	return folder
}

// A checker holds calls against botocore's models.
type checker struct {
	folder, record string
	mu             sync.Mutex
	calls          int
	lines          []byte
}

func newChecker(t testing.TB) *checker {
	folder := os.Getenv(EnvModels)
	if folder == "" {
		return nil
	}
	if _, err := os.Stat(folder); err != nil {
		t.Fatalf("awstest: %s: %v", EnvModels, err)
	}
	return &checker{folder: folder, record: os.Getenv(EnvRecord)}
}

// A recorded call.
type recorded struct {
	Test, Operation string
	Status          int
	Problems        []string `json:",omitempty"`
}

// call compares a request and its answer. What does not fit fails the test.
func (k *checker) call(c *call, answer *httptest.ResponseRecorder) {
	if k == nil || c.service == nil || c.run == nil {
		return
	}
	name := c.service.model
	if name == "sagemaker" && len(c.service.routes) > 0 && c.request.URL.Path != "/" {
		name = "sagemaker-runtime"
	}
	m, err := botocore.Open(k.folder, name)
	if err != nil {
		c.t.Errorf("awstest: %v", err)
		return
	}
	request := botocore.Message{Protocol: c.protocol, Header: c.request.Header, Body: c.body, URL: c.request.URL, Method: c.request.Method}
	result := botocore.Message{Protocol: c.protocol, Header: answer.Header(), Body: answer.Body.Bytes(), Status: answer.Code, Method: c.request.Method}
	problems := m.Request(c.operation, request)
	switch {
	case !botocore.IsFailure(answer.Code):
		problems = append(problems, m.Answer(c.operation, result)...)
	default:
		problems = append(problems, m.Failure(c.operation, c.code, result)...)
	}
	for _, p := range problems {
		c.t.Errorf("awstest: %s does not fit botocore's model: %s", c.name(), p)
	}
	line, err := json.Marshal(recorded{c.t.Name(), c.name(), answer.Code, problems})
	if err != nil {
		c.t.Errorf("awstest: %v", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	k.lines = append(append(k.lines, line...), '\n')
}

// report says how many calls were compared, and adds them to the record.
func (k *checker) report(t testing.TB) {
	if k == nil {
		return
	}
	t.Logf("awstest: %d requests and answers were held against botocore's models", k.calls)
	if k.record == "" {
		return
	}
	file, err := os.OpenFile(k.record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Errorf("awstest: %v", err)
		return
	}
	_, err = file.Write(k.lines) // at once, for other processes add to it as well
	if closeErr := file.Close(); err != nil || closeErr != nil {
		t.Errorf("awstest: write %s: %v %v", k.record, err, closeErr)
	}
}
