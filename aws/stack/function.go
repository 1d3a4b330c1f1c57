package stack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
)

// functionLogs is what the log groups of functions begin with.
const functionLogs = "/aws/lambda/"

// A FunctionSpec is a Lambda function of a program of this module.
type FunctionSpec struct {
	Deployment string
	Part       plan.Part
	// Suffix behind the deployment's name makes the function's.
	Suffix      string
	Description string
	// Zip is the code; Handler is what the program sees as _HANDLER.
	Zip     *lambdazip.Zip
	Handler string
	// Architecture is lambdazip's arm64 or x86_64; empty means arm64.
	Architecture string
	// MemoryMB and Timeout; zero means 256 MB and 30 s.
	MemoryMB    int32
	Timeout     time.Duration
	Environment map[string]string
	Role        *Role
	LogGroup    *LogGroup
	// DeadLetter is the ARN of a queue for asynchronous invocations that have failed three times: event and error.
	DeadLetter string
	// Concurrency is reserved for the function; zero reserves none.
	Concurrency int32
	Needs       []plan.Resource
}

// A Function is a Lambda function. What it runs can be changed in place; an [Alias] keeps callers on a version of it.
type Function struct {
	functionItem
	wanted
	spec FunctionSpec
}

// Function describes a function.
func (a *Account) Function(s FunctionSpec) *Function {
	s.Architecture, s.MemoryMB = cmp.Or(s.Architecture, lambdazip.ARM64), cmp.Or(s.MemoryMB, 256)
	if s.Timeout <= 0 {
		s.Timeout = 30 * time.Second
	}
	f := &Function{functionItem: functionItem{item{a, plan.Function, s.Deployment + "-" + s.Suffix}}, spec: s}
	f.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: append([]plan.Resource{s.Role, s.LogGroup}, s.Needs...), price: a.functionPrice(s.Architecture)}
	f.fields = functionFields(&functionState{
		code: s.Zip.SHA256(), handler: s.Handler, architecture: s.Architecture, memory: s.MemoryMB, timeout: int32(s.Timeout.Seconds()), environment: s.Environment,
		role: s.Role.ARN(), logs: s.LogGroup.name, tracing: string(types.TracingModeActive), deadLetter: s.DeadLetter, concurrency: s.Concurrency, description: s.Description,
	})
	return f
}

// A functionState is what a function's fields are made of.
type functionState struct {
	code, handler, architecture, role, logs, tracing, deadLetter, description string
	memory, timeout, concurrency                                              int32
	environment                                                               map[string]string
}

func functionFields(s *functionState) plan.Fields {
	if s.environment == nil {
		s.environment = map[string]string{}
	}
	environment, err := json.Marshal(s.environment) // keys in order
	if err != nil {
		panic(err) // strings always encode
	}
	concurrency := "not reserved"
	if s.concurrency > 0 {
		concurrency = fmt.Sprint(s.concurrency)
	}
	return plan.Fields{
		plan.F("code", s.code), plan.F("handler", s.handler), plan.F("architecture", s.architecture), plan.F("memory", fmt.Sprintf("%d MB", s.memory)),
		plan.F("timeout", fmt.Sprintf("%d s", s.timeout)), plan.F("environment", string(environment)), plan.F("role", s.role), plan.F("logs", s.logs),
		plan.F("tracing", s.tracing), plan.F("dead letters", s.deadLetter), plan.F("concurrency", concurrency), plan.F("description", s.description),
	}
}

// ARN of the function, without a version.
func (f functionItem) ARN() string { return f.a.ARN("lambda", "function:"+f.name) }

// Create makes the function.
func (f *Function) Create(ctx context.Context) error {
	s := &f.spec
	in := &lambda.CreateFunctionInput{
		FunctionName: &f.name, Runtime: types.RuntimeProvidedal2023, Handler: &s.Handler, Role: awssdk.String(s.Role.ARN()), Code: &types.FunctionCode{ZipFile: s.Zip.Data},
		Architectures: []types.Architecture{types.Architecture(s.Architecture)}, MemorySize: &s.MemoryMB, Timeout: awssdk.Int32(int32(s.Timeout.Seconds())),
		Environment: &types.Environment{Variables: s.Environment}, Description: &s.Description, Tags: f.tags(), LoggingConfig: f.logging(),
		TracingConfig: &types.TracingConfig{Mode: types.TracingModeActive},
	}
	if _, err := f.a.lambda.CreateFunction(ctx, in); err != nil && !f.made(ctx, err) {
		return busy(err)
	}
	if err := f.keepFailures(ctx); err != nil {
		return err
	}
	return f.reserve(ctx)
}

