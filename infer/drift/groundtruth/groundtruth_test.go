package groundtruth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/groundtruth"
)

// TestJoin: the inference id goes before the event id, and a picture is found by the end of its path.
func TestJoin(t *testing.T) {
	s := &drift.Sample{Labels: []string{"bicycle", "motorcycle"}, Rows: []drift.Row{
		{ID: "i1", EventID: "e1"}, {EventID: "e2"}, {Picture: "data/train/a.png"}, {EventID: "e9"}, {},
	}}
	for name, text := range map[string]string{
		"a.csv": "\ufefflabel, EventId\nmotorcycle,i1\nbicycle,e1\n1,e2\nbicycle,train/a.png\ntruck,nobody\n",
		"a.jsonl": `{"groundTruthData":{"data":"motorcycle","encoding":"CSV"},"eventMetadata":{"eventId":"i1"},"eventVersion":"0"}
{"groundTruthData":{"data":"bicycle","encoding":"CSV"},"eventMetadata":{"eventId":"e1"},"eventVersion":"0"}

{"groundTruthData":{"data":"1.0","encoding":"CSV"},"eventMetadata":{"eventId":"e2"},"eventVersion":"0"}
{"groundTruthData":{"data":"bicycle","encoding":"CSV"},"eventMetadata":{"eventId":"train/a.png"},"eventVersion":"0"}
{"groundTruthData":{"data":"truck","encoding":"CSV"},"eventMetadata":{"eventId":"nobody"},"eventVersion":"0"}
`,
	} {
		table, err := groundtruth.Read(name, strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, found := table.Classes(s)
		if diff := cmp.Diff([]string{"motorcycle", "motorcycle", "bicycle", "", ""}, got); diff != "" || found != 3 || table.Unused() != 2 {
			t.Errorf("%s: %d found, %d unused (-want +got):\n%s", name, found, table.Unused(), diff)
		}
	}
}

func TestBadTablesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty.csv": "", "header.csv": "a,b\n1,2\n", "none.csv": "id,label\n", "id.csv": "id,label\n,a\n", "label.csv": "id,label\na,\n",
		"two.csv": "id,label\na,x\na,y\n", "ragged.csv": "id,label\na\n", "empty.jsonl": "", "text.jsonl": "hello\n", "id.jsonl": "{}\n",
		"long.jsonl": `{"a":"` + strings.Repeat("x", 2<<20) + `"}`,
	} {
		if _, err := groundtruth.Read(name, strings.NewReader(text)); !errors.Is(err, groundtruth.ErrTruth) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
