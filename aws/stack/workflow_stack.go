package stack

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// WorkflowStacks are what [Account.WorkflowStack] describes wholly.
var WorkflowStacks = []string{"workflow"}

// WorkflowOptions are what people choose about a workflow: three functions and the state machine that calls them.
type WorkflowOptions struct {
	// Name of the deployment, and of the state machine.
	Name string
	// Zip is the functions' program.
	Zip *lambdazip.Zip
	// Architecture, MemoryMB and Timeout of the functions; empty and zero mean those of [FunctionSpec].
	Architecture string
	MemoryMB     int32
	Timeout      time.Duration
	// Endpoint is the SageMaker endpoint that classify asks.
	Endpoint string
	// Labels of the classes, separated by commas, and Model, what the model field says; both may be empty.
	Labels, Model string
	// Threshold of the filter.
	Threshold float64
	// Bucket and Prefix are where pictures are read; an empty bucket is the deployment's own, below [PicturePrefix].
	Bucket, Prefix string
	// Mode is the state machine's, and Values fill placeholders that a deployment does not know, such as ReviewQueueUrl.
	Mode   workflow.Mode
	Items  string
	Review string
	Values map[string]string
	// Schedule starts mode map over the prefix at fixed times: cron(…), rate(…) or at(…), in UTC; empty never does.
	Schedule string
	// Results is the prefix of the bucket below which a Distributed Map writes; empty means results/.
	Results string
	// Canary of the functions' versions.
	Canary Canary
	// Trigger starts an execution for each picture that is new below the prefix.
	Trigger bool
	// Notify are ARNs of topics that alarms tell.
	Notify []string
	// MaxBelow is the share of pictures below the threshold, 0 to 1, beyond which an alarm goes off.
	MaxBelow float64
}

// The defaults of a workflow's limits.
const (
	DefaultMaxBelow = 0.2
	// maxErrorRate of a function's calls rolls a canary back.
	maxErrorRate = 0.5
)

// workflowFunction is one of the three.
type workflowFunction struct {
	step        string
	environment map[string]string
	allow       []plan.Statement
}

// WorkflowStack returns the resources of a workflow.
func (a *Account) WorkflowStack(o WorkflowOptions) ([]plan.Resource, error) {
	if err := CheckName(o.Name); err != nil {
		return nil, err
	}
	values := map[string]string{}
	maps.Copy(values, o.Values)
	var all []plan.Resource
	var own *Bucket
	if o.Bucket == "" {
		own = a.Bucket(o.Name)
		o.Bucket, o.Prefix, all = own.name, PicturePrefix, append(all, own)
	}
	var aliases []*Alias
	for _, f := range a.workflowFunctions(o) {
		alias, more := a.workflowFunction(o, f)
		all, aliases = append(all, more...), append(aliases, alias)
		values[map[string]string{"serialize": "SerializeFunctionArn", "classify": "ClassifyFunctionArn", "filter": "FilterFunctionArn"}[f.step]] = alias.ARN()
	}
	messages := a.workflowMessages(o, values)
	all = append(all, messages.resources...)
	definition, err := a.workflowDefinition(o, values)
	if err != nil {
		return nil, err
	}
	logs := a.LogGroup(o.Name, "workflow/logs-states", stateLogs+o.Name)
	role := a.Role(RoleSpec{
		Deployment: o.Name, Part: "workflow/role-states", Suffix: "states", Service: "states.amazonaws.com", Condition: a.FromHere(a.StateMachineARN(o.Name)), Allow: a.machineStatements(o, aliases, messages),
	})
	spec := StateMachineSpec{Deployment: o.Name, Part: "workflow/machine", Definition: definition, Role: role, LogGroup: logs, Needs: messages.resources}
	for _, alias := range aliases {
		spec.Needs = append(spec.Needs, alias)
	}
	machine := a.StateMachine(spec)
	all = append(all, machine)
	all = append(all, a.workflowAlarms(o, machine)...)
	if o.Schedule != "" {
		all = append(all, a.workflowSchedule(o, machine))
	}
	if o.Trigger {
		start := a.Role(RoleSpec{
			Deployment: o.Name, Part: "workflow/role-trigger", Suffix: "trigger", Service: "events.amazonaws.com", Condition: a.FromHere(""),
			Allow: []plan.Statement{{Sid: "Start", Effect: "Allow", Action: []string{"states:StartExecution"}, Resource: []string{machine.ARN()}}},
		})
		rule := RuleSpec{
			Deployment: o.Name, Part: "workflow/trigger", Suffix: "pictures", Bucket: o.Bucket, Prefix: o.Prefix, Target: machine.ARN(), Role: start, Needs: []plan.Resource{machine},
		}
		if own != nil {
			rule.OwnBucket, rule.Needs = true, append(rule.Needs, own)
		}
		all = append(all, a.Rule(rule))
	}
	return all, nil
}

