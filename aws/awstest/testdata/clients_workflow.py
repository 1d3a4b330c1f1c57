"""boto3 against awstest: Lambda, Step Functions, SNS, SQS, EventBridge, Scheduler and ECR. Ends with an exception where something is not as it should be."""
import io
import json
import time
import zipfile

import boto3

from expect import refused, same

iam, functions, states, sns, sqs = (boto3.client(n) for n in ("iam", "lambda", "stepfunctions", "sns", "sqs"))
events, scheduler, ecr, cw = (boto3.client(n) for n in ("events", "scheduler", "ecr", "cloudwatch"))


def role(name, service, actions):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service + ".amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(allow))
    return arn


# a function, its version and alias
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as z:
    z.writestr("bootstrap", "x")
code = {"ZipFile": archive.getvalue()}
refused("InvalidParameterValueException", functions.create_function, FunctionName="f", Runtime="provided.al2023", Handler="h", Role=role("other", "states", ["logs:PutLogEvents"]), Code=code)
made = functions.create_function(FunctionName="f", Runtime="provided.al2023", Handler="h", Role=role("l", "lambda", ["logs:*", "sqs:*"]), Code=code, Architectures=["arm64"], Environment={"Variables": {"AB": "c"}}, Tags={"t": "1"})
same(made["State"], "Pending")
refused("ResourceConflictException", functions.publish_version, FunctionName="f")
functions.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 0.01})
same([functions.publish_version(FunctionName="f")["Version"] for _ in range(2)], ["1", "1"])
functions.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
permission = {"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": "arn:aws:events:us-east-1:123456789012:rule/r", "Qualifier": "live"}
functions.add_permission(**permission)
refused("ResourceConflictException", functions.add_permission, **permission)
answer = functions.invoke(FunctionName="f:live", Payload=b'{"a":1}')
same((answer["ExecutedVersion"], answer["Payload"].read()), ("1", b'{"a":1}'))
functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
refused("TooManyRequestsException", functions.invoke, FunctionName="f")
functions.delete_function_concurrency(FunctionName="f")

# queues, topics
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
queue = sqs.create_queue(QueueName="q", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})}, tags={"a": "b"})["QueueUrl"]
sqs.send_message(QueueUrl=queue, MessageBody="hello")
same(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"], "hello")
refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="none")
same(functions.create_event_source_mapping(FunctionName="f", EventSourceArn=dead_arn)["State"], "Enabled")
topic = sns.create_topic(Name="t", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
same(sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@b.c")["SubscriptionArn"], "pending confirmation")
same(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"], "1")

# a state machine, whose role may not call before it may
definition = {"StartAt": "A", "States": {
    "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": made["FunctionArn"] + ":live", "Payload.$": "$"}, "OutputPath": "$.Payload", "Next": "W"},
    "W": {"Type": "Wait", "Seconds": 100, "Next": "B"},
    "B": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": topic, "Message.$": "$"}, "ResultPath": None, "End": True}}}
machine = states.create_state_machine(name="m", definition=json.dumps(definition), roleArn=role("s", "states", ["sns:Publish"]), publish=True)
refused("InvalidDefinition", states.create_state_machine, name="x", definition="{}", roleArn="arn:aws:iam::123456789012:role/s")
alias = states.create_state_machine_alias(name="live", routingConfiguration=[{"stateMachineVersionArn": machine["stateMachineVersionArn"], "weight": 100}])["stateMachineAliasArn"]


def execute(name):
    arn = states.start_execution(stateMachineArn=alias, input='{"k":1}', name=name)["executionArn"]
    for _ in range(500):
        out = states.describe_execution(executionArn=arn)
        if out["status"] != "RUNNING":
            return out
        time.sleep(0.02)
    raise AssertionError("it does not end")


same(execute("denied")["error"], "Lambda.AccessDeniedException")
iam.put_role_policy(RoleName="s", PolicyName="q", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": made["FunctionArn"] + ":live"}]}))
ended = execute("allowed")
same((ended["status"], ended.get("output")), ("SUCCEEDED", '{"k":1}'))
history = [e["type"] for p in states.get_paginator("get_execution_history").paginate(executionArn=ended["executionArn"]) for e in p["events"]]
same((history[0], history[-1], len(history)), ("ExecutionStarted", "ExecutionSucceeded", 14))
refused("ExecutionAlreadyExists", states.start_execution, stateMachineArn=alias, input='{"k":1}', name="allowed")

# rules and schedules
events.put_rule(Name="r", ScheduleExpression="rate(1 hour)", Tags=[{"Key": "a", "Value": "b"}])
events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": made["FunctionArn"]}])
refused("ValidationException", events.delete_rule, Name="r")
schedule = {"ScheduleExpression": "rate(1 minute)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": dead_arn, "RoleArn": role("sc", "scheduler", ["sqs:SendMessage"]), "Input": "tick"}}
scheduler.create_schedule(Name="s", **schedule)
refused("ConflictException", scheduler.create_schedule, Name="s", **schedule)
for _ in range(13):  # the clock moves with each call
    scheduler.get_schedule(Name="s")
same(sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"], "tick")
group = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "b"}])["ScheduleGroupArn"]
same(scheduler.list_tags_for_resource(ResourceArn=group)["Tags"], [{"Key": "a", "Value": "b"}])

# a repository
same(ecr.create_repository(repositoryName="scones")["repository"]["repositoryUri"], "123456789012.dkr.ecr.us-east-1.amazonaws.com/scones")
refused("RepositoryAlreadyExistsException", ecr.create_repository, repositoryName="scones")
ecr.put_image(repositoryName="scones", imageManifest='{"mediaType":"x","config":{"size":1},"layers":[]}', imageTag="latest")
refused("RepositoryNotEmptyException", ecr.delete_repository, repositoryName="scones")
same(ecr.describe_images(repositoryName="scones")["imageDetails"][0]["imageTags"], ["latest"])
