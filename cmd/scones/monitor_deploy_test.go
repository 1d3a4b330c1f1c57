package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/monitor/job"
	"github.com/scones-unlimited/scones/infer/monitor/job/jobtest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A monitorCloud runs the functions that are made in it with their real program.
type monitorCloud struct {
	*awsShell
	cloud   *awstest.Server
	program string
}

func newMonitorCloud(t *testing.T) *monitorCloud {
	t.Helper()
	m := &monitorCloud{program: runtimetest.BuildProgram(t, monitorProgram)}
	run := &realFunctions{t: t, program: m.program}
	m.cloud = awstest.New(t, awstest.Options{Invoke: run.invoke})
	run.cloud = m.cloud
	m.awsShell = &awsShell{library: orttest.Library(t), dir: t.TempDir()}
	for name, value := range m.cloud.Env() {
		m.env = append(m.env, name+"="+value)
	}
	m.cloud.Setenv(t)
	return m
}

// stored writes a program as Lambda takes it, without the time that packing takes.
func stored(t *testing.T, program, name string) {
	t.Helper()
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	header.SetMode(0o755)
	w, err := archive.CreateHeader(header)
	if err == nil {
		_, err = w.Write(data)
	}
	if err = errors.Join(err, archive.Close()); err == nil {
		err = os.WriteFile(name, b.Bytes(), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// priceless is a plan without the prices behind its objects' names, which are a matter of the table.
func priceless(lines []string) []string {
	for i, line := range lines {
		if fields := strings.Fields(line); strings.HasPrefix(line, "+ create") && len(fields) > 4 {
			lines[i] = strings.Join(fields[:4], " ")
		}
	}
	return lines
}

// TestMonitorDeploy makes a monitor of an endpoint that somebody else has, lets it judge three hours, and takes it away.
func TestMonitorDeploy(t *testing.T) {
	m := newMonitorCloud(t)
	folder := filepath.Join(m.dir, "validation")
	if err := capturetest.Folder(folder, capturetest.Options{Records: 150, Side: 16, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	m.good(t, "monitor baseline --labels bicycle,motorcycle --threshold 0.6 -o baseline.json validation")
	putS3(t, m.cloud.URL+"/seen", nil)
	end := time.Now().UTC().Add(-20 * time.Minute).Truncate(time.Hour)
	for i, o := range []capturetest.Options{{Records: 120, Side: 16, Seed: 3, Dark: 0.6}, {Records: 120, Side: 16, Seed: 2}} {
		name, data := jobtest.Hour(t, end.Add(time.Duration(i-2)*time.Hour), o)
		putS3(t, m.cloud.URL+"/seen/data/theirs/AllTraffic/"+name, data)
	}
	stored(t, m.program, filepath.Join(m.dir, "code.zip"))
	line := "monitor deploy --name bikes --endpoint theirs --captures s3://seen/data/theirs/AllTraffic --baseline baseline.json --email you@example.com --architecture x86_64 --code code.zip"
	want(t, m.good(t, line+" --dry-run"), "+ create  schedule ", "cron(20 * * * ? *) UTC", "allow s3:GetObject", "on arn:aws:s3:::seen/data/theirs/AllTraffic/*", "11 to create",
		"730 runs a month; one that takes half a minute costs $")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, s := range transcripts(string(readme)) {
		if rest, ok := strings.CutPrefix(s.command, "scones monitor deploy"); ok {
			out := m.good(t, "monitor deploy"+rest+" --architecture x86_64 --code code.zip")
			compare(t, priceless(strings.Split(strings.TrimRight(out, "\n"), "\n")), s.output)
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("the README shows %d monitors, want 1", shown)
	}
	want(t, m.good(t, "status"), "nothing exists")
	report := "s3://bikes-123456789012-us-east-1/monitor/theirs/bikes/" + end.Format("2006/01/02/15/")
	want(t, m.good(t, line+" --yes --poll 1ms"), end.Add(-time.Hour).Format("2006-01-02 15:04")+" to "+end.Format("15:04")+" UTC, 120 rows: quiet: ", report+"report.html\n")
	want(t, m.good(t, line+" --dry-run"), ": no change")
	key := strings.TrimPrefix(report, "s3://bikes-123456789012-us-east-1/")
	if page, _, ok := m.cloud.Object("bikes-123456789012-us-east-1", key+"report.html"); !ok || !strings.Contains(string(page), "quiet") {
		t.Errorf("no page: %.200s", page)
	} else if dir := os.Getenv("SCONES_TEST_KEEP"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, "quiet.html"), page, 0o644) // to look at
	}

	c, err := aws.LoadConfig(t.Context(), aws.ConfigOptions{})
	if err != nil {
		t.Fatal(err)
	}
	account, err := stack.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := account.Invoke(t.Context(), "bikes-monitor", []byte(`{"end":"`+end.Add(-time.Hour).Format(time.RFC3339)+`"}`))
	var outcome job.Outcome
	if err != nil || json.Unmarshal(answer, &outcome) != nil || outcome.Verdict != "drift" || !outcome.Told || outcome.Look != 2 {
		t.Fatalf("%v %s", err, answer)
	}
	subjects := map[string]string{} // the function says what, the alarm that: the one may fail, the other knows no reasons
	for _, message := range m.cloud.Messages("bikes-monitor") {
		subjects[message.Subject] = message.Body
	}
	if len(subjects) != 2 || !strings.Contains(subjects["bikes: drift"], "brightness") || subjects[`ALARM: "bikes-monitor-drift" in us-east-1`] == "" {
		t.Errorf("people were told %q", subjects)
	}
	m.cloud.Advance(time.Minute)
	want(t, m.good(t, "status --name bikes"), "cloudwatch-alarm  bikes-monitor-drift", "ALARM")
	if _, err := account.Invoke(t.Context(), "bikes-monitor", []byte(`{"end":"tomorrow"}`)); err == nil || !strings.Contains(err.Error(), "bikes-monitor: EVENT_INVALID: ") {
		t.Errorf("%v", err)
	}

	// A day instead of an hour changes what must change, without a run.
	out := m.good(t, line+" --every 1d --metrics guide,dashboard --no-run --yes --poll 1ms")
	want(t, out, "cron(20 * * * ? *) UTC → cron(20 0 * * ? *) UTC", "30 runs a month")
	want(t, m.good(t, line+" --every 1d --metrics guide,dashboard --dry-run"), ": no change")
	want(t, m.good(t, "destroy --name bikes --stack monitor --yes --poll 1ms"), "nothing of monitor of bikes is left")
	want(t, m.good(t, "destroy --name bikes --data --yes --poll 1ms"), "nothing of bikes is left")
	want(t, m.good(t, "status"), "nothing exists")
}
