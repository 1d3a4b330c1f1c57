package awstest

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func putEventInvokeConfig(c *call, in *lambda.PutFunctionEventInvokeConfigInput) (*types.FunctionEventInvokeConfig, error) {
	f, qualifier, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	set1(&qualifier, in.Qualifier)
	arn := *f.versions[0].FunctionArn + ":" + qualifier
	if qualifier == "" {
		arn += "$LATEST"
	}
	e := &types.FunctionEventInvokeConfig{FunctionArn: &arn, LastModified: new(c.now), DestinationConfig: in.DestinationConfig, MaximumEventAgeInSeconds: in.MaximumEventAgeInSeconds, MaximumRetryAttempts: in.MaximumRetryAttempts}
	f.async[qualifier] = e
	return e, nil
}

func (c *call) eventInvokeConfig(name, qualifier *string) (*function, string, error) {
	f, inName, err := c.region.functionOf(name)
	if err != nil {
		return nil, "", err
	}
	set1(&inName, qualifier)
	if f.async[inName] == nil {
		return nil, "", lambdaError(404, "ResourceNotFoundException", "The function "+*f.versions[0].FunctionArn+" doesn't have an EventInvokeConfig")
	}
	return f, inName, nil
}

func getEventInvokeConfig(c *call, in *lambda.GetFunctionEventInvokeConfigInput) (*types.FunctionEventInvokeConfig, error) {
	f, qualifier, err := c.eventInvokeConfig(in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	return f.async[qualifier], nil
}

func deleteEventInvokeConfig(c *call, in *lambda.DeleteFunctionEventInvokeConfigInput) (*lambda.DeleteFunctionEventInvokeConfigOutput, error) {
	f, qualifier, err := c.eventInvokeConfig(in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	delete(f.async, qualifier)
	return &lambda.DeleteFunctionEventInvokeConfigOutput{}, nil
}

// createMapping lets a queue feed a function; the function's role must be allowed to read it.
func createMapping(c *call, in *lambda.CreateEventSourceMappingInput) (*types.EventSourceMappingConfiguration, error) {
	f, qualifier, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	source := value(in.EventSourceArn)
	if !strings.HasPrefix(source, *c.region.arn("sqs", "")) {
		return nil, badParameter("awstest maps queues only, not " + source)
	}
	q := c.region.queueByARN(source)
	if q == nil {
		return nil, badParameter("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.")
	}
	for _, action := range []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"} {
		if !c.may(*f.versions[0].Role, action, source, nil) {
			return nil, badParameter("The function execution role does not have permissions to call " + strings.TrimPrefix(action, "sqs:") + " on SQS")
		}
	}
	if q.number("VisibilityTimeout") < int(*f.versions[0].Timeout) {
		return nil, badParameter("Queue visibility timeout: " + q.attributes["VisibilityTimeout"] + " seconds is less than Function timeout: " + itoa(int(*f.versions[0].Timeout)) + " seconds")
	}
	arn := *f.versions[0].FunctionArn
	if qualifier != "" {
		arn += ":" + qualifier
	}
	for _, m := range c.region.lambda.mappings {
		if *m.EventSourceArn == source && *m.FunctionArn == arn {
			return nil, conflict("An event source mapping with SQS arn (\" " + source + " \") and function (\" " + arn + " \") already exists. Please update or delete the existing mapping with UUID " + *m.UUID)
		}
	}
	id := c.Server.id()
	m := &types.EventSourceMappingConfiguration{
		UUID: &id, EventSourceMappingArn: c.region.arn("lambda", "event-source-mapping:"+id), EventSourceArn: in.EventSourceArn, FunctionArn: &arn, BatchSize: in.BatchSize, LastModified: new(c.now), State: new("Enabled"),
		StateTransitionReason: new("USER_INITIATED"), MaximumBatchingWindowInSeconds: in.MaximumBatchingWindowInSeconds, ScalingConfig: in.ScalingConfig, FunctionResponseTypes: in.FunctionResponseTypes, FilterCriteria: in.FilterCriteria,
	}
	if m.BatchSize == nil {
		m.BatchSize = new(int32(10))
	}
	if in.Enabled != nil && !*in.Enabled {
		m.State = new("Disabled")
	}
	c.region.lambda.mappings[id] = m
	c.region.lambda.mapTags[*m.EventSourceMappingArn] = maps.Clone(in.Tags)
	return m, nil
}

func (c *call) mapping(id *string) (*types.EventSourceMappingConfiguration, error) {
	if m := c.region.lambda.mappings[value(id)]; m != nil {
		return m, nil
	}
	return nil, lambdaError(404, "ResourceNotFoundException", "The resource you requested does not exist.")
}

func getMapping(c *call, in *lambda.GetEventSourceMappingInput) (*types.EventSourceMappingConfiguration, error) {
	return c.mapping(in.UUID)
}

func updateMapping(c *call, in *lambda.UpdateEventSourceMappingInput) (*types.EventSourceMappingConfiguration, error) {
	m, err := c.mapping(in.UUID)
	if err != nil {
		return nil, err
	}
	set(&m.BatchSize, in.BatchSize)
	set(&m.MaximumBatchingWindowInSeconds, in.MaximumBatchingWindowInSeconds)
	set(&m.ScalingConfig, in.ScalingConfig)
	if in.FunctionResponseTypes != nil {
		m.FunctionResponseTypes = in.FunctionResponseTypes
	}
	if in.Enabled != nil {
		m.State = new(map[bool]string{true: "Enabled", false: "Disabled"}[*in.Enabled])
	}
	m.LastModified = new(c.now)
	return m, nil
}

func deleteMapping(c *call, in *lambda.DeleteEventSourceMappingInput) (*types.EventSourceMappingConfiguration, error) {
	m, err := c.mapping(in.UUID)
	if err != nil {
		return nil, err
	}
	delete(c.region.lambda.mappings, *m.UUID)
	delete(c.region.lambda.mapTags, *m.EventSourceMappingArn)
	out := *m
	out.State = new("Deleting")
	return &out, nil
}

func listMappings(c *call, in *lambda.ListEventSourceMappingsInput) (*lambda.ListEventSourceMappingsOutput, error) {
	out := []types.EventSourceMappingConfiguration{}
	for _, id := range slices.Sorted(maps.Keys(c.region.lambda.mappings)) {
		m := c.region.lambda.mappings[id]
		named := in.FunctionName == nil || strings.Contains(*m.FunctionArn+":", ":"+(*in.FunctionName)[strings.LastIndexByte(*in.FunctionName, ':')+1:]+":")
		if named && (in.EventSourceArn == nil || *in.EventSourceArn == *m.EventSourceArn) {
			out = append(out, *m)
		}
	}
	out, next, err := page(c.Server, out, in.Marker, in.MaxItems, 100)
	if err != nil {
		return nil, badParameter(err.Message)
	}
	return &lambda.ListEventSourceMappingsOutput{EventSourceMappings: out, NextMarker: next}, nil
}
