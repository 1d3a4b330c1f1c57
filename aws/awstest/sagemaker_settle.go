package awstest

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// settleEndpoints brings endpoints to the clock's time.
func (r *region) settleEndpoints() {
	for name, e := range r.sagemaker.endpoints {
		r.flushCapture(e, false)
		r.watch(e)
		for !e.due.After(r.now) && e.underWay() {
			if r.settleEndpoint(e) {
				r.flushCapture(e, true)
				delete(r.sagemaker.endpoints, name)
				delete(r.sagemaker.tags, *e.arn)
				break
			}
		}
	}
}

func (e *endpoint) underWay() bool {
	switch e.status {
	case types.EndpointStatusCreating, types.EndpointStatusUpdating, types.EndpointStatusRollingBack, types.EndpointStatusDeleting:
		return true
	}
	return false
}

// watch rolls an update back whose alarms went off.
func (r *region) watch(e *endpoint) {
	if e.update == nil || e.status != types.EndpointStatusUpdating || e.update.step < 0 {
		return
	}
	if names := r.alarmed(e.update); names != "" {
		r.rollBack(e, "One or more configured alarms triggered during the deployment: "+names+". The deployment was rolled back.")
	}
}

func (r *region) rollBack(e *endpoint, reason string) {
	e.status, e.reason, e.due, e.modified = types.EndpointStatusRollingBack, &reason, r.now.Add(RollbackTime), r.now
	e.update.step = -1
	for i := range e.update.fleet {
		e.update.fleet[i].status, e.update.fleet[i].since = types.VariantStatusDeleting, r.now
	}
}

// settleEndpoint takes the step that is due; gone tells that the endpoint is.
func (r *region) settleEndpoint(e *endpoint) (gone bool) {
	e.modified = e.due
	switch e.status {
	case types.EndpointStatusDeleting:
		return true
	case types.EndpointStatusCreating:
		if reason := r.unfit(e.variants); reason != "" {
			e.status, e.reason = types.EndpointStatusFailed, &reason
			return false
		}
		e.status = types.EndpointStatusInService
		settled(e.variants)
	case types.EndpointStatusRollingBack:
		e.status, e.update = types.EndpointStatusInService, nil
	case types.EndpointStatusUpdating:
		r.settleUpdate(e)
	}
	return false
}

func settled(fleet []variant) {
	for i := range fleet {
		fleet[i].status = ""
	}
}

// settleUpdate moves traffic on, and ends the update when the old fleet is gone.
func (r *region) settleUpdate(e *endpoint) {
	u := e.update
	if u.step < 0 {
		if reason := r.unfit(u.fleet); reason != "" {
			r.rollBack(e, reason)
			return
		}
	}
	u.step++
	for i := range u.fleet {
		u.fleet[i].status, u.fleet[i].since = types.VariantStatusBaking, e.due
	}
	switch {
	case u.step < len(u.steps):
		e.due = e.due.Add(u.bake())
	case u.step == len(u.steps):
		e.due = e.due.Add(u.linger())
		settled(u.fleet)
		for i := range e.variants {
			e.variants[i].status, e.variants[i].since = types.VariantStatusDeleting, e.due
		}
	default:
		r.flushCapture(e, true)
		e.status, e.config, e.variants, e.capture, e.deployment, e.update = types.EndpointStatusInService, u.config, u.fleet, u.capture, u.deployment, nil
		settled(e.variants)
	}
}

// Unfit makes every container of an image, or of model data, whose address contains the text fail its health check.
func (s *Server) Unfit(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unfitText = text
}

// unfit says why a fleet would not come up; empty when it does.
func (r *region) unfit(fleet []variant) string {
	for _, v := range fleet {
		if v.model == nil || r.sagemaker.models[*v.ModelName] != v.model {
			return fmt.Sprintf("The model %q of production variant %s was deleted.", *v.ModelName, *v.VariantName)
		}
		container, role := v.model.container(), value(v.model.in.ExecutionRoleArn)
		if !r.assumable(role, sagemakerRole) {
			return fmt.Sprintf("Could not assume role %s.", role)
		}
		if r.unfitText != "" && (strings.Contains(container.Image, r.unfitText) || strings.Contains(container.ModelDataURL, r.unfitText)) {
			return fmt.Sprintf("The primary container for production variant %s did not pass the ping health check. Please check CloudWatch logs for this endpoint.", *v.VariantName)
		}
		if bucket, key, ok := splitS3(container.ModelDataURL); ok {
			b := r.s3.buckets[bucket]
			if b == nil || (b.newest(key) == nil && !strings.HasSuffix(key, "/")) || !r.may(role, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
				return fmt.Sprintf("Failed to download model data for container \"container_1\" from URL: %q. Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the model.", container.ModelDataURL)
			}
		}
		if reason := r.pullable(role, container.Image); reason != "" {
			return reason
		}
	}
	return ""
}

// pullable says why a role could not pull an image; images of other accounts are taken to be there.
func (r *region) pullable(role, image string) string {
	host, rest, _ := strings.Cut(image, "/")
	account, _, isECR := strings.Cut(host, ".dkr.ecr.")
	if !isECR {
		return fmt.Sprintf("The image %q is not in Amazon ECR.", image)
	}
	repository := rest
	if at := strings.IndexAny(rest, ":@"); at >= 0 {
		repository = rest[:at]
	}
	arn := fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", r.id, account, repository)
	for action, resource := range map[string]string{"ecr:GetAuthorizationToken": "*", "ecr:BatchGetImage": arn, "ecr:GetDownloadUrlForLayer": arn, "ecr:BatchCheckLayerAvailability": arn} {
		if !r.may(role, action, resource, nil) {
			return fmt.Sprintf("The repository of your image %s does not grant %s permission to role %s", image, action, role)
		}
	}
	return ""
}
