package awstest

import (
	"net/http/httptest"
	"testing"
)

// A checker holds calls against botocore's models.
type checker struct{}

func newChecker(testing.TB) *checker { return nil }

func (*checker) call(*call, *httptest.ResponseRecorder) {}

func (*checker) report(testing.TB) {}
