package stack_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

// monitorOptions are of a monitor of its own deployment, with a baseline that is uploaded.
func monitorOptions(t *testing.T) stack.MonitorOptions {
	t.Helper()
	return stack.MonitorOptions{
		Name: "scones-prod", Baseline: baselineFile(t, `{"version":1}`), Every: time.Hour, Delay: 20 * time.Minute, Zip: code(t, "one"), Namespaces: []string{"aws/sagemaker/Endpoints/data-metrics"},
		Metrics: stack.MonitorMetrics{Namespace: "aws/sagemaker/Endpoints/data-metrics", Drift: "scones_drift", Rows: "scones_rows"}, Count: 40, Emails: []string{"b@example.com", "a@example.com"},
	}
}

func baselineFile(t *testing.T, content string) *stack.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "baseline.json")
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := stack.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return &file
}

// did lists what a plan does, an object a line.
func did(p *plan.Plan) string {
	var lines []string
	for _, c := range p.Changes {
		if c.Action == plan.Keep {
			continue
		}
		var line strings.Builder
		line.WriteString(string(c.Action) + " " + string(c.Kind) + " " + c.Name)
		for _, d := range c.Differences {
			line.WriteString(", " + d.Field)
		}
		lines = append(lines, line.String())
	}
	return strings.Join(lines, "\n")
}

// monitorChanged is o with another interval, address and memory, and another baseline.
func monitorChanged(t *testing.T, o stack.MonitorOptions) stack.MonitorOptions {
	t.Helper()
	o.Every, o.Emails, o.MemoryMB = 6*time.Hour, append(slices.Clone(o.Emails), "c@example.com"), 1024
	o.Baseline = baselineFile(t, `{"version":2}`)
	return o
}

const monitorChanges = "update sns-topic scones-prod-monitor, e-mail\n" +
	"update cloudwatch-alarm scones-prod-monitor-drift, when\nupdate cloudwatch-alarm scones-prod-monitor-silent, when\n" +
	"replace s3-object s3://scones-prod-123456789012-us-east-1/models/%NEW%/baseline.json, sha256\n" +
	"update iam-role scones-prod-monitor-us-east-1, policy\n" +
	"update lambda-function scones-prod-monitor, memory, environment\nupdate schedule scones-prod-monitor, when"

// monitorLife makes a monitor, changes it and takes it away.
func monitorLife(t *testing.T, a *stack.Account) {
	o := monitorOptions(t)
	if err := monitorApply(t, a, o); err != nil {
		t.Fatal(err)
	}
	if p := monitorPlan(t, a, o); !p.Empty() {
		t.Fatalf("a plan after apply is not empty:\n%s", did(p))
	}
	o = monitorChanged(t, o)
	want := strings.ReplaceAll(monitorChanges, "%NEW%", o.Baseline.SHA256[:16])
	if diff := cmp.Diff(want, did(monitorPlan(t, a, o))); diff != "" {
		t.Error(diff)
	}
	if err := monitorApply(t, a, o); err != nil {
		t.Fatal(err)
	}
	if p := monitorPlan(t, a, o); !p.Empty() {
		t.Fatalf("a plan after a change is not empty:\n%s", did(p))
	}
	if err := destroy(t, a, o.Name, true); err != nil || len(kinds(t, a)) > 0 {
		t.Fatalf("%v, left %v", err, kinds(t, a))
	}
}

func TestMonitorAtMoto(t *testing.T) { monitorLife(t, open(t)) }

func TestMonitorInTheCloud(t *testing.T) {
	_, a, _ := inCloud(t, awstest.Options{PageSize: 1, Lag: 20 * time.Second})
	monitorLife(t, a)
}

// TestMonitorMayDoNoMore compares every permission of both roles with what they are meant to be.
func TestMonitorMayDoNoMore(t *testing.T) {
	_, a, _ := inCloud(t, awstest.Options{})
	o := monitorOptions(t)
	o.Endpoint, o.Captures, o.Output, o.Baseline, o.BaselineURI, o.KMSKey = "theirs", "s3://seen/data/theirs/AllTraffic/", "s3://reports/drift", nil, "s3://reports/base.json", "arn:aws:kms:us-east-1:123456789012:key/k"
	var got []string
	for _, c := range monitorPlan(t, a, o).Changes {
		if c.Kind == plan.Bucket {
			t.Errorf("%s is wanted by nobody", c.Name)
		}
		if c.Kind != plan.Role {
			continue
		}
		for _, policy := range c.Policies {
			for _, s := range policy.Statement {
				var line strings.Builder
				line.WriteString(c.Name + ": " + strings.Join(s.Action, " ") + " on " + strings.Join(s.Resource, " "))
				for operator, keys := range s.Condition {
					for key, values := range keys {
						line.WriteString(" if " + key + " " + operator + " " + strings.Join(values, " "))
					}
				}
				if policy.Name != "trust" {
					got = append(got, line.String())
				}
			}
		}
	}
	want := []string{
		"scones-prod-monitor-us-east-1: s3:ListBucket on arn:aws:s3:::seen if s3:prefix StringLike data/theirs/AllTraffic/*",
		"scones-prod-monitor-us-east-1: s3:GetObject on arn:aws:s3:::seen/data/theirs/AllTraffic/* arn:aws:s3:::reports/base.json",
		"scones-prod-monitor-us-east-1: s3:PutObject on arn:aws:s3:::reports/drift/theirs/scones-prod/*",
		"scones-prod-monitor-us-east-1: s3:GetObject on arn:aws:s3:::reports/drift/theirs/scones-prod/sequence-*.json",
		"scones-prod-monitor-us-east-1: cloudwatch:PutMetricData on * if cloudwatch:namespace StringEquals aws/sagemaker/Endpoints/data-metrics",
		"scones-prod-monitor-us-east-1: sns:Publish on arn:aws:sns:us-east-1:123456789012:scones-prod-monitor",
		"scones-prod-monitor-us-east-1: sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:scones-prod-monitor-failed",
		"scones-prod-monitor-us-east-1: logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/scones-prod-monitor:*",
		"scones-prod-monitor-us-east-1: xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets on *",
		"scones-prod-monitor-us-east-1: kms:Decrypt kms:GenerateDataKey on arn:aws:kms:us-east-1:123456789012:key/k",
		"scones-prod-monitor-schedule-us-east-1: lambda:InvokeFunction on arn:aws:lambda:us-east-1:123456789012:function:scones-prod-monitor",
		"scones-prod-monitor-schedule-us-east-1: sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:scones-prod-monitor-failed",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
