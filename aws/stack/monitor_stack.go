package stack

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/price"
)

// MonitorStacks are the stacks that [Account.MonitorStack] describes wholly.
var MonitorStacks = []string{"monitor"}

// MonitorPrefix holds a monitor's reports within the deployment's bucket.
const MonitorPrefix = "monitor/"

// MonitorOptions describe a monitor: a function that compares captures with a baseline at fixed times, and what it tells through.
type MonitorOptions struct {
	// Name is the deployment's.
	Name string
	// Endpoint is the one that is watched; the deployment's own when empty.
	Endpoint string
	// Captures is the s3:// prefix down to the variant; that of the deployment's endpoint when empty. Output is the prefix of reports;
	// the deployment's bucket when empty.
	Captures, Output string
	// Baseline is a file that is uploaded, or BaselineURI the address of one that is there.
	Baseline    *File
	BaselineURI string
	// Every is the interval, whole hours that a day can be divided into; Delay how long captures may take to arrive.
	Every, Delay time.Duration
	// Environment is the function's, besides what this stack knows itself.
	Environment map[string]string
	// Zip is the function's code.
	Zip          *lambdazip.Zip
	Architecture string
	// MemoryMB and Timeout of the function; zero means [DefaultMonitorMemory], and Lambda's longest.
	MemoryMB int32
	Timeout  time.Duration
	// Namespaces of the metrics; the alarms watch those of Metrics.
	Namespaces []string
	Metrics    MonitorMetrics
	// Count is how many metrics a run writes, for the price.
	Count int
	// Emails are told, and KMSKey encrypts what they are told: see [TopicSpec].
	Emails []string
	KMSKey string
}

// MonitorMetrics are the names of the metrics that alarms watch.
type MonitorMetrics struct{ Namespace, Drift, Rows string }

// The limits of a function. Lambda gives a whole processor at 1,769 MB.
const (
	DefaultMonitorMemory = 2048
	MaxMonitorTimeout    = 15 * time.Minute
)

// mostRetries and retryAge bound how long an invocation is tried that AWS cannot deliver. An hour later the next one is due.
const (
	mostRetries = 5
	retryAge    = 50 * time.Minute
)

// scheduledEvent is what the schedule sends; EventBridge Scheduler puts the values in.
const scheduledEvent = `{"scheduled":"<aws.scheduler.scheduled-time>","execution":"<aws.scheduler.execution-id>","attempt":"<aws.scheduler.attempt-number>"}`

// MonitorStack returns the resources of a monitor: a function with its role, log and queue of failed events, the schedule that invokes it, the
// topic that it tells, and two alarms: one goes with drift, the other says that no run has come to its end for too long.
func (a *Account) MonitorStack(o MonitorOptions) ([]plan.Resource, error) {
	m := &monitorStack{MonitorOptions: o, a: a}
	if err := m.complete(); err != nil {
		return nil, err
	}
	allow, err := m.statements()
	if err != nil {
		return nil, err
	}
	role := a.Role(RoleSpec{Deployment: o.Name, Part: "monitor/role", Suffix: "monitor", Service: "lambda.amazonaws.com", Condition: a.FromHere(""), Allow: allow, Needs: m.needs})
	function := a.Function(FunctionSpec{
		Deployment: o.Name, Part: "monitor/function", Suffix: "monitor", Description: "Compares captures of " + m.Endpoint + " with a baseline", Zip: o.Zip, Handler: "bootstrap",
		Architecture: o.Architecture, MemoryMB: m.MemoryMB, Timeout: m.Timeout, Environment: m.environment(), Role: role, LogGroup: m.logs, DeadLetter: m.letters.ARN(), Needs: m.needs,
	})
	metrics := price.Hourly(a.Region, "metric", float64(o.Count)/m.Every.Hours()) // a metric is charged for the hours in which it has data
	function.price.Hourly, function.price.Unknown = metrics.Hourly, metrics.Unknown
	invoker := a.Role(RoleSpec{
		Deployment: o.Name, Part: "monitor/schedule-role", Suffix: "monitor-schedule", Service: "scheduler.amazonaws.com", Condition: a.FromHere(a.ScheduleGroupARN(o.Name + "-monitor")),
		Allow: []plan.Statement{
			{Sid: "Invoke", Effect: "Allow", Action: []string{"lambda:InvokeFunction"}, Resource: []string{function.ARN()}},
			{Sid: "KeepFailures", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{m.letters.ARN()}},
		},
		Needs: []plan.Resource{m.letters},
	})
	schedule := a.Schedule(ScheduleSpec{
		Deployment: o.Name, Part: "monitor/schedule", Suffix: "monitor", Description: "Runs the monitor of " + m.Endpoint, Expression: m.expression(), Target: function,
		ARN: function.ARN(), Role: invoker, Input: scheduledEvent, Retries: mostRetries, MaxAge: retryAge, DeadLetter: m.letters,
	})
	return append(m.alarms(), schedule), nil
}

