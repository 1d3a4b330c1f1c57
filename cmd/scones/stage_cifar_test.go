package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/stage/cifar/cifartest"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// TestStageCIFARFromTheNetwork downloads an archive once, keeps it in the cache, and keeps nothing whose hash is another.
func TestStageCIFARFromTheNetwork(t *testing.T) {
	a := &cifartest.Archive{Fine: []string{"bicycle", "motorcycle"}, Coarse: []string{"vehicles_1"}}
	for i := range uint64(24) {
		p := cifartest.Picture{File: cifartest.Row([]string{"bike", "moped"}[i%2], int(i)), Fine: int(i % 2), Image: phashtest.Scene(i, 32, 32)}
		a.Train = append(a.Train, p)
		p.Image, p.File = phashtest.Scene(100+i, 32, 32), cifartest.Row("other", int(i))
		a.Test = append(a.Test, p)
	}
	var archive bytes.Buffer
	if err := a.WritePython(&archive); err != nil {
		t.Fatal(err)
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write(archive.Bytes())
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	run := func(code int, hash string, args ...string) string {
		t.Helper()
		c := command(t, "", slices.Concat([]string{"stage", "cifar100", "--url", server.URL + "/cifar.tar.gz", "--sha256", hash}, args)...)
		c.Env = append(c.Env, "HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
		out, _ := c.CombinedOutput()
		if c.ProcessState.ExitCode() != code {
			t.Fatalf("it ends with %d, want %d\n%s", c.ProcessState.ExitCode(), code, out)
		}
		return string(out)
	}
	hash := fmt.Sprintf("%x", sha256.Sum256(archive.Bytes()))
	cached := func() int {
		files, err := filepath.Glob(filepath.Join(dir, "cache", "scones", "data", "*"))
		if err != nil {
			t.Fatal(err)
		}
		hidden, err := filepath.Glob(filepath.Join(dir, "cache", "scones", "data", ".*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files) + len(hidden)
	}
	said := run(1, strings.Repeat("0", 64))
	if !strings.Contains(said, "its SHA-256 is "+hash+", not 000") || cached() != 0 {
		t.Errorf("%d files in the cache\n%s", cached(), said)
	}
	out := filepath.Join(dir, "data")
	said = run(0, hash, "--classes", "motorcycle,bicycle", "-o", out)
	if !strings.Contains(said, "downloading ") || !strings.Contains(said, "num_classes=2 num_training_samples=24") || cached() != 1 {
		t.Errorf("%d files in the cache\n%s", cached(), said)
	}
	list, err := os.ReadFile(filepath.Join(out, "train.lst"))
	if err != nil || !strings.HasPrefix(string(list), "0\t1\tbike_s_000000.png\n1\t0\tmoped_s_000001.png\n") {
		t.Errorf("%v %.60q", err, list)
	}
	if said = run(0, hash); strings.Contains(said, "downloading") || asked != 2 {
		t.Errorf("the archive was asked for %d times, want 2\n%s", asked, said)
	}
	if said = run(2, hash, "--classes", "car"); !strings.Contains(said, `the archive has no class "car"; it has bicycle, motorcycle`) {
		t.Error(said)
	}
}
