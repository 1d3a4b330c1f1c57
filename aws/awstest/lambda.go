package awstest

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type lambdaState struct {
	functions map[string]*function
	mappings  map[string]*types.EventSourceMappingConfiguration
	mapTags   map[string]map[string]string // of mappings, by ARN
}

// A function with its versions, the unpublished one first.
type function struct {
	versions    []*functionVersion
	published   int
	aliases     map[string]*types.AliasConfiguration
	policies    map[string]*resourcePolicy // by qualifier, "" for the function
	concurrency *int32
	tags        map[string]string
	async       map[string]*types.FunctionEventInvokeConfig
	due         time.Time // when what was changed last is done
	made        time.Time
	invoked     int
}

type functionVersion struct {
	types.FunctionConfiguration
	code []byte
	uri  *string
}

// FunctionTime is how long a function is not ready after it was made or changed.
const FunctionTime = 10 * time.Second

func newLambda() *lambdaState {
	return &lambdaState{map[string]*function{}, map[string]*types.EventSourceMappingConfiguration{}, map[string]map[string]string{}}
}

func lambdaService() *service {
	const functions, one = "/2015-03-31/functions", "/2015-03-31/functions/{FunctionName}"
	return &service{name: "lambda", model: "lambda", operations: map[string]operation{
		"CreateFunction": typed(createFunction), "GetFunction": typed(getFunction), "GetFunctionConfiguration": typed(getFunctionConfiguration), "ListFunctions": typed(listFunctions), "DeleteFunction": typed(deleteFunction),
		"UpdateFunctionCode": typed(updateFunctionCode), "UpdateFunctionConfiguration": typed(updateFunctionConfiguration), "PublishVersion": typed(publishVersion), "ListVersionsByFunction": typed(listVersionsByFunction),
		"CreateAlias": typed(createAlias), "GetAlias": typed(getAlias), "UpdateAlias": typed(updateAlias), "DeleteAlias": typed(deleteAlias), "ListAliases": typed(listAliases),
		"AddPermission": typed(addPermission), "RemovePermission": typed(removePermission), "GetPolicy": typed(getPolicy),
		"PutFunctionConcurrency": typed(putFunctionConcurrency), "GetFunctionConcurrency": typed(getFunctionConcurrency), "DeleteFunctionConcurrency": typed(deleteFunctionConcurrency),
		"PutFunctionEventInvokeConfig": typed(putEventInvokeConfig), "GetFunctionEventInvokeConfig": typed(getEventInvokeConfig), "DeleteFunctionEventInvokeConfig": typed(deleteEventInvokeConfig),
		"CreateEventSourceMapping": typed(createMapping), "GetEventSourceMapping": typed(getMapping), "UpdateEventSourceMapping": typed(updateMapping), "DeleteEventSourceMapping": typed(deleteMapping), "ListEventSourceMappings": typed(listMappings),
		"TagResource": typed(tagFunction), "UntagResource": typed(untagFunction), "ListTags": typed(listFunctionTags), "GetAccountSettings": typed(getAccountSettings), "Invoke": invokeFunction,
	}, routes: []route{
		{"POST " + functions, "CreateFunction", 201}, {"GET " + functions, "ListFunctions", 0}, {"GET " + one, "GetFunction", 0}, {"DELETE " + one, "DeleteFunction", 204},
		{"GET " + one + "/configuration", "GetFunctionConfiguration", 0}, {"PUT " + one + "/configuration", "UpdateFunctionConfiguration", 0}, {"PUT " + one + "/code", "UpdateFunctionCode", 0},
		{"POST " + one + "/versions", "PublishVersion", 201}, {"GET " + one + "/versions", "ListVersionsByFunction", 0},
		{"POST " + one + "/aliases", "CreateAlias", 201}, {"GET " + one + "/aliases", "ListAliases", 0}, {"GET " + one + "/aliases/{Name}", "GetAlias", 0}, {"PUT " + one + "/aliases/{Name}", "UpdateAlias", 0}, {"DELETE " + one + "/aliases/{Name}", "DeleteAlias", 204},
		{"POST " + one + "/policy", "AddPermission", 201}, {"GET " + one + "/policy", "GetPolicy", 0}, {"DELETE " + one + "/policy/{StatementId}", "RemovePermission", 204},
		{"PUT /2017-10-31/functions/{FunctionName}/concurrency", "PutFunctionConcurrency", 0}, {"GET /2019-09-30/functions/{FunctionName}/concurrency", "GetFunctionConcurrency", 0}, {"DELETE /2017-10-31/functions/{FunctionName}/concurrency", "DeleteFunctionConcurrency", 204},
		{"PUT /2019-09-25/functions/{FunctionName}/event-invoke-config", "PutFunctionEventInvokeConfig", 0}, {"GET /2019-09-25/functions/{FunctionName}/event-invoke-config", "GetFunctionEventInvokeConfig", 0}, {"DELETE /2019-09-25/functions/{FunctionName}/event-invoke-config", "DeleteFunctionEventInvokeConfig", 204},
		{"POST /2015-03-31/event-source-mappings", "CreateEventSourceMapping", 202}, {"GET /2015-03-31/event-source-mappings", "ListEventSourceMappings", 0},
		{"GET /2015-03-31/event-source-mappings/{UUID}", "GetEventSourceMapping", 0}, {"PUT /2015-03-31/event-source-mappings/{UUID}", "UpdateEventSourceMapping", 202}, {"DELETE /2015-03-31/event-source-mappings/{UUID}", "DeleteEventSourceMapping", 202},
		{"POST /2017-03-31/tags/{Resource}", "TagResource", 204}, {"GET /2017-03-31/tags/{Resource}", "ListTags", 0}, {"DELETE /2017-03-31/tags/{Resource}", "UntagResource", 204},
		{"GET /2016-08-19/account-settings", "GetAccountSettings", 0}, {"POST " + one + "/invocations", "Invoke", 0},
	}}
}

