package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// batchWorld makes an endpoint and pictures, with boto3.
const batchWorld = `
import boto3, json
s3, iam, sm = boto3.client('s3'), boto3.client('iam'), boto3.client('sagemaker')
for bucket in 'pictures', 'answers':
    s3.create_bucket(Bucket=bucket)
for name in ['in/%03d.png' % i for i in range(25)] + ['in/bad.png', 'in/sub/last.jpg', 'in/notes.txt']:
    s3.put_object(Bucket='pictures', Key=name, Body=name.encode())
trust = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'Service': 'sagemaker.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}
wide = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': ['s3:*', 'logs:*', 'ecr:*'], 'Resource': '*'}]}
role = iam.create_role(RoleName='host', AssumeRolePolicyDocument=json.dumps(trust))['Role']['Arn']
iam.put_role_policy(RoleName='host', PolicyName='p', PolicyDocument=json.dumps(wide))
sm.create_model(ModelName='model-1', ExecutionRoleArn=role, PrimaryContainer={'Image': '811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1'})
sm.create_endpoint_config(EndpointConfigName='c', ProductionVariants=[{'VariantName': 'AllTraffic', 'ModelName': 'model-1', 'InstanceType': 'ml.m5.large', 'InitialInstanceCount': 1}])
sm.create_endpoint(EndpointName='scones-prod', EndpointConfigName='c')
`

// batchCloud is a cloud with batchWorld in it, whose environment the test and its programs have.
func batchCloud(t *testing.T) *awstest.Server {
	t.Helper()
	interpreter := os.Getenv("SCONES_TEST_CLIENTS")
	if interpreter == "" {
		orttest.Missing(t, "clients", "SCONES_TEST_CLIENTS names no Python with the packages of .ci/clients.txt")
	}
	cloud := awstest.New(t, awstest.Options{Classify: func(_ awstest.Container, picture []byte) ([]byte, error) {
		if bytes.Contains(picture, []byte("bad")) {
			return nil, errors.New("the content is no picture")
		}
		return []byte("[0.25, 0.75]"), nil
	}})
	cloud.Setenv(t)
	if out, err := exec.CommandContext(t.Context(), interpreter, "-c", batchWorld).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return cloud
}

// TestBatchTransform: rows for every picture, errors among them with exit code 3; again asks only for what has no answer.
func TestBatchTransform(t *testing.T) {
	batchCloud(t)
	dir := t.TempDir()
	run := func(code int, args ...string) string {
		t.Helper()
		args = slices.Concat([]string{"batch", "--poll", "1ms", "--labels", "bicycle,motorcycle"}, args, []string{"s3://pictures/in/", "s3://answers/out/"})
		c := command(t, "", args...)
		c.Env = os.Environ()
		var stderr bytes.Buffer
		c.Stderr = &stderr
		stdout, _ := c.Output()
		if c.ProcessState.ExitCode() != code {
			t.Fatalf("%q ends with %d, want %d\n%s%s", args, c.ProcessState.ExitCode(), code, stdout, &stderr)
		}
		return string(stdout) + stderr.String()
	}
	want := func(said string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(said, part) {
				t.Errorf("%q is not said:\n%s", part, said)
			}
		}
	}
	rows := filepath.Join(dir, "rows.csv")
	want(run(3, "--name", "scones-prod", "--rate", "50", "--threshold", "0.7", "-o", rows),
		"the instances cost $0.115 an hour, about $0.00 for 27 pictures at 50 a second and instance", "27 of 27 pictures on 1 × ml.m5.large", ": Failed, ", "27 pictures, 1 failed")
	data, err := os.ReadFile(rows)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) != 28 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range map[int]string{
		0:  "path,label,index,score,confident,width,height,error,error_text",
		1:  "s3://pictures/in/000.png,motorcycle,1,0.75,true,0,0,,",
		26: "s3://pictures/in/bad.png,,,,false,0,0,inference-failed,ClientError: the content is no picture",
		27: "s3://pictures/in/sub/last.jpg,motorcycle,1,0.75,true,0,0,,",
	} {
		if lines[i] != line {
			t.Errorf("line %d is %q, want %q", i, lines[i], line)
		}
	}
	want(run(3, "--model", "model-1", "--top-k", "0", "-o", filepath.Join(dir, "again.parquet")), "1 of 27 pictures on 1 × ml.m5.xlarge", "27 pictures, 1 failed")
	want(run(1, "--model", "model-2"), "the answers there are of another batch", "hint: --overwrite")
	want(run(1, "--model", "model-1", "--stop"), "no job of these pictures runs")
	want(run(1, "--name", "nobody"), `look up endpoint "nobody"`)
	if out := run(3, "--model", "model-1", "--format", "jsonl"); strings.Count(out, `"label":"motorcycle"`) != 26 {
		t.Errorf("%s", out)
	}
	three := run(1, "--model", "model-1", "--labels", "a,b,c")
	want(three, "has 2 scores, there are 3 labels")
}