// made tells that the function is there and the deployment's: a call that is repeated because a later one could not be done yet.
func (f *Function) made(ctx context.Context, err error) bool {
	if !has(err, "ResourceConflictException") {
		return false
	}
	state, err := f.Read(ctx)
	return err == nil && state.Part() == f.part
}

// keepFailures sends what fails to the queue, where one is wanted.
func (f *Function) keepFailures(ctx context.Context) error {
	if f.spec.DeadLetter == "" {
		return nil
	}
	_, err := f.a.lambda.PutFunctionEventInvokeConfig(ctx, &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName: &f.name, MaximumRetryAttempts: awssdk.Int32(2), MaximumEventAgeInSeconds: awssdk.Int32(60 * 60),
		DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: &f.spec.DeadLetter}},
	})
	return busyOrNil(err)
}

// Read asks for the function, and where its failures go if that matters.
func (f *Function) Read(ctx context.Context) (plan.State, error) {
	state, err := f.functionItem.Read(ctx)
	if err != nil || !state.Exists() || f.spec.DeadLetter == "" {
		return state, err
	}
	out, err := f.a.lambda.GetFunctionEventInvokeConfig(ctx, &lambda.GetFunctionEventInvokeConfigInput{FunctionName: &f.name})
	if err != nil {
		return state, ignore(err, "ResourceNotFoundException")
	}
	if d := out.DestinationConfig; d != nil && d.OnFailure != nil {
		for i := range state.Fields {
			if state.Fields[i].Name == "dead letters" {
				state.Fields[i].Value = awssdk.ToString(d.OnFailure.Destination)
			}
		}
	}
	return state, nil
}

// logging sends the log where it has an end; the program writes it as JSON itself.
func (f *Function) logging() *types.LoggingConfig {
	return &types.LoggingConfig{LogGroup: &f.spec.LogGroup.name, LogFormat: types.LogFormatText}
}

func (f *Function) reserve(ctx context.Context) error {
	if f.spec.Concurrency == 0 {
		_, err := f.a.lambda.DeleteFunctionConcurrency(ctx, &lambda.DeleteFunctionConcurrencyInput{FunctionName: &f.name})
		return ignore(err, "ResourceNotFoundException")
	}
	_, err := f.a.lambda.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{FunctionName: &f.name, ReservedConcurrentExecutions: &f.spec.Concurrency})
	return busyOrNil(err)
}

// Update sets tags, configuration and code. Lambda takes one change at a time: the next one waits for it.
func (f *Function) Update(ctx context.Context, from plan.State) error {
	s := &f.spec
	if from.Part() != f.part {
		if _, err := f.a.lambda.TagResource(ctx, &lambda.TagResourceInput{Resource: awssdk.String(f.ARN()), Tags: f.tags()}); err != nil {
			return busy(err)
		}
	}
	now, err := f.Read(ctx)
	if err != nil {
		return err
	}
	if now.Phase == plan.Pending {
		return plan.NotYet(errors.New(now.Detail))
	}
	differs := map[string]bool{}
	for _, d := range plan.Compare(now.Fields, f.fields) {
		differs[d.Field] = true
	}
	concurrency, letters := differs["concurrency"], differs["dead letters"]
	delete(differs, "concurrency")
	delete(differs, "dead letters")
	code := differs["code"] || differs["architecture"]
	delete(differs, "code")
	delete(differs, "architecture")
	if len(differs) > 0 {
		_, err := f.a.lambda.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &f.name, Runtime: types.RuntimeProvidedal2023, Handler: &s.Handler, Role: awssdk.String(s.Role.ARN()), MemorySize: &s.MemoryMB,
			Timeout: awssdk.Int32(int32(s.Timeout.Seconds())), Environment: &types.Environment{Variables: s.Environment}, Description: &s.Description,
			LoggingConfig: f.logging(), TracingConfig: &types.TracingConfig{Mode: types.TracingModeActive},
		})
		if err != nil {
			return busy(err)
		}
	}
	if code {
		_, err := f.a.lambda.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{
			FunctionName: &f.name, ZipFile: s.Zip.Data, Architectures: []types.Architecture{types.Architecture(s.Architecture)},
		})
		if err != nil {
			return busy(err)
		}
	}
	if letters {
		if err := f.keepFailures(ctx); err != nil {
			return err
		}
	}
	if concurrency {
		return f.reserve(ctx)
	}
	return nil
}

