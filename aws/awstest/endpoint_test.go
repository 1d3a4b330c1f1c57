package awstest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/scones-unlimited/scones/aws/awstest"
)

// hosted puts a role, a bucket with an artifact and two models with their configurations there.
func hosted(t *testing.T, c awssdk.Config) *sagemaker.Client {
	t.Helper()
	roles, objects, client := iam.NewFromConfig(c), s3.NewFromConfig(c), sagemaker.NewFromConfig(c)
	role := must(t, roles.CreateRole, &iam.CreateRoleInput{RoleName: new("host"), AssumeRolePolicyDocument: new(trust)}).Role
	must(t, roles.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("host"), PolicyName: new("p"), PolicyDocument: new(wide)})
	must(t, objects.CreateBucket, &s3.CreateBucketInput{Bucket: new("models")})
	must(t, objects.PutObject, &s3.PutObjectInput{Bucket: new("models"), Key: new("a/model.tar.gz"), Body: strings.NewReader("artifact")})
	for _, name := range []string{"old", "new"} {
		must(t, client.CreateModel, &sagemaker.CreateModelInput{ModelName: &name, ExecutionRoleArn: role.Arn, PrimaryContainer: &types.ContainerDefinition{
			Image: new("811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"), ModelDataUrl: new("s3://models/a/model.tar.gz"), Environment: map[string]string{"NAME": name}}})
		must(t, client.CreateEndpointConfig, &sagemaker.CreateEndpointConfigInput{EndpointConfigName: &name, ProductionVariants: []types.ProductionVariant{{
			VariantName: new("AllTraffic"), ModelName: &name, InstanceType: types.ProductionVariantInstanceTypeMlM5Xlarge, InitialInstanceCount: new(int32(2))}},
			DataCaptureConfig: &types.DataCaptureConfig{EnableCapture: new(true), InitialSamplingPercentage: new(int32(100)), DestinationS3Uri: new("s3://models/captures"),
				CaptureOptions: []types.CaptureOption{{CaptureMode: types.CaptureModeInput}, {CaptureMode: types.CaptureModeOutput}}, CaptureContentTypeHeader: &types.CaptureContentTypeHeader{JsonContentTypes: []string{"application/json"}}}})
	}
	return client
}

func status(t *testing.T, client *sagemaker.Client) *sagemaker.DescribeEndpointOutput {
	t.Helper()
	return must(t, client.DescribeEndpoint, &sagemaker.DescribeEndpointInput{EndpointName: new("scones")})
}

