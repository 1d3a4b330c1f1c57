package stack

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/scones-unlimited/scones/aws/plan"
)

// An object is a JSON object.
type object = map[string]any

// cloudFormationTags are tags as templates take them.
func (w *wanted) cloudFormationTags() []object {
	var list []object
	tags := w.tags()
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, object{"Key": key, "Value": tags[key]})
	}
	return list
}

// document is a policy as an object instead of a text.
func document(text string) any {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(err) // this package wrote it
	}
	return value
}

// CloudFormation returns the bucket and its policy.
func (b *Bucket) CloudFormation() []plan.Block {
	blocks := []plan.Block{{Type: "AWS::S3::Bucket", Retain: true, Properties: object{
		"BucketName":                     b.name,
		"PublicAccessBlockConfiguration": object{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"OwnershipControls":              object{"Rules": []object{{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"BucketEncryption":               object{"ServerSideEncryptionConfiguration": []object{{"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "AES256"}}}},
		"LifecycleConfiguration": object{"Rules": []object{
			{"Id": "captures expire", "Status": "Enabled", "Prefix": CapturePrefix, "ExpirationInDays": b.captureDays},
			{"Id": "unfinished uploads go", "Status": "Enabled", "AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": unfinishedDays}},
		}},
		"Tags": b.cloudFormationTags(),
	}}}
	if len(b.policy.Statement) > 0 {
		blocks = append(blocks, plan.Block{Type: "AWS::S3::BucketPolicy", Suffix: "Policy", Properties: object{"Bucket": plan.Ref(b.part), "PolicyDocument": document(b.policy.Document())}})
	}
	return blocks
}

// CloudFormation returns nothing: a template uploads no files.
func (u *Upload) CloudFormation() []plan.Block { return nil }

// CloudFormation returns the role.
func (r *Role) CloudFormation() []plan.Block {
	return []plan.Block{{Type: "AWS::IAM::Role", Properties: object{
		"RoleName": r.name, "Path": r.a.rolePath(), "AssumeRolePolicyDocument": document(r.fields.Get("trust")),
		"Policies": []object{{"PolicyName": inlinePolicy, "PolicyDocument": document(r.fields.Get("policy"))}}, "Tags": r.cloudFormationTags(),
	}}}
}

// CloudFormation returns the group.
func (g *LogGroup) CloudFormation() []plan.Block {
	return []plan.Block{{Type: "AWS::Logs::LogGroup", Retain: true, Properties: object{"LogGroupName": g.name, "RetentionInDays": g.days, "Tags": g.cloudFormationTags()}}}
}

// CloudFormation returns the model.
func (m *Model) CloudFormation() []plan.Block {
	return []plan.Block{{Type: "AWS::SageMaker::Model", Properties: object{
		"ModelName": m.name, "ExecutionRoleArn": plan.GetAtt(m.spec.Role.part, "Arn"), "PrimaryContainer": m.container(), "EnableNetworkIsolation": m.spec.Isolated, "Tags": m.cloudFormationTags(),
	}}}
}

// CloudFormation returns the configuration.
func (c *EndpointConfig) CloudFormation() []plan.Block {
	properties := c.properties(plan.GetAtt(c.spec.Model.part, "ModelName"))
	properties["EndpointConfigName"], properties["Tags"] = c.name, c.cloudFormationTags()
	return []plan.Block{{Type: "AWS::SageMaker::EndpointConfig", Properties: properties}}
}

// CloudFormation returns the endpoint.
func (e *Endpoint) CloudFormation() []plan.Block {
	properties := object{"EndpointName": e.name, "EndpointConfigName": plan.GetAtt(e.spec.Config.part, "EndpointConfigName"), "Tags": e.cloudFormationTags()}
	if e.spec.Shift.Percent > 0 {
		properties["DeploymentConfig"] = e.rollOut(func(a *Alarm) any { return plan.Ref(a.part) })
	}
	return []plan.Block{{Type: "AWS::SageMaker::Endpoint", Properties: properties}}
}

// CloudFormation returns the alarm.
func (a *Alarm) CloudFormation() []plan.Block {
	in := a.input
	var dimensions []object
	for _, d := range in.Dimensions {
		dimensions = append(dimensions, object{"Name": *d.Name, "Value": *d.Value})
	}
	properties := object{
		"AlarmName": a.name, "AlarmDescription": *in.AlarmDescription, "Namespace": *in.Namespace, "MetricName": *in.MetricName, "Dimensions": dimensions,
		"Statistic": string(in.Statistic), "Period": *in.Period, "EvaluationPeriods": *in.EvaluationPeriods, "DatapointsToAlarm": *in.DatapointsToAlarm,
		"Threshold": *in.Threshold, "ComparisonOperator": string(in.ComparisonOperator), "TreatMissingData": *in.TreatMissingData, "Tags": a.cloudFormationTags(),
	}
	if len(in.AlarmActions) > 0 {
		properties["AlarmActions"] = in.AlarmActions
	}
	return []plan.Block{{Type: "AWS::CloudWatch::Alarm", Properties: properties}}
}

// CloudFormation returns the bounds.
func (t *ScalingTarget) CloudFormation() []plan.Block {
	return []plan.Block{{Type: "AWS::ApplicationAutoScaling::ScalableTarget", Properties: object{
		"ServiceNamespace": "sagemaker", "ScalableDimension": string(scalingDimension), "ResourceId": t.name, "MinCapacity": t.scale.Min, "MaxCapacity": t.scale.Max,
	}}}
}

// CloudFormation returns the policy.
func (p *ScalingPolicy) CloudFormation() []plan.Block {
	return []plan.Block{{Type: "AWS::ApplicationAutoScaling::ScalingPolicy", Properties: object{
		"PolicyName": p.name, "PolicyType": "TargetTrackingScaling", "ServiceNamespace": "sagemaker", "ScalableDimension": string(scalingDimension),
		"ResourceId": p.resource(), "TargetTrackingScalingPolicyConfiguration": p.tracking(),
	}}}
}
