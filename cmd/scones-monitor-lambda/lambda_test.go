package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/monitor/job"
	"github.com/scones-unlimited/scones/infer/monitor/job/jobtest"
)

// A cloud is a stand-in for AWS with two buckets.
type cloud struct {
	url     string
	objects *aws.Objects
}

// useCloud points this process at a stand-in.
func useCloud(t *testing.T, address string, env map[string]string) *cloud {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	config, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{address, aws.NewObjects(config)}
	for _, bucket := range []string{"captures", "reports"} {
		c.call(t, "s3", http.MethodPut, "/"+bucket, nil)
	}
	return c
}

// call asks a service directly, and returns what it said.
func (c *cloud) call(t *testing.T, service, method, path string, form url.Values) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s %v: %s %v\n%s", method, path, form, response.Status, err, said)
	}
	return string(said)
}

func (c *cloud) put(t *testing.T, uri string, data []byte) {
	t.Helper()
	if err := c.objects.Put(t.Context(), uri, data, "application/octet-stream", aws.Condition{}); err != nil {
		t.Fatal(err)
	}
}

// greatest is the largest value of a metric of the monitor within the last days, and how many values there were.
func (c *cloud) greatest(t *testing.T, name string) (most float64, n int) {
	t.Helper()
	now := time.Now().UTC()
	var answer struct {
		Points []struct{ Maximum, SampleCount float64 } `xml:"GetMetricStatisticsResult>Datapoints>member"`
	}
	said := c.call(t, "monitoring", http.MethodPost, "/", url.Values{
		"Action": {"GetMetricStatistics"}, "Version": {"2010-08-01"}, "Namespace": {drift.MetricsNamespace}, "MetricName": {name}, "Period": {"3600"},
		"StartTime": {now.Add(-72 * time.Hour).Format(time.RFC3339)}, "EndTime": {now.Add(time.Hour).Format(time.RFC3339)},
		"Statistics.member.1": {"Maximum"}, "Statistics.member.2": {"SampleCount"},
		"Dimensions.member.1.Name": {"Endpoint"}, "Dimensions.member.1.Value": {"scones-prod"}, "Dimensions.member.2.Name": {"MonitoringSchedule"}, "Dimensions.member.2.Value": {"watch"},
	})
	if err := xml.Unmarshal([]byte(said), &answer); err != nil {
		t.Fatalf("%v in %s", err, said)
	}
	for _, p := range answer.Points {
		most, n = max(most, p.Maximum), n+int(p.SampleCount)
	}
	return most, n
}

