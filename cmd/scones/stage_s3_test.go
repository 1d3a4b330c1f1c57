package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/gatewaytest"
	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestStageToS3 stages, uploads, and has boto3 look at what is there, on each S3 server that there is.
func TestStageToS3(t *testing.T) {
	interpreter := os.Getenv("SCONES_TEST_CLIENTS")
	if interpreter == "" {
		orttest.Missing(t, "clients", "SCONES_TEST_CLIENTS names no Python with the packages of .ci/clients.txt")
	}
	for name, start := range map[string]func(testing.TB) string{
		"moto": func(t testing.TB) string { return mototest.Start(t) }, "versitygw": gatewaytest.Start,
	} {
		t.Run(name, func(t *testing.T) {
			environment := []string{}
			for key, value := range mototest.Environment(t, start(t)) {
				environment = append(environment, key+"="+value)
			}
			boto := func(script string, args ...string) string {
				c := exec.CommandContext(t.Context(), interpreter, slices.Concat([]string{"-c", "import boto3, sys\ns3 = boto3.client('s3')\n" + script}, args)...)
				c.Env = slices.DeleteFunc(slices.Concat(os.Environ(), environment, []string{"AWS_DEFAULT_REGION=us-east-1"}), func(e string) bool {
					return strings.HasPrefix(e, "AWS_PROFILE=") // boto3 takes an empty one for a name
				})
				out, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				return strings.TrimSpace(string(out))
			}
			boto("s3.create_bucket(Bucket='pictures')\ns3.put_object(Bucket='pictures', Key='data/train/old.png', Body=b'old')\ns3.put_object(Bucket='pictures', Key='database', Body=b'x')")
			out := filepath.Join(t.TempDir(), "data")
			run := func(args ...string) string {
				args = slices.Concat([]string{"stage", "folder", "--labels-csv", "../../testdata/truth.csv", "--to", "s3://pictures/data"}, args, []string{"../../testdata"})
				c := command(t, "", args...)
				c.Env = append(c.Env, environment...)
				said, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, said)
				}
				return string(said)
			}
			want := func(said string, lines ...string) {
				t.Helper()
				for _, line := range lines {
					if !strings.Contains(said, line) {
						t.Errorf("%q is not said:\n%s", line, said)
					}
				}
			}
			const list = "print(*sorted(o['Key'] for o in s3.list_objects_v2(Bucket='pictures')['Contents']))"
			want(run("--dry-run"), "85 to create", "1 there and not here (--delete would delete them)", "create data/labels.txt")
			if got := boto(list); got != "data/train/old.png database" {
				t.Errorf("a dry run leaves %s", got)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a dry run writes a folder")
			}
			want(run("-o", out), "85 to create", "train_lst        s3://pictures/data/train.lst", "validation       s3://pictures/data/test/")
			want(run("-o", out), "85 there already")
			want(run("-o", out, "--delete"), "1 to delete, 3 bytes")
			got := boto(`
import os
out = sys.argv[1]
there = {o['Key']: s3.get_object(Bucket='pictures', Key=o['Key'])['Body'].read() for o in s3.list_objects_v2(Bucket='pictures')['Contents']}
here = {'database': b'x'}
for folder, _, files in os.walk(out):
    for f in files:
        name = os.path.join(folder, f)
        here['data/' + os.path.relpath(name, out)] = open(name, 'rb').read()
print(len(there), there == here)`, out)
			if got != "86 True" {
				t.Errorf("boto3 finds %s", got)
			}
		})
	}
}
