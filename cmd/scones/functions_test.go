package main

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
)

// realFunctions run the functions of a cloud with the program that is deployed to them, built for this machine.
type realFunctions struct {
	t       *testing.T
	cloud   *awstest.Server
	program string
	mu      sync.Mutex
	running map[string]*runtimetest.Function // by handler and environment
}

// invoke is for [awstest.Options].
func (r *realFunctions) invoke(f awstest.Function, event []byte) ([]byte, error) {
	env := []string{"AWS_ENDPOINT_URL=" + r.cloud.URL, "_HANDLER=" + f.Handler}
	for name, value := range f.Environment {
		env = append(env, name+"="+value)
	}
	environment, _ := json.Marshal(f.Environment) // text cannot fail
	key := f.Handler + string(environment)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[key] == nil {
		if r.running == nil {
			r.running = map[string]*runtimetest.Function{}
		}
		r.running[key] = runtimetest.Start(r.t, r.program, f.Name, env...)
	}
	answer, err := r.running[key].Invoke(r.t.Context(), event, time.Now().Add(5*time.Minute))
	if err != nil {
		return nil, err
	}
	if name, message := answer.Error(); answer.Failed {
		return nil, &awstest.FunctionError{Type: name, Message: message}
	}
	return answer.Payload, nil
}
