package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// initErrorName is what Lambda calls a function that cannot start.
const initErrorName = "CONFIGURATION_INVALID"

// reportInit tells Lambda why the function cannot start, so that it stands in the answer to whoever invoked it.
func reportInit(ctx context.Context, api string, cause error) {
	if api == "" {
		return
	}
	name := initErrorName
	if _, ours := errors.AsType[*configError](cause); !ours {
		name = "AWS_ACCESS_FAILED"
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