// A monitorStack is one that is being described.
type monitorStack struct {
	MonitorOptions
	a       *Account
	bucket  *Bucket
	topic   *Topic
	letters *Queue
	logs    *LogGroup
	needs   []plan.Resource // of the function and its role
}

// complete fills what was left out, and makes what everything needs.
func (m *monitorStack) complete() error {
	a := m.a
	if err := CheckName(m.Name); err != nil {
		return err
	}
	m.Endpoint = cmp.Or(m.Endpoint, m.Name)
	m.bucket = a.Bucket(m.Name)
	m.MemoryMB = cmp.Or(m.MemoryMB, DefaultMonitorMemory)
	if m.Timeout <= 0 {
		m.Timeout = MaxMonitorTimeout
	}
	hours := m.Every / time.Hour
	if hours < 1 || hours > 24 || m.Every%time.Hour != 0 || 24%hours != 0 {
		return fmt.Errorf("interval %v: want 1, 2, 3, 4, 6, 8, 12 or 24 hours", m.Every)
	}
	if m.Delay < 0 || m.Delay >= time.Hour || m.Delay%time.Minute != 0 {
		return fmt.Errorf("delay %v: want whole minutes, less than an hour", m.Delay)
	}
	if m.Captures == "" || m.Output == "" || m.Baseline != nil {
		m.needs = append(m.needs, m.bucket)
	}
	m.Captures = cmp.Or(m.Captures, m.bucket.URI(CapturePrefix+m.Endpoint+"/"+Variant))
	m.Output = strings.TrimSuffix(cmp.Or(m.Output, m.bucket.URI(strings.TrimSuffix(MonitorPrefix, "/"))), "/")
	switch {
	case m.Baseline != nil:
		upload := a.Upload(m.Name, "monitor/baseline", *m.Baseline)
		m.BaselineURI, m.needs = upload.name, append(m.needs, upload)
	case m.BaselineURI == "":
		return errors.New("nothing says what is normal: a baseline is needed")
	}
	m.topic = a.Topic(TopicSpec{Deployment: m.Name, Part: "monitor/topic", Suffix: "monitor", Emails: m.Emails, KMSKey: m.KMSKey})
	m.letters = a.Queue(QueueSpec{Deployment: m.Name, Part: "monitor/dead-letters", Suffix: "monitor-failed"})
	m.logs = a.LogGroup(m.Name, "monitor/logs", functionLogs+m.Name+"-monitor")
	m.needs = append(m.needs, m.topic, m.letters)
	return nil
}

// environment is the function's. The alarms' names of metrics are the program's own.
func (m *monitorStack) environment() map[string]string {
	env := maps.Clone(m.Environment)
	if env == nil {
		env = make(map[string]string)
	}
	maps.Copy(env, map[string]string{
		"MONITOR": m.Name, "ENDPOINT": m.Endpoint, "CAPTURES": m.Captures, "BASELINE": m.BaselineURI, "OUTPUT": m.Output, "TOPIC": m.topic.ARN(),
		"EVERY": m.Every.String(), "DELAY": m.Delay.String(), "GOMEMLIMIT": strconv.Itoa(int(m.MemoryMB)*9/10) + "MiB",
	})
	return env
}

// expression is the schedule: Delay after a full hour, every so many hours of the day.
func (m *monitorStack) expression() string {
	minute, hours := int(m.Delay.Minutes()), int(m.Every.Hours())
	switch hours {
	case 1:
		return fmt.Sprintf("cron(%d * * * ? *)", minute)
	case 24:
		return fmt.Sprintf("cron(%d 0 * * ? *)", minute)
	}
	return fmt.Sprintf("cron(%d 0/%d * * ? *)", minute, hours)
}

