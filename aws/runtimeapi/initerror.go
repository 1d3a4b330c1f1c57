// Package runtimeapi is the part of Lambda's Runtime API that the lambda package has no call for.
package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ReportInit tells Lambda why a function cannot start, so that it stands in the answer to whoever invoked it. API is the address in
// AWS_LAMBDA_RUNTIME_API; nothing is told where it is empty.
func ReportInit(ctx context.Context, api, name string, cause error) {
	if api == "" {
		return
	}
	body, _ := json.Marshal(map[string]any{"errorMessage": cause.Error(), "errorType": name, "stackTrace": []string{}}) // text cannot fail
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+api+"/2018-06-01/runtime/init/error", bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Lambda-Runtime-Function-Error-Type", name)
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
}
