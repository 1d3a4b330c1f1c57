"""boto3 against awstest: SageMaker, IAM, S3, CloudWatch, Logs and autoscaling. Ends with an exception where something is not as it should be."""
import io
import json

import boto3

from expect import refused, same

s3, iam, sm, cw, logs = (boto3.client(n) for n in ("s3", "iam", "sagemaker", "cloudwatch", "logs"))
scaling, runtime = boto3.client("application-autoscaling"), boto3.client("sagemaker-runtime")


def until(status, describe, **arguments):
    for _ in range(400):
        out = describe(**arguments)
        if out[status] not in ("InProgress", "Creating", "Stopping"):
            return out
    raise AssertionError("it does not end")


same(boto3.client("sts").get_caller_identity()["Account"], "123456789012")

# S3: names in Unicode, parts, versions, settings
s3.create_bucket(Bucket="bucket")
refused("InvalidBucketName", s3.create_bucket, Bucket="Bucket_")
refused("BucketAlreadyExists", s3.create_bucket, Bucket="taken-by-others")
s3.put_object(Bucket="bucket", Key="x/ü y.png", Body=b"hello")
s3.upload_fileobj(io.BytesIO(b"z" * (9 << 20)), "bucket", "big")
same(s3.head_object(Bucket="bucket", Key="big")["ETag"], '"88fec562e08dc5309de7a1806c843e4b-2"')
same([o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="bucket") for o in p["Contents"]], ["big", "x/ü y.png"])
same(s3.get_object(Bucket="bucket", Key="x/ü y.png", Range="bytes=1-2")["Body"].read(), b"el")
refused("PreconditionFailed", s3.put_object, Bucket="bucket", Key="big", Body=b"", IfNoneMatch="*")
refused("BucketNotEmpty", s3.delete_bucket, Bucket="bucket")
s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
for body in b"1", b"2":
    s3.put_object(Bucket="bucket", Key="v", Body=body)
s3.delete_object(Bucket="bucket", Key="v")
listed = s3.list_object_versions(Bucket="bucket", Prefix="v")
same((len(listed["Versions"]), len(listed["DeleteMarkers"])), (2, 1))
same(s3.get_object(Bucket="bucket", Key="v", VersionId=listed["Versions"][1]["VersionId"])["Body"].read(), b"1")
rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "captures/"}, "Expiration": {"Days": 30}}
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket="bucket")
s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
same(s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"], [rule])
same(set(s3.get_public_access_block(Bucket="bucket")["PublicAccessBlockConfiguration"].values()), {True})
same(len(s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "big"}, {"Key": "none"}]})["Deleted"]), 2)
refused("NoSuchKey", s3.get_object, Bucket="bucket", Key="none")
refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket="bucket")

# IAM, and a job that its policies do not allow before they do
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="train", AssumeRolePolicyDocument=json.dumps(trust), Tags=[{"Key": "k", "Value": "v"}])["Role"]["Arn"]
same(iam.get_role(RoleName="train")["Role"]["AssumeRolePolicyDocument"], trust)
same(iam.list_role_tags(RoleName="train")["Tags"], [{"Key": "k", "Value": "v"}])
image = "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"
s3.put_object(Bucket="bucket", Key="train/a.png", Body=b"p")


def job(name, **parameters):
    channel = {"ChannelName": "train", "ContentType": "application/x-image", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train/"}}}
    definition = {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}, "RoleArn": role, "InputDataConfig": [channel], "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 20}, "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    if name is None:
        return definition
    sm.create_training_job(TrainingJobName=name, HyperParameters=parameters, **definition)
    return until("TrainingJobStatus", sm.describe_training_job, TrainingJobName=name)


parameters = {"num_classes": "2", "num_training_samples": "100", "epochs": "3"}
denied = job("denied", **parameters)
same(denied["TrainingJobStatus"], "Failed")
assert "ecr:" in denied["FailureReason"], denied["FailureReason"]
iam.put_role_policy(RoleName="train", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*", "logs:*", "ecr:*"], "Resource": "*"}]}))
same(job("lacks", epochs="1")["TrainingJobStatus"], "Failed")
done = job("done", **parameters)
same((done["TrainingJobStatus"], [t["Status"] for t in done["SecondaryStatusTransitions"]]), ("Completed", ["Starting", "Downloading", "Training", "Uploading", "Completed"]))
refused("ResourceInUse", sm.create_training_job, TrainingJobName="done", **job(None))
stream = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="done")["logStreams"][0]["logStreamName"]
lines = [e["message"] for e in logs.get_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream, startFromHead=True)["events"]]
same(sum("Validation-accuracy=" in line for line in lines), 3)

