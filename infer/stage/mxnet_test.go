package stage_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/infer/stage"
)

// TestMXNetReadsTheRecords has MXNet itself read what --rec writes: in order, by the index, and as a training does.
func TestMXNetReadsTheRecords(t *testing.T) {
	interpreter := os.Getenv("SCONES_TEST_MXNET")
	if interpreter == "" {
		orttest.Missing(t, "mxnet", "SCONES_TEST_MXNET does not name a Python that has MXNet")
	}
	dir := filepath.Join(t.TempDir(), "data")
	f := clean().with(files{"cats/photo.jpg": asJPEG(scene(700), 95)})
	if err := check(t, f.write(t), nil, stage.Options{}).Write(t.Context(), dir, stage.WriteOptions{Records: true}); err != nil {
		t.Fatal(err)
	}
	var want []any
	var labels []float64
	list, err := os.ReadFile(filepath.Join(dir, "train.lst"))
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(list)) {
		fields := strings.Split(strings.TrimSpace(row), "\t")
		data, err := os.ReadFile(filepath.Join(dir, "train", fields[2]))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		index, _ := strconv.ParseFloat(fields[0], 64)
		label, _ := strconv.ParseFloat(fields[1], 64)
		want = append(want, []any{index, label, hex.EncodeToString(sum[:])})
		labels = append(labels, label)
	}
	command := exec.CommandContext(t.Context(), interpreter, "recordio/testdata/read.py", filepath.Join(dir, "train.rec"), "3,40,48")
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var got struct {
		InOrder []any `json:"in_order"`
		ByIndex []any `json:"by_index"`
		Labels  []float64
		Means   [][]float64
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for what, list := range map[string][]any{"in order": got.InOrder, "by the index": got.ByIndex} {
		if diff := cmp.Diff(want, list); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if diff := cmp.Diff(labels, got.Labels); diff != "" {
		t.Errorf("the iterator's labels: %s", diff)
	}
	for i, m := range got.Means {
		if len(m) != 3 || m[0] <= 0 || m[0] >= 255 {
			t.Errorf("picture %d decodes to means of %v", i, m)
		}
	}
}