// workflowFunctions are the three with what they need and may.
func (a *Account) workflowFunctions(o WorkflowOptions) []workflowFunction {
	pictures := "arn:" + a.Partition + ":s3:::" + o.Bucket + "/" + o.Prefix + "*"
	read := plan.Statement{Sid: "ReadPictures", Effect: "Allow", Action: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resource: []string{pictures}}
	classify := map[string]string{"ENDPOINT": o.Endpoint}
	for name, value := range map[string]string{"LABELS": o.Labels, "MODEL": o.Model} {
		if value != "" {
			classify[name] = value
		}
	}
	return []workflowFunction{
		{"serialize", nil, []plan.Statement{read}},
		{"classify", classify, []plan.Statement{
			{Sid: "AskEndpoint", Effect: "Allow", Action: []string{"sagemaker:InvokeEndpoint"}, Resource: []string{a.ARN("sagemaker", "endpoint/"+o.Endpoint)}},
			read, // pictures that do not fit into a state travel as a reference
		}},
		{"filter", map[string]string{"THRESHOLD": strconv.FormatFloat(o.Threshold, 'f', -1, 64)}, nil},
	}
}

// Why a statement is for any resource.
const (
	whyTraces   = "the actions know no resource"
	whyDelivery = "deliveries of logs are no resources that a policy can name"
)

func traces() plan.Statement {
	return plan.Statement{Sid: "WriteTraces", Effect: "Allow", Action: []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"},
		Resource: []string{"*"}, Why: whyTraces}
}