func TestEndpoint(t *testing.T) {
	failing := ""
	cloud, c := start(t, awstest.Options{Tick: time.Second, Classify: func(c awstest.Container, picture []byte) ([]byte, error) {
		if c.Environment["NAME"] == failing {
			return nil, &awstest.ContainerError{Status: 500, Message: "broken"}
		}
		return []byte("[0.5, 0.5]"), nil
	}})
	client := hosted(t, c)
	runtime := sagemakerruntime.NewFromConfig(c)
	invoke := &sagemakerruntime.InvokeEndpointInput{EndpointName: new("scones"), ContentType: new("image/png"), Body: []byte("picture")}
	create := &sagemaker.CreateEndpointInput{EndpointName: new("scones"), EndpointConfigName: new("old"), Tags: []types.Tag{{Key: new("scones:name"), Value: new("x")}}}
	must(t, client.CreateEndpoint, create)
	refused(t, "ValidationException", client.CreateEndpoint, create)
	refused(t, "ValidationException", client.DeleteEndpoint, &sagemaker.DeleteEndpointInput{EndpointName: new("scones")})
	refused(t, "ValidationError", runtime.InvokeEndpoint, invoke)
	if got := status(t, client).EndpointStatus; got != types.EndpointStatusCreating {
		t.Errorf("%s, want Creating", got)
	}
	cloud.Advance(awstest.CreateTime)
	if got := status(t, client); got.EndpointStatus != types.EndpointStatusInService || *got.ProductionVariants[0].CurrentInstanceCount != 2 {
		t.Errorf("%+v, want InService on two instances", got)
	}
	if got := must(t, runtime.InvokeEndpoint, invoke); string(got.Body) != "[0.5, 0.5]" || *got.InvokedProductionVariant != "AllTraffic" {
		t.Errorf("answer %s of %v", got.Body, got.InvokedProductionVariant)
	}
	cloud.Advance(2 * time.Minute)
	list := must(t, s3.NewFromConfig(c).ListObjectsV2, &s3.ListObjectsV2Input{Bucket: new("models"), Prefix: new("captures/scones/AllTraffic/")})
	if len(list.Contents) != 1 {
		t.Fatalf("%d capture files", len(list.Contents))
	}
	data, _, _ := cloud.Object("models", *list.Contents[0].Key)
	if !bytes.HasPrefix(data, []byte(`{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT","data":"cGljdHVyZQ==","encoding":"BASE64"},"endpointOutput":{"observedContentType":"application/json","mode":"OUTPUT","data":"[0.5, 0.5]","encoding":"JSON"}}`)) {
		t.Errorf("capture %s", data)
	}

	// A canary whose container breaks sets an alarm off, and the old configuration is back.
	alarms := cloudwatch.NewFromConfig(c)
	must(t, alarms.PutMetricAlarm, &cloudwatch.PutMetricAlarmInput{AlarmName: new("5xx"), Namespace: new("AWS/SageMaker"), MetricName: new("Invocation5XXErrors"), Statistic: cloudwatchtypes.StatisticSum, Period: new(int32(60)),
		EvaluationPeriods: new(int32(1)), Threshold: new(0.0), ComparisonOperator: cloudwatchtypes.ComparisonOperatorGreaterThanThreshold, TreatMissingData: new("notBreaching"),
		Dimensions: []cloudwatchtypes.Dimension{{Name: new("EndpointName"), Value: new("scones")}, {Name: new("VariantName"), Value: new("AllTraffic")}}})
	update := &sagemaker.UpdateEndpointInput{EndpointName: new("scones"), EndpointConfigName: new("new"), DeploymentConfig: &types.DeploymentConfig{
		AutoRollbackConfiguration: &types.AutoRollbackConfig{Alarms: []types.Alarm{{AlarmName: new("5xx")}}},
		BlueGreenUpdatePolicy: &types.BlueGreenUpdatePolicy{TerminationWaitInSeconds: new(int32(60)), TrafficRoutingConfiguration: &types.TrafficRoutingConfig{
			Type: types.TrafficRoutingConfigTypeCanary, WaitIntervalInSeconds: new(int32(300)), CanarySize: &types.CapacitySize{Type: types.CapacitySizeTypeCapacityPercent, Value: new(int32(50))}}}}}
	failing = "new"
	must(t, client.UpdateEndpoint, update)
	refused(t, "ValidationException", client.UpdateEndpoint, update)
	refused(t, "ValidationException", client.DeleteEndpointConfig, &sagemaker.DeleteEndpointConfigInput{EndpointConfigName: new("new")})
	cloud.Advance(awstest.CreateTime)
	if got := status(t, client); got.PendingDeploymentSummary == nil || *got.PendingDeploymentSummary.ProductionVariants[0].CurrentWeight != 0.5 || *got.ProductionVariants[0].CurrentWeight != 0.5 {
		t.Errorf("pending %+v, want half of the traffic", got.PendingDeploymentSummary)
	}
	_, _ = runtime.InvokeEndpoint(t.Context(), invoke)
	cloud.Advance(time.Minute)
	if got := status(t, client).EndpointStatus; got != types.EndpointStatusRollingBack {
		t.Errorf("%s, want RollingBack", got)
	}
	cloud.Advance(awstest.RollbackTime)
	if got := status(t, client); got.EndpointStatus != types.EndpointStatusInService || *got.EndpointConfigName != "old" || !strings.Contains(*got.FailureReason, "5xx") {
		t.Errorf("%+v, want the old configuration in service", got)
	}

	// One that works replaces it.
	failing = ""
	cloud.Advance(5 * time.Minute)
	must(t, client.UpdateEndpoint, update)
	cloud.Advance(awstest.CreateTime + 7*time.Minute)
	if got := status(t, client); got.EndpointStatus != types.EndpointStatusInService || *got.EndpointConfigName != "new" || got.PendingDeploymentSummary != nil {
		t.Errorf("%+v, want the new configuration in service", got)
	}
	must(t, client.DeleteEndpoint, &sagemaker.DeleteEndpointInput{EndpointName: new("scones")})
	cloud.Advance(awstest.DeleteTime)
	refused(t, "ValidationException", client.DescribeEndpoint, &sagemaker.DescribeEndpointInput{EndpointName: new("scones")})
}

// TestFaults sees that each effect does what its name says: a client that tries once finds out, and the model is there or not.
func TestFaults(t *testing.T) {
	for effect, want := range map[awstest.Effect]struct{ fails, done bool }{
		awstest.FailBefore: {true, false}, awstest.FailAfter: {true, true}, awstest.CutBefore: {true, false}, awstest.CutAfter: {true, true},
		awstest.Throttle: {true, false}, awstest.Deny: {true, false}, awstest.Slow: {false, true},
	} {
		cloud, c := start(t, awstest.Options{})
		client := hosted(t, c)
		cloud.Inject(awstest.Fault{Operation: "sagemaker:DeleteModel", Call: 2, Effect: effect, Delay: time.Millisecond})
		must(t, client.DeleteModel, &sagemaker.DeleteModelInput{ModelName: new("old")})
		_, err := client.DeleteModel(t.Context(), &sagemaker.DeleteModelInput{ModelName: new("new")})
		left := must(t, client.ListModels, &sagemaker.ListModelsInput{}).Models
		if (err != nil) != want.fails || (len(left) == 0) != want.done {
			t.Errorf("effect %d: error %v and %d models, want %+v", effect, err, len(left), want)
		}
	}
}
