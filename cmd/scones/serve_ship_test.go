//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestServeCapturesToS3 records in a bucket, the last file on SIGTERM, and replays the records from there: each answer is found again.
func TestServeCapturesToS3(t *testing.T) {
	orttest.Library(t)
	moto := mototest.Start(t)
	for name, value := range mototest.Environment(t, moto) {
		t.Setenv(name, value)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, moto+"/captures", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(err, response)
	}
	response.Body.Close()
	spool := t.TempDir()
	p := serving(t, "--capture", "s3://captures/here", "--capture-spool", spool, "--log", "off")
	second := command(t, orttest.Library(t), "serve", "--addr", "127.0.0.1:0", "--capture", "s3://captures/here", "--capture-spool", spool)
	said, err := second.CombinedOutput()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != exitUsage || !strings.Contains(string(said), "another scones serve") {
		t.Errorf("a second server with the same spool: %v\n%s", err, said)
	}
	for _, name := range []string{"bicycle-png-32x32.png", "motorcycle-png-32x32.png", "bicycle-gif.gif"} {
		picture, err := os.ReadFile("../../testdata/images/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if status, answer := post(t, p.url+"/invocations", picture); status != http.StatusOK {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if code := p.stop(t, syscall.SIGTERM); code != exitGood {
		t.Errorf("exit code %d\n%s", code, p.log)
	}
	if entries, err := os.ReadDir(spool + "/scones/AllTraffic"); err != nil || len(entries) > 0 {
		t.Errorf("left in the spool: %v, %v", entries, err)
	}
	out, err := command(t, orttest.Library(t), "parity", "--captures", "s3://captures/here").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS: 3 pictures") {
		t.Errorf("parity with what was recorded: %v\n%s", err, out)
	}
}