# a search, which finds the learning rate of a hundredth
objective = {"Type": "Maximize", "MetricName": "validation:accuracy"}
rates = {"ContinuousParameterRanges": [{"Name": "learning_rate", "MinValue": "0.0001", "MaxValue": "0.1", "ScalingType": "Logarithmic"}]}
sm.create_hyper_parameter_tuning_job(HyperParameterTuningJobName="search", TrainingJobDefinition={"StaticHyperParameters": parameters, **job(None)}, HyperParameterTuningJobConfig={
    "Strategy": "Bayesian", "HyperParameterTuningJobObjective": objective, "ResourceLimits": {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 2}, "ParameterRanges": rates})
best = until("HyperParameterTuningJobStatus", sm.describe_hyper_parameter_tuning_job, HyperParameterTuningJobName="search")["BestTrainingJob"]
same(best["TunedHyperParameters"], {"learning_rate": "0.0177828"})

# a model, a batch of pictures, an endpoint that scales
refused("ValidationException", sm.create_model, ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": image, "ModelDataUrl": "s3://bucket/none/model.tar.gz"})
sm.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": image, "ModelDataUrl": done["ModelArtifacts"]["S3ModelArtifacts"]})
batch = {"TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train/"}}, "ContentType": "application/x-image"}, "TransformOutput": {"S3OutputPath": "s3://bucket/answers"}}
sm.create_transform_job(TransformJobName="t", ModelName="m", TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1}, **batch)
same(until("TransformJobStatus", sm.describe_transform_job, TransformJobName="t")["TransformJobStatus"], "Completed")
same(s3.get_object(Bucket="bucket", Key="answers/a.png.out")["Body"].read(), b"[0.9, 0.1]")
sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[{"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}])
sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
refused("ValidationError", runtime.invoke_endpoint, EndpointName="e", ContentType="image/png", Body=b"x")
same(until("EndpointStatus", sm.describe_endpoint, EndpointName="e")["EndpointStatus"], "InService")
same(runtime.invoke_endpoint(EndpointName="e", ContentType="image/png", Body=b"x")["Body"].read(), b"[0.9, 0.1]")
target = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/AllTraffic", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
scaling.register_scalable_target(MinCapacity=1, MaxCapacity=4, Tags={"a": "b"}, **target)
tracking = {"TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}
same(len(scaling.put_scaling_policy(PolicyName="p", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking, **target)["Alarms"]), 2)
same(scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"], tracking)

# metrics, alarms, logs
cw.put_metric_data(Namespace="S", MetricData=[{"MetricName": "m", "Value": 3, "Dimensions": [{"Name": "a", "Value": "b"}]}])
cw.put_metric_alarm(AlarmName="al", Namespace="S", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", Dimensions=[{"Name": "a", "Value": "b"}])
same(cw.describe_alarms(AlarmNames=["al"])["MetricAlarms"][0]["StateValue"], "ALARM")
refused("ResourceNotFound", cw.set_alarm_state, AlarmName="no", StateValue="OK", StateReason="x")
logs.create_log_group(logGroupName="/g", tags={"a": "b"})
refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/g")
same(logs.list_tags_for_resource(resourceArn="arn:aws:logs:us-east-1:123456789012:log-group:/g")["tags"], {"a": "b"})
