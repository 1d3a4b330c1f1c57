package stack

import (
	"github.com/scones-unlimited/scones/aws/plan"
)

// first lets a successor under another name be made before the old object goes, which is in use until then.
var first = object{"create_before_destroy": true}

// Terraform returns the bucket and what is set on it, each a resource of its own.
func (b *Bucket) Terraform() []plan.Block {
	on := func(kind, suffix string, arguments object) plan.Block {
		arguments["bucket"] = b.name
		return plan.Block{Type: kind, Suffix: suffix, Properties: arguments}
	}
	blocks := []plan.Block{
		{Type: "aws_s3_bucket", Retain: true, Properties: object{"bucket": b.name, "tags": b.tags()}},
		on("aws_s3_bucket_public_access_block", "", object{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}),
		on("aws_s3_bucket_ownership_controls", "", object{"rule": object{"object_ownership": "BucketOwnerEnforced"}}),
		on("aws_s3_bucket_server_side_encryption_configuration", "", object{"rule": object{"apply_server_side_encryption_by_default": object{"sse_algorithm": "AES256"}}}),
		on("aws_s3_bucket_lifecycle_configuration", "", object{"rule": []object{
			{"id": "captures expire", "status": "Enabled", "filter": object{"prefix": CapturePrefix}, "expiration": object{"days": b.captureDays}},
			{"id": "unfinished uploads go", "status": "Enabled", "filter": object{"prefix": ""}, "abort_incomplete_multipart_upload": object{"days_after_initiation": unfinishedDays}},
		}}),
	}
	if len(b.policy.Statement) > 0 {
		blocks = append(blocks, on("aws_s3_bucket_policy", "", object{"policy": b.policy.Document()}))
	}
	return blocks
}

// Terraform returns the object, which Terraform uploads from this machine's file.
func (u *Upload) Terraform() []plan.Block {
	bucket, key := u.split()
	return []plan.Block{{Type: "aws_s3_object", Properties: object{"bucket": bucket, "key": key, "source": u.file.Path, "metadata": object{"sha256": u.file.SHA256}, "tags": u.tags()}}}
}

// Terraform returns the role and its policy.
func (r *Role) Terraform() []plan.Block {
	return []plan.Block{
		{Type: "aws_iam_role", Properties: object{"name": r.name, "path": r.a.rolePath(), "assume_role_policy": r.fields.Get("trust"), "tags": r.tags(), "lifecycle": first}},
		{Type: "aws_iam_role_policy", Properties: object{"name": inlinePolicy, "role": r.name, "policy": r.fields.Get("policy")}},
	}
}

// Terraform returns the group.
func (g *LogGroup) Terraform() []plan.Block {
	return []plan.Block{{Type: "aws_cloudwatch_log_group", Properties: object{"name": g.name, "retention_in_days": g.days, "tags": g.tags()}}}
}

// Terraform returns the model.
func (m *Model) Terraform() []plan.Block {
	return []plan.Block{{Type: "aws_sagemaker_model", Properties: object{
		"name": m.name, "execution_role_arn": m.spec.Role.ARN(), "primary_container": snaked(m.container()), "enable_network_isolation": m.spec.Isolated, "tags": m.tags(), "lifecycle": first,
	}}}
}

// Terraform returns the configuration.
func (c *EndpointConfig) Terraform() []plan.Block {
	arguments := snaked(c.properties(c.spec.Model.name))
	arguments["name"], arguments["tags"], arguments["lifecycle"] = c.name, c.tags(), first
	return []plan.Block{{Type: "aws_sagemaker_endpoint_configuration", Properties: arguments}}
}

// Terraform returns the endpoint.
func (e *Endpoint) Terraform() []plan.Block {
	arguments := object{"name": e.name, "endpoint_config_name": e.spec.Config.name, "tags": e.tags()}
	if e.spec.Shift.Percent > 0 {
		arguments["deployment_config"] = snaked(e.rollOut(func(a *Alarm) any { return a.name }))
	}
	return []plan.Block{{Type: "aws_sagemaker_endpoint", Properties: arguments}}
}

// Terraform returns the alarm.
func (a *Alarm) Terraform() []plan.Block {
	in := a.input
	dimensions := object{}
	for _, d := range in.Dimensions {
		dimensions[*d.Name] = *d.Value
	}
	return []plan.Block{{Type: "aws_cloudwatch_metric_alarm", Properties: object{
		"alarm_name": a.name, "alarm_description": *in.AlarmDescription, "namespace": *in.Namespace, "metric_name": *in.MetricName, "dimensions": dimensions,
		"statistic": string(in.Statistic), "period": *in.Period, "evaluation_periods": *in.EvaluationPeriods, "datapoints_to_alarm": *in.DatapointsToAlarm,
		"threshold": *in.Threshold, "comparison_operator": string(in.ComparisonOperator), "treat_missing_data": *in.TreatMissingData,
		"alarm_actions": append([]string{}, in.AlarmActions...), "tags": a.tags(),
	}}}
}

// Terraform returns the bounds.
func (t *ScalingTarget) Terraform() []plan.Block {
	return []plan.Block{{Type: "aws_appautoscaling_target", Properties: object{
		"service_namespace": "sagemaker", "scalable_dimension": string(scalingDimension), "resource_id": t.name, "min_capacity": t.scale.Min, "max_capacity": t.scale.Max,
	}}}
}

// Terraform returns the policy.
func (p *ScalingPolicy) Terraform() []plan.Block {
	return []plan.Block{{Type: "aws_appautoscaling_policy", Properties: object{
		"name": p.name, "policy_type": "TargetTrackingScaling", "service_namespace": "sagemaker", "scalable_dimension": string(scalingDimension),
		"resource_id": p.resource(), "target_tracking_scaling_policy_configuration": snaked(p.tracking()),
	}}}
}
