package stack

import (
	"strings"
	"time"
	"unicode"
)

// What CloudFormation and Terraform say alike is said here once, under CloudFormation's names.

// snaked is an object under Terraform's names: destination_s3_uri for DestinationS3Uri.
func snaked(o object) object {
	out := make(object, len(o))
	for key, value := range o {
		switch v := value.(type) {
		case object:
			value = snaked(v)
		case []object:
			list := make([]object, len(v))
			for i := range v {
				list[i] = snaked(v[i])
			}
			value = list
		}
		out[snake(key)] = value
	}
	return out
}

func snake(name string) string {
	var b strings.Builder
	previous := '_'
	for _, r := range name {
		if unicode.IsUpper(r) && previous != '_' && !unicode.IsUpper(previous) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		previous = r
	}
	return b.String()
}

// container is what the model runs in.
func (m *Model) container() object {
	container := object{"Image": m.spec.Image, "ModelDataUrl": m.spec.Artifact}
	if len(m.spec.Environment) > 0 {
		container["Environment"] = m.spec.Environment
	}
	return container
}

// properties are the configuration's, for a reference to its model.
func (c *EndpointConfig) properties(model any) object {
	s := c.spec
	variant := object{"VariantName": Variant, "ModelName": model, "InitialVariantWeight": 1}
	if s.Compute.Instance != "" {
		variant["InstanceType"], variant["InitialInstanceCount"] = s.Compute.Instance, s.Compute.Count
	} else {
		variant["ServerlessConfig"] = object{"MemorySizeInMB": s.Compute.MemoryMB, "MaxConcurrency": s.Compute.Concurrency}
	}
	properties := object{"ProductionVariants": []object{variant}}
	if s.CapturePercent > 0 {
		properties["DataCaptureConfig"] = object{
			"EnableCapture": true, "InitialSamplingPercentage": s.CapturePercent, "DestinationS3Uri": s.CaptureURI,
			"CaptureOptions": []object{{"CaptureMode": "Input"}, {"CaptureMode": "Output"}}, "CaptureContentTypeHeader": object{"JsonContentTypes": []string{"application/json"}},
		}
	}
	if s.AsyncURI != "" {
		properties["AsyncInferenceConfig"] = object{"OutputConfig": object{"S3OutputPath": s.AsyncURI}}
	}
	return properties
}

// rollOut is how an update moves the traffic, and which alarms roll it back.
func (e *Endpoint) rollOut(reference func(*Alarm) any) object {
	s := e.spec.Shift
	kind, step := "CANARY", "CanarySize"
	if s.Linear {
		kind, step = "LINEAR", "LinearStepSize"
	}
	var alarms []object
	for _, a := range e.spec.Alarms {
		alarms = append(alarms, object{"AlarmName": reference(a)})
	}
	return object{
		"AutoRollbackConfiguration": object{"Alarms": alarms},
		"BlueGreenUpdatePolicy": object{
			"TrafficRoutingConfiguration":      object{"Type": kind, step: object{"Type": "CAPACITY_PERCENT", "Value": s.Percent}, "WaitIntervalInSeconds": int(s.Wait / time.Second)},
			"TerminationWaitInSeconds":         int(terminationWait / time.Second),
			"MaximumExecutionTimeoutInSeconds": s.executionSeconds(),
		},
	}
}

// tracking is what the number of instances follows.
func (p *ScalingPolicy) tracking() object {
	tracking := object{"TargetValue": p.scale.Target, "ScaleOutCooldown": scaleOut, "ScaleInCooldown": scaleIn}
	if p.async {
		tracking["CustomizedMetricSpecification"] = object{"Namespace": "AWS/SageMaker", "MetricName": backlog, "Statistic": "Average",
			"Dimensions": []object{{"Name": "EndpointName", "Value": strings.TrimSuffix(p.name, policySuffix)}}}
	} else {
		tracking["PredefinedMetricSpecification"] = object{"PredefinedMetricType": perInstance}
	}
	return tracking
}