func lambdaError(status int, code, message string) *wire.Error {
	return &wire.Error{Status: status, Code: code, Message: message, Members: map[string]any{"Type": "User"}}
}

func noFunction(arn string) error {
	return lambdaError(http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+arn)
}

func badParameter(message string) error {
	return lambdaError(http.StatusBadRequest, "InvalidParameterValueException", message)
}

func conflict(message string) error {
	return lambdaError(http.StatusConflict, "ResourceConflictException", message)
}

var functionName = regexp.MustCompile(`^(?:arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:|(?:\d{12}:)?(?:function:)?)([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]+))?$`)

// functionOf finds a function by its name or ARN, and gives the qualifier at its end.
func (r *region) functionOf(name *string) (*function, string, error) {
	m := functionName.FindStringSubmatch(value(name))
	if m == nil {
		return nil, "", lambdaError(http.StatusBadRequest, "ValidationException", "1 validation error detected: Value '"+value(name)+"' at 'functionName' failed to satisfy constraint")
	}
	f := r.lambda.functions[m[3]]
	if f == nil || m[1] != "" && m[1] != r.id {
		return nil, "", noFunction(*r.arn("lambda", "function:"+m[3]))
	}
	return f, m[4], nil
}

// settled refuses a change while another is under way.
func (f *function) settled(now time.Time) error {
	if now.Before(f.due) {
		return conflict("The operation cannot be performed at this time. An update is in progress for resource: " + *f.versions[0].FunctionArn)
	}
	return nil
}

// show is a version's configuration with its state by now.
func (f *function) show(v *functionVersion, now time.Time) *types.FunctionConfiguration {
	out := v.FunctionConfiguration
	if v != f.versions[0] {
		return &out
	}
	out.State, out.LastUpdateStatus = types.StateActive, types.LastUpdateStatusSuccessful
	if now.Before(f.due) {
		if f.due.Equal(f.made.Add(FunctionTime)) {
			out.State, out.StateReason, out.StateReasonCode = types.StatePending, new("The function is being created."), types.StateReasonCodeCreating
		}
		out.LastUpdateStatus = types.LastUpdateStatusInProgress
	}
	return &out
}

// version finds a version by number, $LATEST or alias; an alias with two versions takes turns by its weights.
func (f *function) version(qualifier string) *functionVersion {
	if a := f.aliases[qualifier]; a != nil {
		qualifier = *a.FunctionVersion
		if a.RoutingConfig != nil {
			for other, weight := range a.RoutingConfig.AdditionalVersionWeights {
				if float64(f.invoked%100) < weight*100 {
					qualifier = other
				}
			}
		}
	}
	if qualifier == "" {
		qualifier = "$LATEST"
	}
	for _, v := range f.versions {
		if *v.Version == qualifier {
			return v
		}
	}
	return nil
}

// isVersion tells a number from an alias.
func isVersion(qualifier string) bool { return strings.Trim(qualifier, "0123456789") == "" }
