package recordio_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/infer/stage/recordio"
)

// TestMXNetReadsRecordsInParts: MXNet joins the parts of a record that holds the magic.
func TestMXNetReadsRecordsInParts(t *testing.T) {
	interpreter := os.Getenv("SCONES_TEST_MXNET")
	if interpreter == "" {
		orttest.Missing(t, "mxnet", "SCONES_TEST_MXNET does not name a Python that has MXNet")
	}
	const magic = "\x0a\x23\xd7\xce"
	name := filepath.Join(t.TempDir(), "parts.rec")
	rec, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := recordio.NewWriter(rec)
	var want []any
	var index strings.Builder
	for i, picture := range []string{"plain", magic, magic + magic + "tail", "abcd" + magic, "a" + magic, strings.Repeat("wxyz"+magic, 5) + "ab"} {
		at, err := w.Write(recordio.Record{ID: uint64(i), Label: float32(i), Picture: []byte(picture)})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&index, "%d\t%d\n", i, at)
		sum := sha256.Sum256([]byte(picture))
		want = append(want, []any{float64(i), float64(i), hex.EncodeToString(sum[:])})
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimSuffix(name, "rec")+"idx", []byte(index.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), interpreter, "testdata/read.py", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"in_order", "by_index"} {
		if diff := cmp.Diff(want, got[how]); diff != "" {
			t.Errorf("%s: %s", how, diff)
		}
	}
}
