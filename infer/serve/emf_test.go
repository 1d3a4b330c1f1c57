package serve

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestEMF compares a whole line, and sees that a line never holds more values than CloudWatch reads.
func TestEMF(t *testing.T) {
	var out bytes.Buffer
	m := &emf{endpoint: "e", w: &out}
	for i := range 2*emfValues + 1 {
		x := &exchange{model: "shade", status: 200, start: time.Now().Add(-time.Hour), answer: answer{decode: time.Millisecond, queue: 2 * time.Millisecond, inference: 3 * time.Millisecond, batch: 1}}
		if i == 2*emfValues {
			x = &exchange{model: "shade", status: 424, problem: newProblem(badPicture, "")}
		}
		m.record(x)
	}
	m.record(&exchange{status: 200}) // no invocation
	m.write()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	var first struct {
		ModelLatency, OverheadLatency []int64
		Invocations                   int
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if len(first.ModelLatency) != emfValues || first.ModelLatency[0] != 6000 || first.OverheadLatency[0] < 3_000_000_000 || first.Invocations != emfValues {
		t.Errorf("first line %s", lines[0])
	}
	var last map[string]any
	if err := json.Unmarshal([]byte(lines[2]), &last); err != nil {
		t.Fatal(err)
	}
	last["_aws"].(map[string]any)["Timestamp"] = 0
	want := `{"EndpointName":"e","Invocation4XXErrors":1,"Invocation5XXErrors":0,"InvocationModelErrors":1,"Invocations":1,"VariantName":"AllTraffic",` +
		`"_aws":{"CloudWatchMetrics":[{"Dimensions":[["EndpointName","VariantName"]],"Metrics":[{"Name":"Invocations","Unit":"Count"},` +
		`{"Name":"Invocation4XXErrors","Unit":"Count"},{"Name":"Invocation5XXErrors","Unit":"Count"},{"Name":"InvocationModelErrors","Unit":"Count"}],` +
		`"Namespace":"scones/Endpoints"}],"Timestamp":0}}`
	got, err := json.Marshal(last)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
