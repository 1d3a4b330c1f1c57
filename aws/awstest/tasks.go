package awstest

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// task does what a Task of an execution names, in the name of the machine's role.
func (r *region) task(role string, t asl.Call) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.HasPrefix(t.Resource, "arn:aws:lambda:") {
		payload, err := asl.Encode(t.Parameters)
		if err != nil {
			return nil, err
		}
		return r.taskInvoke(role, t.Resource, payload)
	}
	rest, ok := strings.CutPrefix(t.Resource, "arn:aws:states:::")
	if !ok {
		return nil, &asl.Error{Name: asl.Runtime, Cause: "the resource " + t.Resource + " is not known here"}
	}
	if rest == "lambda:invoke" {
		parameters, _ := t.Parameters.(map[string]any)
		function, _ := parameters["FunctionName"].(string)
		payload, err := asl.Encode(parameters["Payload"])
		if err != nil {
			return nil, err
		}
		answer, err := r.taskInvoke(role, function, payload)
		if err != nil {
			return nil, err
		}
		return map[string]any{"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": json.Number("200")}, nil
	}
	name, action, _ := strings.Cut(strings.TrimPrefix(rest, "aws-sdk:"), ":")
	return r.taskCall(role, name, action, t.Parameters)
}

// taskInvoke runs a function. Its failure has the name that Lambda gives it.
func (r *region) taskInvoke(role, name string, payload []byte) (any, error) {
	f, qualifier, err := r.functionOf(&name)
	if err != nil {
		return nil, taskError("Lambda", err)
	}
	arn := *f.versions[0].FunctionArn
	if qualifier != "" {
		arn += ":" + qualifier
	}
	if !r.may(role, "lambda:InvokeFunction", arn, nil) {
		return nil, &asl.Error{Name: "Lambda.AccessDeniedException", Cause: "User: " + role + " is not authorized to perform: lambda:InvokeFunction on resource: " + arn}
	}
	answer, _, failed, err := r.invoke(f, qualifier, payload)
	if err != nil {
		return nil, taskError("Lambda", err)
	}
	if failed {
		var failure struct{ ErrorType string }
		_ = json.Unmarshal(answer, &failure)
		return nil, &asl.Error{Name: failure.ErrorType, Cause: string(answer)}
	}
	return asl.Decode(answer)
}

func taskError(service string, err error) error {
	if e, ok := err.(*wire.Error); ok {
		return &asl.Error{Name: service + "." + e.Code, Cause: e.Message}
	}
	return err
}

// taskServices are those that tasks call, by the name in a resource.
var taskServices = map[string]string{"sns": "sns", "sqs": "sqs", "events": "events", "sagemaker": "sagemaker", "cloudwatch": "monitoring", "cloudwatchlogs": "logs", "sfn": "states", "states": "states"}

// taskCall calls an operation of another service.
func (r *region) taskCall(role, name, action string, parameters any) (any, error) {
	s := services[taskServices[name]]
	operation := strings.ToUpper(action[:1]) + action[1:]
	if s == nil || s.operations[operation] == nil {
		return nil, &asl.Error{Name: asl.Runtime, Cause: "awstest has no " + name + ":" + action + " for state machines"}
	}
	text, err := asl.Encode(parameters)
	if err != nil {
		return nil, err
	}
	tree, err := wire.ParseJSON(text)
	if err != nil {
		return nil, &asl.Error{Name: asl.Runtime, Cause: err.Error()}
	}
	for key, item := range tree { // a message that is no text is one in JSON
		if _, structured := item.(map[string]any); structured && (key == "Message" || key == "MessageBody") {
			body, err := json.Marshal(item)
			if err != nil {
				return nil, err
			}
			tree[key] = string(body)
		}
	}
	resource := "*"
	for _, key := range []string{"TopicArn", "StateMachineArn"} {
		if arn, ok := tree[key].(string); ok {
			resource = arn
		}
	}
	if url, ok := tree["QueueUrl"].(string); ok {
		resource = *r.arn("sqs", url[strings.LastIndexByte(url, '/')+1:])
	}
	if !r.may(role, s.name+":"+operation, resource, nil) {
		return nil, &asl.Error{Name: strings.ToUpper(name[:1]) + name[1:] + ".AccessDeniedException", Cause: "User: " + role + " is not authorized to perform: " + s.name + ":" + operation + " on resource: " + resource}
	}
	out, err := s.operations[operation](&call{Server: r.Server, region: r, regionID: r.id, service: s, tree: tree, header: http.Header{}})
	if err != nil {
		return nil, taskError(strings.ToUpper(name[:1])+name[1:], err)
	}
	return asl.Decode(wire.WriteJSON(wire.Encode(out, false), true))
}

// executionObjects are S3 as an execution's role sees it.
type executionObjects struct {
	r    *region
	role string
}

func (o *executionObjects) denied(action, bucket, key string) error {
	return &asl.Error{Name: asl.ItemReaderFailed, Cause: "Access Denied: " + o.role + " may not " + action + " s3://" + bucket + "/" + key}
}

// List yields the objects under a prefix.
func (o *executionObjects) List(_ context.Context, bucket, prefix string) iter.Seq2[asl.Object, error] {
	o.r.mu.Lock()
	defer o.r.mu.Unlock()
	var list []asl.Object
	b := o.r.s3.buckets[bucket]
	if b == nil || !o.r.may(o.role, "s3:ListBucket", "arn:aws:s3:::"+bucket, map[string]string{"s3:prefix": prefix}) {
		return func(yield func(asl.Object, error) bool) { yield(asl.Object{}, o.denied("list", bucket, prefix)) }
	}
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if newest := b.newest(key); newest != nil && strings.HasPrefix(key, prefix) {
			list = append(list, asl.Object{Key: key, ETag: newest.etag, Size: int64(len(newest.data)), Modified: newest.modified})
		}
	}
	return func(yield func(asl.Object, error) bool) {
		for _, item := range list {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Read returns an object's bytes.
func (o *executionObjects) Read(_ context.Context, bucket, key string) ([]byte, error) {
	o.r.mu.Lock()
	defer o.r.mu.Unlock()
	b := o.r.s3.buckets[bucket]
	if b == nil || b.newest(key) == nil || !o.r.may(o.role, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
		return nil, o.denied("read", bucket, key)
	}
	return b.newest(key).data, nil
}

// Write makes an object.
func (o *executionObjects) Write(_ context.Context, bucket, key string, data []byte) error {
	o.r.mu.Lock()
	defer o.r.mu.Unlock()
	b := o.r.s3.buckets[bucket]
	if b == nil || !o.r.may(o.role, "s3:PutObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
		return o.denied("write", bucket, key)
	}
	o.r.store(b, key, data, "application/json")
	return nil
}