// busy marks the answers that pass: another change is under way, or IAM has made a role or a policy that Lambda does not know yet.
func busy(err error) error {
	passing := has(err, "ResourceConflictException", "TooManyRequestsException") || has(err, "InvalidParameterValueException") &&
		(strings.Contains(err.Error(), "cannot be assumed") || strings.Contains(err.Error(), "does not have permissions"))
	if passing {
		return plan.NotYet(said(err))
	}
	return said(err)
}

func busyOrNil(err error) error {
	if err == nil {
		return nil
	}
	return busy(err)
}

type functionItem struct{ item }

// functionPhases are Lambda's states.
var functionPhases = map[types.State]plan.Phase{
	types.StatePending: plan.Pending, types.StateActive: plan.Ready, types.StateInactive: plan.Ready, types.StateFailed: plan.Failed,
}

// Read asks for the function and its tags.
func (f functionItem) Read(ctx context.Context) (plan.State, error) {
	out, err := f.a.lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &f.name})
	if has(err, "ResourceNotFoundException") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	c := out.Configuration
	state := plan.State{Phase: plan.Ready, Detail: string(c.State), ARN: awssdk.ToString(c.FunctionArn), Tags: out.Tags}
	if phase, known := functionPhases[c.State]; known {
		state.Phase = phase
	}
	switch {
	case state.Phase == plan.Failed:
		state.Detail += ": " + awssdk.ToString(c.StateReason)
	case c.LastUpdateStatus == types.LastUpdateStatusInProgress:
		state.Phase, state.Detail = plan.Pending, "an update is under way"
	case c.LastUpdateStatus == types.LastUpdateStatusFailed:
		state.Detail = "the last update failed: " + awssdk.ToString(c.LastUpdateStatusReason)
	}
	s := &functionState{
		code: awssdk.ToString(c.CodeSha256), handler: awssdk.ToString(c.Handler), architecture: lambdazip.X86, role: awssdk.ToString(c.Role),
		memory: awssdk.ToInt32(c.MemorySize), timeout: awssdk.ToInt32(c.Timeout), description: awssdk.ToString(c.Description),
	}
	if len(c.Architectures) > 0 {
		s.architecture = string(c.Architectures[0])
	}
	if c.Environment != nil {
		s.environment = c.Environment.Variables
	}
	s.logs = functionLogs + f.name // where they go unless it is said otherwise
	if c.LoggingConfig != nil && c.LoggingConfig.LogGroup != nil {
		s.logs = awssdk.ToString(c.LoggingConfig.LogGroup)
	}
	if c.TracingConfig != nil {
		s.tracing = string(c.TracingConfig.Mode)
	}
	if out.Concurrency != nil {
		s.concurrency = awssdk.ToInt32(out.Concurrency.ReservedConcurrentExecutions)
	}
	state.Fields, state.Price = functionFields(s), f.a.functionPrice(s.architecture)
	if at, err := time.Parse("2006-01-02T15:04:05.000-0700", awssdk.ToString(c.LastModified)); err == nil {
		state.Created = at
	}
	return state, nil
}

// Delete deletes the function, with its versions and aliases.
func (f functionItem) Delete(ctx context.Context) error {
	_, err := f.a.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &f.name})
	if err == nil || has(err, "ResourceNotFoundException") {
		return nil
	}
	return busy(err)
}

type functionFinder struct{ a *Account }

// Kind is the function's.
func (f functionFinder) Kind() plan.Kind { return plan.Function }

// How names the calls.
func (f functionFinder) How() string { return "lambda:ListFunctions, lambda:GetFunction" }

// Find lists functions by name; their tags are read with them.
func (f functionFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	names, err := f.a.functionNames(ctx)
	if err != nil {
		return nil, err
	}
	return f.a.items(names, name, func(i item) plan.Item { return functionItem{i} }, plan.Function), nil
}

func (a *Account) functionNames(ctx context.Context) ([]*string, error) {
	var names []*string
	for pages := lambda.NewListFunctionsPaginator(a.lambda, &lambda.ListFunctionsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for i := range page.Functions {
			names = append(names, page.Functions[i].FunctionName)
		}
	}
	return names, nil
}