// workflowFunction describes one function with its log, role, alarms and alias.
func (a *Account) workflowFunction(o WorkflowOptions, f workflowFunction) (*Alias, []plan.Resource) {
	part := func(what string) plan.Part { return plan.Part("workflow/" + what + f.step) }
	logs := a.LogGroup(o.Name, part("logs-"), functionLogs+o.Name+"-"+f.step)
	allow := append(f.allow, plan.Statement{Sid: "WriteLogs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: []string{logs.ARN() + ":*"}}, traces())
	role := a.Role(RoleSpec{Deployment: o.Name, Part: part("role-"), Suffix: f.step, Service: "lambda.amazonaws.com", Condition: a.FromHere(""), Allow: allow})
	function := a.Function(FunctionSpec{
		Deployment: o.Name, Part: part(""), Suffix: f.step, Description: "scones workflow: " + f.step, Zip: o.Zip, Handler: f.step, Architecture: o.Architecture,
		MemoryMB: o.MemoryMB, Timeout: o.Timeout, Environment: f.environment, Role: role, LogGroup: logs,
	})
	dimensions := map[string]string{"FunctionName": function.name}
	throttled := a.Alarm(AlarmSpec{Deployment: o.Name, Part: part("alarm-throttled-"), Suffix: f.step + "-throttled", Namespace: "AWS/Lambda", Metric: "Throttles", Dimensions: dimensions,
		Statistic: types.StatisticSum, Actions: o.Notify, Needs: []plan.Resource{function}, Description: "The function " + f.step + " is throttled: the account's concurrency is used up"})
	resources := []plan.Resource{throttled}
	// Lambda counts each call as 0 or 1 error, so the average is the rate.
	errors := AlarmSpec{Deployment: o.Name, Part: part("alarm-errors-"), Suffix: f.step + "-errors", Namespace: "AWS/Lambda", Metric: "Errors", Dimensions: dimensions,
		Statistic: types.StatisticAverage, Threshold: maxErrorRate, Actions: o.Notify, Needs: []plan.Resource{function}, Description: "More than half of the calls of the function " + f.step + " fail"}
	canary := o.Canary
	if f.step == "filter" { // whose errors are the pictures below the threshold
		errors.Part, errors.Suffix = part("alarm-below-"), "below-threshold"
		errors.Threshold, errors.Period, errors.Evaluations, errors.Datapoints = o.MaxBelow, 300, 3, 2
		errors.Description = fmt.Sprintf("More than %.0f %% of the pictures are below the threshold: has the model or have the pictures changed?", 100*o.MaxBelow)
	}
	failing := a.Alarm(errors)
	resources = append(resources, failing)
	if f.step != "filter" && canary.Percent > 0 {
		canary.Alarms = append(canary.Alarms, failing)
	}
	alias := a.Alias(function, canary)
	return alias, append(resources, alias)
}

// workflowDefinition fills the state machine's definition.
func (a *Account) workflowDefinition(o WorkflowOptions, values map[string]string) ([]byte, error) {
	known := map[string]bool{}
	for _, name := range workflow.Placeholders(o.Mode) {
		known[name] = true
	}
	if known["Threshold"] {
		values["Threshold"] = strconv.FormatFloat(o.Threshold, 'f', -1, 64)
	}
	definition, err := workflow.Definition(o.Mode, workflow.DefinitionOptions{Values: values, Items: o.Items, Review: o.Review})
	if err != nil {
		return nil, err
	}
	if left := workflow.Unfilled(definition); len(left) > 0 {
		return nil, &UnfilledError{o.Mode, left}
	}
	return definition, nil
}

// An UnfilledError lists what a definition wants and a deployment does not know.
type UnfilledError struct {
	Mode  workflow.Mode
	Names []string
}

// Error lists the names.
func (e *UnfilledError) Error() string {
	return fmt.Sprintf("the definition of mode %s wants %v", e.Mode, e.Names)
}

// Hint says how they are given.
func (e *UnfilledError) Hint() string {
	return fmt.Sprintf("--set %s=VALUE gives it", e.Names[0])
}

func (o *WorkflowOptions) results() string {
	if o.Results != "" {
		return o.Results
	}
	return "results"
}

// machineStatements are what the state machine may: call its functions, write its log and traces, and what its mode needs besides.
func (a *Account) machineStatements(o WorkflowOptions, aliases []*Alias, messages workflowMessages) []plan.Statement {
	var functions []string
	for _, alias := range aliases {
		functions = append(functions, alias.function.ARN(), alias.function.ARN()+":*")
	}
	statements := []plan.Statement{
		{Sid: "CallFunctions", Effect: "Allow", Action: []string{"lambda:InvokeFunction"}, Resource: functions},
		{Sid: "DeliverLogs", Effect: "Allow", Action: []string{"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
			"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"}, Resource: []string{"*"}, Why: whyDelivery},
		traces(),
	}
	if o.Mode == workflow.MapMode {
		bucket := "arn:" + a.Partition + ":s3:::" + o.Bucket
		executions := a.ARN("states", "execution:"+o.Name+"*")
		statements = append(statements,
			plan.Statement{Sid: "StartChildren", Effect: "Allow", Action: []string{"states:StartExecution"}, Resource: []string{a.StateMachineARN(o.Name)}},
			plan.Statement{Sid: "WatchChildren", Effect: "Allow", Action: []string{"states:DescribeExecution", "states:StopExecution"}, Resource: []string{executions}},
			plan.Statement{Sid: "ListPictures", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{bucket}},
			plan.Statement{Sid: "ReadLists", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{bucket + "/" + o.Prefix + "*"}},
			plan.Statement{Sid: "WriteResults", Effect: "Allow", Action: []string{"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"},
				Resource: []string{bucket + "/" + o.results() + "/*"}},
		)
	}
	if len(messages.queues) > 0 {
		statements = append(statements, plan.Statement{Sid: "SendMessages", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: messages.queues})
	}
	if len(messages.topics) > 0 {
		statements = append(statements, plan.Statement{Sid: "AskPeople", Effect: "Allow", Action: []string{"sns:Publish"}, Resource: messages.topics})
	}
	return statements
}

// workflowAlarms are those of the state machine.
func (a *Account) workflowAlarms(o WorkflowOptions, machine *StateMachine) []plan.Resource {
	dimensions := map[string]string{"StateMachineArn": machine.ARN()}
	alarm := func(name, metric, description string) plan.Resource {
		return a.Alarm(AlarmSpec{Deployment: o.Name, Part: plan.Part("workflow/alarm-" + name), Suffix: "executions-" + name, Namespace: "AWS/States", Metric: metric, Dimensions: dimensions,
			Statistic: types.StatisticSum, Period: 300, Actions: o.Notify, Needs: []plan.Resource{machine}, Description: description})
	}
	return []plan.Resource{
		alarm("failed", "ExecutionsFailed", "Executions of the workflow fail; below the threshold is a failure, too, but in mode robust"),
		alarm("timed-out", "ExecutionsTimedOut", "Executions of the workflow run out of time"),
		alarm("throttled", "ExecutionThrottled", "The workflow waits for state transitions that Step Functions does not allow it"),
	}
}
