package awstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// A resourcePolicy says who may invoke a function, statement by statement.
type resourcePolicy struct {
	ids        []string
	statements map[string]json.RawMessage
	revision   *string
}

func (p *resourcePolicy) document() string {
	var list []json.RawMessage
	for _, id := range p.ids {
		list = append(list, p.statements[id])
	}
	data, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": list})
	return string(data)
}

func addPermission(c *call, in *lambda.AddPermissionInput) (*lambda.AddPermissionOutput, error) {
	f, qualifier, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	set1(&qualifier, in.Qualifier)
	arn := *f.versions[0].FunctionArn
	if qualifier != "" {
		if f.version(qualifier) == nil || qualifier == "$LATEST" {
			return nil, noFunction(arn + ":" + qualifier)
		}
		arn += ":" + qualifier
	}
	p := f.policies[qualifier]
	if p == nil {
		p = &resourcePolicy{statements: map[string]json.RawMessage{}}
		f.policies[qualifier] = p
	}
	id := value(in.StatementId)
	if p.statements[id] != nil {
		return nil, conflict("The statement id (" + id + ") provided already exists. Please provide a new statement id, or remove the existing statement.")
	}
	principal := map[string]string{"AWS": value(in.Principal)}
	if strings.HasSuffix(value(in.Principal), ".amazonaws.com") {
		principal = map[string]string{"Service": value(in.Principal)}
	}
	statement := map[string]any{"Sid": id, "Effect": "Allow", "Principal": principal, "Action": value(in.Action), "Resource": arn}
	condition := map[string]any{}
	if in.SourceArn != nil {
		condition["ArnLike"] = map[string]string{"AWS:SourceArn": *in.SourceArn}
	}
	if in.SourceAccount != nil {
		condition["StringEquals"] = map[string]string{"AWS:SourceAccount": *in.SourceAccount}
	}
	if len(condition) > 0 {
		statement["Condition"] = condition
	}
	text, err := json.Marshal(statement)
	if err != nil {
		return nil, err
	}
	p.ids, p.statements[id], p.revision = append(p.ids, id), text, new(c.Server.id())
	return &lambda.AddPermissionOutput{Statement: new(string(text))}, nil
}

func set1(to *string, from *string) {
	if from != nil {
		*to = *from
	}
}

func (c *call) policy(name, qualifier *string) (*resourcePolicy, *function, string, error) {
	f, inName, err := c.region.functionOf(name)
	if err != nil {
		return nil, nil, "", err
	}
	set1(&inName, qualifier)
	p := f.policies[inName]
	if p == nil || len(p.ids) == 0 {
		return nil, nil, "", lambdaError(http.StatusNotFound, "ResourceNotFoundException", "The resource you requested does not exist.")
	}
	return p, f, inName, nil
}

func getPolicy(c *call, in *lambda.GetPolicyInput) (*lambda.GetPolicyOutput, error) {
	p, _, _, err := c.policy(in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	return &lambda.GetPolicyOutput{Policy: new(p.document()), RevisionId: p.revision}, nil
}

func removePermission(c *call, in *lambda.RemovePermissionInput) (*lambda.RemovePermissionOutput, error) {
	p, _, _, err := c.policy(in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if p.statements[value(in.StatementId)] == nil {
		return nil, lambdaError(http.StatusNotFound, "ResourceNotFoundException", "Statement "+value(in.StatementId)+" is not found in resource policy.")
	}
	delete(p.statements, *in.StatementId)
	p.ids = slices.DeleteFunc(p.ids, func(id string) bool { return id == *in.StatementId })
	return &lambda.RemovePermissionOutput{}, nil
}

func (c *call) taggedFunction(arn *string) (map[string]string, func(map[string]string), error) {
	if tags, ok := c.region.lambda.mapTags[value(arn)]; ok {
		return tags, func(t map[string]string) { c.region.lambda.mapTags[*arn] = t }, nil
	}
	f, _, err := c.region.functionOf(arn)
	if err != nil {
		return nil, nil, err
	}
	return f.tags, func(t map[string]string) { f.tags = t }, nil
}

func tagFunction(c *call, in *lambda.TagResourceInput) (*lambda.TagResourceOutput, error) {
	tags, keep, err := c.taggedFunction(in.Resource)
	if err != nil {
		return nil, err
	}
	now := maps.Clone(tags)
	if now == nil {
		now = map[string]string{}
	}
	maps.Copy(now, in.Tags)
	keep(now)
	return &lambda.TagResourceOutput{}, nil
}

func untagFunction(c *call, in *lambda.UntagResourceInput) (*lambda.UntagResourceOutput, error) {
	tags, keep, err := c.taggedFunction(in.Resource)
	if err != nil {
		return nil, err
	}
	now := maps.Clone(tags)
	maps.DeleteFunc(now, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	keep(now)
	return &lambda.UntagResourceOutput{}, nil
}

func listFunctionTags(c *call, in *lambda.ListTagsInput) (*lambda.ListTagsOutput, error) {
	tags, _, err := c.taggedFunction(in.Resource)
	if err != nil {
		return nil, err
	}
	if tags == nil {
		tags = map[string]string{}
	}
	return &lambda.ListTagsOutput{Tags: tags}, nil
}

// concurrencyLimit is the account's, of which 100 stay unreserved.
const concurrencyLimit = 1000

func putFunctionConcurrency(c *call, in *lambda.PutFunctionConcurrencyInput) (*lambda.PutFunctionConcurrencyOutput, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	reserved := value(in.ReservedConcurrentExecutions)
	for _, other := range c.region.lambda.functions {
		if other != f {
			reserved += value(other.concurrency)
		}
	}
	if reserved > concurrencyLimit-100 {
		return nil, badParameter("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].")
	}
	f.concurrency = in.ReservedConcurrentExecutions
	return &lambda.PutFunctionConcurrencyOutput{ReservedConcurrentExecutions: f.concurrency}, nil
}

func getFunctionConcurrency(c *call, in *lambda.GetFunctionConcurrencyInput) (*lambda.GetFunctionConcurrencyOutput, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	return &lambda.GetFunctionConcurrencyOutput{ReservedConcurrentExecutions: f.concurrency}, nil
}

func deleteFunctionConcurrency(c *call, in *lambda.DeleteFunctionConcurrencyInput) (*lambda.DeleteFunctionConcurrencyOutput, error) {
	f, _, err := c.region.functionOf(in.FunctionName)
	if err != nil {
		return nil, err
	}
	f.concurrency = nil
	return &lambda.DeleteFunctionConcurrencyOutput{}, nil
}

func getAccountSettings(c *call, _ *lambda.GetAccountSettingsInput) (*lambda.GetAccountSettingsOutput, error) {
	reserved := int32(0)
	for _, f := range c.region.lambda.functions {
		reserved += value(f.concurrency)
	}
	return &lambda.GetAccountSettingsOutput{
		AccountLimit: &types.AccountLimit{ConcurrentExecutions: concurrencyLimit, UnreservedConcurrentExecutions: new(concurrencyLimit - reserved), TotalCodeSize: 80 << 30, CodeSizeUnzipped: 250 << 20, CodeSizeZipped: zipLimit},
		AccountUsage: &types.AccountUsage{FunctionCount: int64(len(c.region.lambda.functions))},
	}, nil
}
