package plan

import "slices"

// A Kind is a sort of AWS object, in words that the printed plan uses.
type Kind string

// The kinds, in the order in which they are made where nothing else says it. Objects that nobody wants any more are deleted in the
// opposite order, so a kind stands behind those that it uses.
const (
	Bucket         Kind = "s3-bucket"
	Object         Kind = "s3-object"
	LogGroup       Kind = "log-group"
	Topic          Kind = "sns-topic"
	Queue          Kind = "sqs-queue"
	Repository     Kind = "ecr-repository"
	Role           Kind = "iam-role"
	Model          Kind = "sagemaker-model"
	EndpointConfig Kind = "sagemaker-endpoint-config"
	Alarm          Kind = "cloudwatch-alarm"
	Endpoint       Kind = "sagemaker-endpoint"
	ScalableTarget Kind = "scalable-target"
	ScalingPolicy  Kind = "scaling-policy"
	Function       Kind = "lambda-function"
	Alias          Kind = "lambda-alias"
	StateMachine   Kind = "state-machine"
	Rule           Kind = "eventbridge-rule"
	Schedule       Kind = "schedule"
	Dashboard      Kind = "cloudwatch-dashboard"
	TrainingJob    Kind = "training-job"
	TransformJob   Kind = "transform-job"
)

var kinds = []Kind{
	Bucket, Object, LogGroup, Topic, Queue, Repository, Role, Model, EndpointConfig, Alarm, Endpoint, ScalableTarget, ScalingPolicy,
	Function, Alias, StateMachine, Rule, Schedule, Dashboard, TrainingJob, TransformJob,
}

// hanging kinds hold on to another object by its name. One that is not wanted any more goes before that object is changed: an endpoint
// that scales cannot become one without servers.
func (k Kind) hanging() bool { return k == ScalableTarget || k == ScalingPolicy }

// Kinds returns all kinds in the order of their making.
func Kinds() []Kind { return slices.Clone(kinds) }

// rank is a kind's place in that order; one that is not listed comes last.
func (k Kind) rank() int {
	if i := slices.Index(kinds, k); i >= 0 {
		return i
	}
	return len(kinds)
}
