"""Lists what exists in an account, by kind, as JSON: names, states and the tags of scones. Objects without tags are counted.

With an argument it first makes a stack of the CloudFormation template in that file.
"""
import json
import sys

import boto3
import botocore.exceptions

found = {}


def add(kind, *words):
    found.setdefault(kind, []).append(" ".join(words))


def tags(pairs):
    held = {p.get("Key"): p.get("Value") for p in pairs}
    return held.get("scones:name", "-"), held.get("scones:part", "-")


def bucket_tags(bucket):
    try:
        return s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except botocore.exceptions.ClientError as e:
        if e.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return []


if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as template:
        text = template.read()
    formation = boto3.client("cloudformation")
    formation.validate_template(TemplateBody=text)
    formation.create_stack(StackName="scones", TemplateBody=text, Capabilities=["CAPABILITY_NAMED_IAM"])
    status = formation.describe_stacks(StackName="scones")["Stacks"][0]["StackStatus"]
    assert status == "CREATE_COMPLETE", status

iam, s3, sm = boto3.client("iam"), boto3.client("s3"), boto3.client("sagemaker")
for role in iam.list_roles()["Roles"]:
    add("role", role["RoleName"], *tags(iam.list_role_tags(RoleName=role["RoleName"])["Tags"]))
for bucket in s3.list_buckets()["Buckets"]:
    add("bucket", bucket["Name"], *tags(bucket_tags(bucket["Name"])))
    untagged = 0
    for entry in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
        held = s3.get_object_tagging(Bucket=bucket["Name"], Key=entry["Key"])["TagSet"]
        if held:
            add("object", entry["Key"], *tags(held))
        else:
            untagged += 1
    if untagged:
        add("object", f"{untagged} without tags in {bucket['Name']}")
for group in boto3.client("logs").describe_log_groups()["logGroups"]:
    add("log group", group["logGroupName"], str(group.get("retentionInDays")))
for job in sm.list_training_jobs()["TrainingJobSummaries"]:  # whose names hold the time
    add("training job", job["TrainingJobStatus"], *tags(sm.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]))
for job in sm.list_transform_jobs()["TransformJobSummaries"]:
    add("transform job", job["TransformJobStatus"])
for model in sm.list_models()["Models"]:
    add("model", model["ModelName"], *tags(sm.list_tags(ResourceArn=model["ModelArn"])["Tags"]))
for config in sm.list_endpoint_configs()["EndpointConfigs"]:
    add("endpoint config", config["EndpointConfigName"], *tags(sm.list_tags(ResourceArn=config["EndpointConfigArn"])["Tags"]))
for endpoint in sm.list_endpoints()["Endpoints"]:
    add("endpoint", endpoint["EndpointName"], endpoint["EndpointStatus"], *tags(sm.list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"]))
for alarm in boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]:
    add("alarm", alarm["AlarmName"], alarm["MetricName"])
scaling = boto3.client("application-autoscaling")
for target in scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]:
    add("target", target["ResourceId"], str(target["MinCapacity"]), str(target["MaxCapacity"]))
for policy in scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]:
    add("policy", policy["PolicyName"])
print(json.dumps(found, indent=1))
