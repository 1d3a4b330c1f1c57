package drift_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/infer/drift"
)

func TestBaselineIsReadAsWritten(t *testing.T) {
	s := usual.sample(rand.New(rand.NewPCG(1, 1)), 30)
	s.Source, s.ModelSHA, s.Skipped = "captures/", "ab12", map[string]int{"record: syntax": 2}
	for i := range s.Rows {
		s.Rows[i] = drift.Row{Time: time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC), EventID: string(rune('a' + i)), Picture: "a.png"}
	}
	s.Rows[3].Error = "decode"
	s.Column(drift.LabelColumn).Values[3] = ""
	s.Column(drift.ConfidenceColumn).Numbers[3] = math.NaN()
	s.Column(drift.EmbeddingColumn).Vectors[3] = nil
	want, err := drift.NewBaseline(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	want.Created, want.Scones = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), "1"
	var file bytes.Buffer
	if err := want.Write(&file); err != nil {
		t.Fatal(err)
	}
	got, err := drift.ReadBaseline(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if drift.Digest(&want.Sample) != drift.Digest(&got.Sample) {
		t.Error("the digests differ")
	}
	got.Columns[1].Numbers[0] += 1e-9
	if drift.Digest(&want.Sample) == drift.Digest(&got.Sample) {
		t.Error("another value has the same digest")
	}
}

func TestBadBaselinesAreRefused(t *testing.T) {
	rows := strings.TrimSuffix(strings.Repeat("{},", 5), ",")
	for name, text := range map[string]string{
		"empty": ``, "no JSON": `hello`, "no version": `{}`, "another version": `{"version":2}`,
		"few rows":         `{"version":1,"rows":[{}],"columns":[{"name":"a","numbers":[1]}]}`,
		"no columns":       `{"version":1,"rows":[` + rows + `]}`,
		"length":           `{"version":1,"rows":[` + rows + `],"columns":[{"name":"a","numbers":[1]}]}`,
		"two kinds":        `{"version":1,"rows":[` + rows + `],"columns":[{"name":"a","numbers":[1,2,3,4,5],"words":[],"values":[-1,-1,-1,-1,-1]}]}`,
		"word":             `{"version":1,"rows":[` + rows + `],"columns":[{"name":"a","words":["x"],"values":[0,1,0,0,0]}]}`,
		"vector":           `{"version":1,"rows":[` + rows + `],"columns":[{"name":"a","size":2,"vectors":["AAAAAA==",null,null,null,null]}]}`,
		"vector of NaN":    `{"version":1,"rows":[` + rows + `],"columns":[{"name":"a","size":1,"vectors":["AADAfw==",null,null,null,null]}]}`,
		"threshold":        `{"version":1,"threshold":2,"rows":[` + rows + `],"columns":[{"name":"a","numbers":[1,2,3,4,5]}]}`,
		"name there twice": `{"version":1,"rows":[` + rows + `],"columns":[{"name":"a","numbers":[1,2,3,4,5]},{"name":"a","numbers":[1,2,3,4,5]}]}`,
	} {
		if _, err := drift.ReadBaseline(strings.NewReader(text)); !errors.Is(err, drift.ErrBaseline) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadBaseline(f *testing.F) {
	s := usual.sample(rand.New(rand.NewPCG(1, 1)), 6)
	b, err := drift.NewBaseline(s, 1)
	if err != nil {
		f.Fatal(err)
	}
	var file bytes.Buffer
	if err := b.Write(&file); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := drift.ReadBaseline(bytes.NewReader(data)); err == nil {
			if _, err := drift.Run(b, s, drift.Options{}); err != nil && !errors.Is(err, drift.ErrSample) {
				t.Error(err)
			}
		}
	})
}

// TestCollectorKeepsAUniformSample: each of 100 rows is among the 20 that are kept as often as the others, and they stay in order.
func TestCollectorKeepsAUniformSample(t *testing.T) {
	kept := make([]int, 100)
	for seed := range uint64(2000) {
		c := drift.NewCollector(20, seed, drift.Column{Name: "a", Numbers: []float64{}})
		for i := range 100 {
			if err := c.Add(drift.Row{}, drift.Cell{Number: float64(i)}); err != nil {
				t.Fatal(err)
			}
		}
		s := c.Sample()
		if len(s.Rows) != 20 || s.Seen() != 100 {
			t.Fatalf("%d of %d rows", len(s.Rows), s.Seen())
		}
		last := -1.0
		for _, v := range s.Columns[0].Numbers {
			if v <= last {
				t.Fatalf("%v comes behind %v", v, last)
			}
			last = v
			kept[int(v)]++
		}
	}
	for i, n := range kept { // 400 each, standard deviation 18
		if n < 300 || n > 500 {
			t.Errorf("row %d is kept %d times of 2000", i, n)
		}
	}
}