// TestFunction drives the real program through Lambda's Runtime API, against two stand-ins for AWS: a quiet hour, one of dark pictures, one
// without captures.
func TestFunction(t *testing.T) {
	program := runtimetest.BuildProgram(t, "cmd/scones-monitor-lambda")
	t.Run("moto", func(t *testing.T) {
		address := mototest.Start(t)
		c := useCloud(t, address, mototest.Environment(t, address))
		topic := between(c.call(t, "sns", http.MethodPost, "/", url.Values{"Action": {"CreateTopic"}, "Version": {"2010-03-31"}, "Name": {"watch"}}), "<TopicArn>", "</TopicArn>")
		c.call(t, "sqs", http.MethodPost, "/", url.Values{"Action": {"CreateQueue"}, "Version": {"2012-11-05"}, "QueueName": {"mail"}})
		c.call(t, "sns", http.MethodPost, "/", url.Values{"Action": {"Subscribe"}, "Version": {"2010-03-31"}, "TopicArn": {topic}, "Protocol": {"sqs"},
			"Endpoint": {"arn:aws:sqs:us-east-1:123456789012:mail"}, "Attributes.entry.1.key": {"RawMessageDelivery"}, "Attributes.entry.1.value": {"true"}})
		days(t, c, program, "TOPIC="+topic)
		mail := c.call(t, "sqs", http.MethodPost, "/123456789012/mail", url.Values{"Action": {"ReceiveMessage"}, "Version": {"2012-11-05"}, "MaxNumberOfMessages": {"10"}})
		if n := strings.Count(mail, "<Body>"); n != 1 || !strings.Contains(mail, "<Body>drift: ") || !strings.Contains(mail, "/report.html") {
			t.Errorf("people were told %d times: %s", n, mail)
		}
	})
	t.Run("awstest", func(t *testing.T) {
		s := awstest.New(t, awstest.Options{Tick: -1})
		days(t, useCloud(t, s.URL, s.Env()), program)
	})
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

func days(t *testing.T, c *cloud, program string, env ...string) {
	begin := time.Now().UTC().Truncate(time.Hour).Add(-12 * time.Hour)
	const prefix = "s3://captures/data/scones-prod/AllTraffic"
	c.put(t, "s3://reports/baseline.json", jobtest.Baseline(t, capturetest.Options{Records: 100, Side: 16, Seed: 1}))
	for i, o := range []capturetest.Options{{Records: 120, Side: 16, Seed: 2}, {Records: 120, Side: 16, Seed: 3, Dark: 0.6}} {
		name, data := jobtest.Hour(t, begin.Add(time.Duration(i)*time.Hour), o)
		c.put(t, prefix+"/"+name, data)
	}
	env = append(env, "AWS_ENDPOINT_URL="+c.url, "MONITOR=watch", "ENDPOINT=scones-prod", "CAPTURES="+prefix, "BASELINE=s3://reports/baseline.json", "OUTPUT=s3://reports/monitor")
	f := runtimetest.Start(t, program, "scones-prod-monitor", env...)
	invoke := func(event string) (o job.Outcome, failure string) {
		t.Helper()
		answer, err := f.Invoke(t.Context(), []byte(event), time.Now().Add(5*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Failed {
			name, message := answer.Error()
			return o, name + ": " + message
		}
		if err := json.Unmarshal(answer.Payload, &o); err != nil {
			t.Fatalf("%v in %s", err, answer.Payload)
		}
		return o, ""
	}
	scheduled := func(i int) string {
		return fmt.Sprintf(`{"scheduled":%q,"execution":"d32c5kddcf5bb8c3","attempt":"1"}`, begin.Add(time.Duration(i+1)*time.Hour+20*time.Minute).Format(time.RFC3339))
	}
	topic := len(env) > 6
	for i, want := range []job.Outcome{{Verdict: drift.Quiet, Look: 1, Rows: 120, Pictures: 120}, {Verdict: drift.Drift, Look: 2, Rows: 120, Pictures: 120, Told: topic}, {Verdict: drift.CannotSay}} {
		got, failure := invoke(scheduled(i))
		if failure != "" {
			t.Fatalf("%s\n%s", failure, f.Log())
		}
		want.From, want.To = begin.Add(time.Duration(i)*time.Hour), begin.Add(time.Duration(i+1)*time.Hour)
		want.Sentence, want.Report = got.Sentence, "s3://reports/monitor/scones-prod/watch/"+want.To.Format("2006/01/02/15/")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("hour %d: %s\n%s", i, diff, f.Log())
		}
		if again, _ := invoke(scheduled(i)); !again.Before || again.Sentence != got.Sentence {
			t.Errorf("the same event again: %+v", again)
		}
		for name, kind := range map[string]string{"report.html": "<!doctype html>", "report.json": `"verdict"`, "statistics.json": `"features"`, "constraint_violations.json": `"violations"`} {
			data, _, err := c.objects.Get(t.Context(), want.Report+name, 1<<20)
			if err != nil || !strings.Contains(strings.ToLower(string(data[:min(len(data), 300)])), kind) {
				t.Errorf("hour %d: %s: %v, %.300s", i, name, err, data)
			}
		}
	}
	for name, want := range map[string][2]float64{drift.DriftMetric: {1, 2}, drift.CannotSayMetric: {1, 3}, drift.RowsMetric: {120, 3}, "feature_data_width": {16, 240}} {
		if most, n := c.greatest(t, name); most != want[0] || n != int(want[1]) {
			t.Errorf("%s: at most %v of %d values, want %v of %v", name, most, n, want[0], want[1])
		}
	}
	if _, failure := invoke(`{"endd":1}`); !strings.HasPrefix(failure, "EVENT_INVALID: ") {
		t.Errorf("%s", failure)
	}
	for line := range strings.Lines(f.Log()) {
		var entry struct {
			Monitor string
			Request string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Monitor != "watch" || entry.Request == "" {
			t.Errorf("log line %s: %v", line, err)
		}
	}
}

// TestConfiguration: what is missing or wrong is reported at the start, under its variable's name.
func TestConfiguration(t *testing.T) {
	program := runtimetest.BuildProgram(t, "cmd/scones-monitor-lambda")
	good := []string{"MONITOR=m", "ENDPOINT=e", "CAPTURES=s3://b/c", "BASELINE=s3://b/baseline.json", "OUTPUT=s3://b/o"}
	for _, test := range []struct{ env, want string }{
		{"MONITOR=", "MONITOR is not set"},
		{"CAPTURES=b/c", `CAPTURES "b/c": want s3://BUCKET/KEY`},
		{"EVERY=hourly", `EVERY "hourly": want a time such as 1h`},
		{"ALPHA=5", `ALPHA "5": want a number between 0 and 1`},
		{"GUARANTEE=always", `GUARANTEE "always": want year or ever`},
		{"METRICS=all", `METRICS metrics "all": want none, or some of [endpoints dashboard guide container]`},
		{"MAX_PICTURES=-1", `MAX_PICTURES "-1": want a number of 1 or more`},
	} {
		answer, err := runtimetest.Start(t, program, "f", append(good, test.env)...).InitError(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if name, message := answer.Error(); name != "CONFIGURATION_INVALID" || answer.Type != name || message != test.want {
			t.Errorf("%s: %s: %s, want %s", test.env, name, message, test.want)
		}
	}
}
