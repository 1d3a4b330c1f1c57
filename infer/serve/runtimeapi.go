package serve

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// The headers of InvokeEndpoint, in the spelling of the service's model.
const (
	headerInferenceID      = "X-Amzn-Sagemaker-Inference-Id"
	headerCustomAttributes = "X-Amzn-Sagemaker-Custom-Attributes"
	headerTargetModel      = "X-Amzn-Sagemaker-Target-Model"
	headerTargetVariant    = "X-Amzn-Sagemaker-Target-Variant"
	headerTargetContainer  = "X-Amzn-Sagemaker-Target-Container-Hostname"
	headerComponent        = "X-Amzn-Sagemaker-Inference-Component"
	headerVariant          = "X-Amzn-Invoked-Production-Variant"
)

// Variant is the one production variant, named as SageMaker's SDK names it.
const Variant = "AllTraffic"

// invokeEndpoint is the Runtime API's InvokeEndpoint.
func (s *Server) invokeEndpoint(x *exchange) *problem {
	if p := s.checkEndpoint(x); p != nil {
		return p
	}
	h := x.r.Header
	if p := checkHeaders(h); p != nil {
		return p
	}
	answer := x.w.Header()
	answer.Set(headerVariant, Variant)
	if attributes := h.Get(headerCustomAttributes); attributes != "" {
		answer.Set(headerCustomAttributes, attributes)
	}
	return s.invoke(x, h.Get(headerTargetModel))
}

// checkEndpoint refuses the name of another endpoint as SageMaker does.
func (s *Server) checkEndpoint(x *exchange) *problem {
	if name := x.r.PathValue("endpoint"); name != s.o.Endpoint {
		return newProblem(unknownName, "Endpoint %s of account %s not found. This one is called %s.", clip(name), localAccount, s.o.Endpoint)
	}
	return nil
}

// checkHeaders holds the service model's rules against the headers.
func checkHeaders(h http.Header) *problem {
	for _, rule := range []struct {
		header string
		most   int
	}{{headerInferenceID, 64}, {headerCustomAttributes, 1024}, {headerTargetModel, 1024}, {headerTargetVariant, 63}} {
		if value := h.Get(rule.header); len(value) > rule.most || !visible(value) {
			return newProblem(badRequest, "Value at '%s' failed to satisfy constraint: at most %d characters, visible US-ASCII only", rule.header, rule.most)
		}
	}
	if variant := cmp.Or(h.Get(headerTargetVariant), Variant); variant != Variant {
		return newProblem(unknownName, "Variant %s not found for Request. The one here is %s.", clip(variant), Variant)
	}
	for _, header := range []string{headerTargetContainer, headerComponent} {
		if h.Get(header) != "" {
			return newProblem(badRequest, "%s: this endpoint has one container and no inference components; leave the header out", header)
		}
	}
	return nil
}

// visible is the service model's pattern for header values, \p{ASCII}*, without control characters.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// invokeStream refuses InvokeEndpointWithResponseStream: a classifier's answer is one piece.
func (s *Server) invokeStream(x *exchange) *problem {
	if p := s.checkEndpoint(x); p != nil {
		return p
	}
	return newProblem(badRequest, "Model does not support response streaming: an answer of this endpoint is one piece. Use InvokeEndpoint.")
}

// invokeAsync refuses InvokeEndpointAsync, which works on files in S3.
func (s *Server) invokeAsync(x *exchange) *problem {
	if p := s.checkEndpoint(x); p != nil {
		return p
	}
	return newProblem(badRequest, "Endpoint %s is not configured for asynchronous inference. Use InvokeEndpoint.", s.o.Endpoint)
}

// localAccount stands where an AWS account would.
const localAccount = "000000000000"

// refuseRuntime sends a problem as the Runtime API's typed error.
func (x *exchange) refuseRuntime(p *problem) {
	h := x.w.Header()
	if p.kind.runtime != "" {
		h.Set("x-amzn-ErrorType", p.kind.runtime)
		x.writeJSON(p.kind.runtimeStatus, struct{ Message string }{p.text})
		return
	}
	h.Set("x-amzn-ErrorType", "ModelError")
	status, side := p.kind.container, "client"
	if p.kind == timedOut {
		status = 0
	}
	if status < 400 || status >= 500 {
		side = "server"
	}
	x.writeJSON(http.StatusFailedDependency, struct {
		Message            string
		OriginalStatusCode int
		OriginalMessage    string
		LogStreamArn       string
	}{
		fmt.Sprintf("Received %s error (%d) from primary with message %q. See the log of scones serve for more information.", side, status, p.text),
		status, p.text, logStreamARN(x.r),
	})
}

// logStreamARN is where SageMaker would keep the log; region and endpoint are the request's.
func logStreamARN(r *http.Request) string {
	region := "local"
	if _, scope, found := strings.Cut(r.Header.Get("Authorization"), "Credential="); found {
		if parts := strings.Split(scope, "/"); len(parts) > 2 && names.MatchString(parts[2]) {
			region = parts[2]
		}
	}
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:/aws/sagemaker/Endpoints/%s", region, localAccount, clip(r.PathValue("endpoint")))
}
