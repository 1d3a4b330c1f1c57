package awstest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// maxPayload is the most bytes that an endpoint takes; a serverless one takes 4 MB.
const (
	maxPayload           = 6_291_456
	maxServerlessPayload = 4 << 20
)

// A ContainerError is an answer of a container that is none of its model's, for [Options].Classify to return.
type ContainerError struct {
	Status  int
	Message string
}

// Error gives the message.
func (e *ContainerError) Error() string { return e.Message }

// runs asks a container.
func (s *Server) runs(c Container, picture []byte) ([]byte, *ContainerError) {
	if s.o.Classify == nil {
		return []byte("[0.9, 0.1]"), nil
	}
	answer, err := s.o.Classify(c, picture)
	if err == nil {
		return answer, nil
	}
	if failure, ok := errors.AsType[*ContainerError](err); ok {
		return nil, failure
	}
	return nil, &ContainerError{http.StatusBadRequest, err.Error()}
}

// serving is the variant that gets the next request: fleets and variants take turns by their shares.
func (e *endpoint) serving(target string) *variant {
	fleet := e.variants
	if e.update != nil && e.update.step >= 0 {
		// Of each hundred requests the first so many go to the new fleet.
		if float32(e.invoked%100) < e.update.share(true)*100 {
			fleet = e.update.fleet
		}
	}
	total := float32(0)
	for i := range fleet {
		if target == *fleet[i].VariantName {
			return &fleet[i]
		}
		total += value(fleet[i].InitialVariantWeight)
	}
	if target != "" || len(fleet) == 0 {
		return nil
	}
	at := float32(e.invoked%100) / 100 * total
	for i := range fleet {
		if at -= value(fleet[i].InitialVariantWeight); at < 0 {
			return &fleet[i]
		}
	}
	return &fleet[len(fleet)-1]
}

// serves tells whether an endpoint answers.
func (e *endpoint) serves() bool {
	switch e.status {
	case types.EndpointStatusInService, types.EndpointStatusUpdating, types.EndpointStatusRollingBack, types.EndpointStatusSystemUpdating:
		return true
	}
	return false
}

func invokeEndpoint(c *call) (any, error) {
	name, _ := c.tree["EndpointName"].(string)
	e := c.region.sagemaker.endpoints[name]
	if e == nil || !e.serves() {
		return nil, wire.Errorf("ValidationError", "Endpoint %s of account %s not found.", name, Account)
	}
	v := e.serving(c.request.Header.Get("X-Amzn-Sagemaker-Target-Variant"))
	if v == nil {
		return nil, wire.Errorf("ValidationError", "Variant %s not found on endpoint %s.", c.request.Header.Get("X-Amzn-Sagemaker-Target-Variant"), name)
	}
	limit := maxPayload
	if v.ServerlessConfig != nil {
		limit = maxServerlessPayload
	}
	if len(c.body) > limit {
		return nil, &wire.Error{Status: http.StatusRequestEntityTooLarge, Code: "ValidationError", Message: fmt.Sprintf("Request %d bytes is greater than the maximum of %d bytes.", len(c.body), limit)}
	}
	e.invoked++
	answer, failure := c.runs(v.model.container(), c.body)
	c.measure(e, v, failure)
	if failure != nil {
		kind := "client"
		if failure.Status >= 500 {
			kind = "server"
		}
		group := "/aws/sagemaker/Endpoints/" + name
		return nil, &wire.Error{Status: http.StatusFailedDependency, Code: "ModelError", Message: fmt.Sprintf("Received %s error (%d) from primary with message %q. See https://%s.console.aws.amazon.com/cloudwatch/home?region=%s#logEventViewer:group=%s in account %s for more information.", kind, failure.Status, failure.Message, c.regionID, c.regionID, group, Account),
			Members: map[string]any{"OriginalStatusCode": int64(failure.Status), "OriginalMessage": failure.Message, "LogStreamArn": *c.region.arn("logs", "log-group:"+group)}}
	}
	c.capture(e, v, answer)
	c.header.Set("X-Amzn-Invoked-Production-Variant", *v.VariantName)
	c.header.Set("Content-Type", "application/json")
	return &raw{body: answer}, nil
}

// measure puts what CloudWatch counts of an invocation there. Latency is in microseconds.
func (c *call) measure(e *endpoint, v *variant, failure *ContainerError) {
	dimensions := map[string]string{"EndpointName": e.name, "VariantName": *v.VariantName}
	count := func(yes bool) float64 {
		if yes {
			return 1
		}
		return 0
	}
	w := c.region.cloudwatch
	for metric, amount := range map[string]float64{
		"Invocations": 1, "InvocationsPerInstance": 1 / float64(max(v.instances, 1)), "ModelLatency": 20_000, "OverheadLatency": 5_000,
		"Invocation4XXErrors": count(failure != nil && failure.Status < 500), "Invocation5XXErrors": count(failure != nil && failure.Status >= 500), "InvocationModelErrors": count(failure != nil),
	} {
		w.add("AWS/SageMaker", metric, dimensions, c.now, amount)
	}
}

// invokeEndpointAsync answers at once, and has the result in S3 as soon as the clock moves.
func invokeEndpointAsync(c *call) (any, error) {
	name, _ := c.tree["EndpointName"].(string)
	e := c.region.sagemaker.endpoints[name]
	if e == nil || !e.serves() {
		return nil, wire.Errorf("ValidationError", "Endpoint %s of account %s not found.", name, Account)
	}
	config := c.region.sagemaker.configs[e.config]
	if config == nil || config.in.AsyncInferenceConfig == nil {
		return nil, wire.Errorf("ValidationError", "Endpoint %s is not an asynchronous one.", name)
	}
	bucket, key, ok := splitS3(c.request.Header.Get("X-Amzn-Sagemaker-Inputlocation"))
	out, prefix, _ := splitS3(value(config.in.AsyncInferenceConfig.OutputConfig.S3OutputPath))
	from, to := c.s3.buckets[bucket], c.s3.buckets[out]
	if !ok || from == nil || from.newest(key) == nil || to == nil {
		return nil, wire.Errorf("ValidationError", "The input %q or the output's bucket cannot be found.", c.request.Header.Get("X-Amzn-Sagemaker-Inputlocation"))
	}
	id := c.Server.id()
	v := e.serving("")
	e.invoked++
	answer, failure := c.runs(v.model.container(), from.newest(key).data)
	c.measure(e, v, failure)
	kind, suffix := "output", ".out"
	if failure != nil {
		answer, kind, suffix = []byte(failure.Message), "failure", "-error.out"
	}
	stored := strings.Trim(prefix+"/"+id+suffix, "/")
	role := value(v.model.in.ExecutionRoleArn)
	if c.may(role, "s3:PutObject", "arn:aws:s3:::"+out+"/"+stored, nil) {
		c.store(to, stored, answer, "application/json")
	}
	if kind == "output" {
		c.header.Set("X-Amzn-Sagemaker-Outputlocation", "s3://"+out+"/"+stored)
	}
	return &raw{status: http.StatusAccepted, body: wire.WriteJSON(map[string]any{"InferenceId": id}, false)}, nil
}
