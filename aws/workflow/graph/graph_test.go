package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

func machine(t *testing.T, mode workflow.Mode) *asl.Machine {
	t.Helper()
	definition, err := workflow.Definition(mode, workflow.DefinitionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := asl.Parse(definition)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var drawn = []workflow.Mode{workflow.Seed, workflow.Robust, workflow.MapMode}

// TestNothingOverlaps: boxes beside each other leave a gap, what a Map holds lies in it, and every arrow ends at its boxes.
func TestNothingOverlaps(t *testing.T) {
	for _, mode := range drawn {
		p := newPlan(machine(t, mode), nil, true)
		checkPlan(t, p, &box{x: p.w / 2, y: p.h / 2, w: p.w, h: p.h})
	}
}

func checkPlan(t *testing.T, p *plan, around *box) {
	t.Helper()
	for i, b := range p.boxes {
		if b.x-b.w/2 < around.x-around.w/2 || b.x+b.w/2 > around.x+around.w/2 || b.y-b.h/2 < around.y-around.h/2 || b.y+b.h/2 > around.y+around.h/2 {
			t.Errorf("box %s lies outside", name(b))
		}
		for _, other := range p.boxes[i+1:] {
			dx, dy := abs(b.x-other.x)-(b.w+other.w)/2, abs(b.y-other.y)-(b.h+other.h)/2
			if dx < gapX/2 && dy < gapY/2 {
				t.Errorf("boxes %s and %s are %v by %v apart", name(b), name(other), dx, dy)
			}
		}
		for _, inner := range b.inner {
			checkPlan(t, inner, b)
		}
	}
	for _, a := range p.arrows {
		first, last := a.points[0], a.points[len(a.points)-1]
		if abs(abs(first.y-a.from.y)-a.from.h/2) > 0.01 || abs(first.x-a.from.x) > a.from.w/2 || abs(abs(last.y-a.to.y)-a.to.h/2) > 0.01 || abs(last.x-a.to.x) > a.to.w/2 {
			t.Errorf("the arrow from %s to %s ends off their borders: %v", name(a.from), name(a.to), a.points)
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

func name(b *box) string {
	if b.state == nil {
		return b.marker
	}
	return b.state.Name
}

// TestPicturesHoldEveryState reads both formats back.
func TestPicturesHoldEveryState(t *testing.T) {
	for _, mode := range drawn {
		m := machine(t, mode)
		var svg, bits bytes.Buffer
		if err := Write(&svg, SVG, m, nil); err != nil {
			t.Fatal(err)
		}
		texts := textsOf(t, svg.Bytes())
		for s := range m.All() {
			if !slices.Contains(texts, s.Name) {
				t.Errorf("mode %s: the SVG has no state %q", mode, s.Name)
			}
		}
		if err := Write(&bits, PNG, m, nil); err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(&bits)
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X < 400 || size.Y < 400 {
			t.Errorf("mode %s: the PNG has %v pixels", mode, size)
		}
	}
}

func textsOf(t *testing.T, svg []byte) []string {
	t.Helper()
	var texts []string
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			texts = append(texts, strings.TrimSpace(string(data)))
		}
	}
}

// TestOutcomes: what a run did to each state, in its own history and in one that the AWS CLI printed.
func TestOutcomes(t *testing.T) {
	m := machine(t, workflow.Seed)
	run := func(fails string) map[string]Outcome {
		e, err := m.Run(t.Context(), []byte(`{}`), asl.Options{Task: func(_ context.Context, call asl.Call) (any, error) {
			if call.State == fails {
				return nil, &asl.Error{Name: workflow.ThresholdNotMet}
			}
			return map[string]any{"Payload": map[string]any{"body": map[string]any{}}}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(asl.History{Events: e.History})
		if err != nil {
			t.Fatal(err)
		}
		var back asl.History
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		return Outcomes(back.Events)
	}
	for _, test := range []struct {
		fails string
		want  map[string]Outcome
	}{
		{"", map[string]Outcome{"Serialize": Succeeded, "Classify": Succeeded, "Filter": Succeeded}},
		{"Filter", map[string]Outcome{"Serialize": Succeeded, "Classify": Succeeded, "Filter": Caught, "Below threshold": Failed}},
		{"Classify", map[string]Outcome{"Serialize": Succeeded, "Classify": Failed}},
	} {
		if diff := cmp.Diff(test.want, run(test.fails)); diff != "" {
			t.Errorf("%s fails (-want +got):\n%s", test.fails, diff)
		}
	}
}

// TestMermaid writes the whole text once; what Mermaid makes of it was looked at.
func TestMermaid(t *testing.T) {
	got := Mermaid(machine(t, workflow.Seed), nil)
	for _, line := range []string{
		`flowchart TD`, `start((Start)) --> s1`, `s1["Serialize"]`, `s1 --> s2`, `s3 --> end_((End))`,
		`s3 -.->|"THRESHOLD_CONFIDENCE_NOT_MET"| s4`, `s4["Below threshold"]`,
	} {
		if !slices.Contains(strings.Split(strings.ReplaceAll(got, "\n  ", "\n"), "\n"), line) {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
	if got := fmt.Sprint(strings.Count(Mermaid(machine(t, workflow.MapMode), nil), "subgraph")); got != "2" {
		t.Errorf("map has %s subgraphs, want 2", got)
	}
}
