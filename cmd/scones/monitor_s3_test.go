package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
)

// TestMonitorLoadsFromS3 reads captures of five hours, and then an hour of them, in lists of two entries a page.
func TestMonitorLoadsFromS3(t *testing.T) {
	cloud := awstest.New(t, awstest.Options{PageSize: 2})
	dir := t.TempDir()
	const minute = 60e9
	if err := capturetest.Folder(filepath.Join(dir, "captures"), capturetest.Options{Records: 300, Every: minute, Side: 8}); err != nil {
		t.Fatal(err)
	}
	putS3(t, cloud.URL+"/pictures", nil)
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		key, err := filepath.Rel(dir, name)
		putS3(t, cloud.URL+"/pictures/"+filepath.ToSlash(key), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cloud.Setenv(t)
	for _, c := range []struct {
		args           []string
		records, files int // files at most
	}{{nil, 300, 5}, {[]string{"--from", "2026-01-01T02:00", "--to", "2026-01-01T03:00"}, 60, 4}} {
		out := scones(t, dir, 0, append([]string{"monitor", "load", "--json", "--out", "rows.parquet"}, append(c.args, "s3://pictures/captures")...)...)
		var s struct{ Files, Rows, Pictures int }
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		if s.Rows != c.records || s.Pictures != c.records || s.Files > c.files {
			t.Errorf("%q: %+v", c.args, s)
		}
	}
	// A row's picture is found again, for the page and for labels.
	scones(t, dir, 0, "monitor", "baseline", "--labels", "a,b", "-o", "baseline.json", "rows.parquet")
	scones(t, dir, 0, "monitor", "run", "--once", "--baseline", "baseline.json", "--html", "r.html", "rows.parquet")
}

// scones runs a command to its end and returns what it wrote on standard output.
func scones(t *testing.T, dir string, want int, args ...string) string {
	t.Helper()
	c := command(t, "", args...)
	c.Dir = dir
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	_ = c.Run() // the exit code says how it went
	if got := c.ProcessState.ExitCode(); got != want {
		t.Fatalf("scones %q: exit code %d\n%s%s", args, got, &out, &log)
	}
	return out.String()
}