// statements are what the function may do.
func (m *monitorStack) statements() ([]plan.Statement, error) {
	captures, capturePrefix, err := m.a.objects(m.Captures)
	if err != nil {
		return nil, fmt.Errorf("captures: %w", err)
	}
	output, outputPrefix, err := m.a.objects(m.Output)
	if err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	baseline, baselineKey, err := m.a.objects(m.BaselineURI)
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	folder := output + "/" + outputPrefix + "/" + m.Endpoint + "/" + m.Name + "/"
	allow := []plan.Statement{
		{Sid: "ListCaptures", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{captures},
			Condition: map[string]map[string][]string{"StringLike": {"s3:prefix": {capturePrefix + "/*"}}}},
		{Sid: "ReadCapturesAndBaseline", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{captures + "/" + capturePrefix + "/*", baseline + "/" + baselineKey}},
		{Sid: "WriteReports", Effect: "Allow", Action: []string{"s3:PutObject"}, Resource: []string{folder + "*"}},
		{Sid: "CountRuns", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{folder + "sequence-*.json"}},
		{Sid: "WriteMetrics", Effect: "Allow", Action: []string{"cloudwatch:PutMetricData"}, Resource: []string{"*"}, Why: whyMetrics,
			Condition: map[string]map[string][]string{"StringEquals": {"cloudwatch:namespace": slices.Sorted(slices.Values(m.Namespaces))}}},
		{Sid: "Tell", Effect: "Allow", Action: []string{"sns:Publish"}, Resource: []string{m.topic.ARN()}},
		{Sid: "KeepFailures", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{m.letters.ARN()}},
		{Sid: "WriteLogs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: []string{m.logs.ARN() + ":*"}},
		traces(),
	}
	if m.KMSKey != "" {
		allow = append(allow, plan.Statement{Sid: "EncryptMessages", Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{m.KMSKey}})
	}
	return allow, nil
}

// objects splits an address into the bucket's ARN and the key, without a slash at its end.
func (a *Account) objects(uri string) (bucket, key string, err error) {
	bucket, key, ok := aws.ParseS3(uri)
	if key = strings.TrimSuffix(key, "/"); !ok || key == "" || strings.ContainsAny(key, "*?") {
		return "", "", fmt.Errorf("%q: want s3://BUCKET/PREFIX", uri)
	}
	return "arn:" + a.Partition + ":s3:::" + bucket, key, nil
}

// alarms watch the verdict, and that there is one. Without a verdict the first stays as it is: that nothing can be said makes no drift
// undone. The second watches for the lack of data itself: it goes to INSUFFICIENT_DATA and says so, which an alarm that is new does not,
// as one that took missing data for bad would at once.
func (m *monitorStack) alarms() []plan.Resource {
	hours := int32(m.Every.Hours())
	spec := AlarmSpec{Deployment: m.Name, Namespace: m.Metrics.Namespace, Dimensions: map[string]string{"Endpoint": m.Endpoint, "MonitoringSchedule": m.Name},
		Needs: []plan.Resource{m.topic}}
	drift, silent := spec, spec
	drift.Part, drift.Suffix, drift.Metric, drift.Statistic, drift.Threshold = "monitor/alarm-drift", "monitor-drift", m.Metrics.Drift, types.StatisticMaximum, 0
	drift.Period, drift.Missing, drift.Actions = hours*60*60, "ignore", []string{m.topic.ARN()}
	drift.Description = "The answers of " + m.Endpoint + " have drifted from the baseline; the report lies under " + m.Output
	silent.Part, silent.Suffix, silent.Metric, silent.Statistic = "monitor/alarm-silent", "monitor-silent", m.Metrics.Rows, types.StatisticSampleCount
	silent.Comparison, silent.Threshold, silent.Missing, silent.NoDataActions = types.ComparisonOperatorLessThanThreshold, 1, "missing", []string{m.topic.ARN()}
	silent.Period, silent.Evaluations = 60*60, 2*hours+1 // two runs are missed; an hour for the retries of the second
	silent.Description = "Without data: the monitor of " + m.Endpoint + " has come to no verdict twice; its log and the queue " + m.letters.name + " say why"
	return []plan.Resource{m.a.Alarm(drift), m.a.Alarm(silent)}
}
