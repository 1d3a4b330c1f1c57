package mxnet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParseSymbolReal reads a symbol that SageMaker wrote (MXNet 0.12.1: "attr", references of three numbers).
func TestParseSymbolReal(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testdata, "real-symbol-resnet18", "image-classification-symbol.json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSymbol(data)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for i := range s.Nodes {
		counts[s.Nodes[i].Operator]++
	}
	want := map[string]int{
		"null": 101, "Convolution": 21, "BatchNorm": 19, "Activation": 18, "elemwise_add": 8, "Pooling": 2,
		"Flatten": 1, "FullyConnected": 1, "SoftmaxOutput": 1,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("operators differ (-want +got):\n%s", diff)
	}
	if got := s.Framework(); got != "mxnet 0.12.1" {
		t.Errorf("Framework() = %q, want %q", got, "mxnet 0.12.1")
	}
	order, err := s.Reached(s.Heads[0])
	if err != nil || len(order) != len(s.Nodes) {
		t.Errorf("Reached gives %d nodes and error %v, want all %d", len(order), err, len(s.Nodes))
	}
}

// TestParseSymbolSpellings reads the same node as every MXNet version wrote it.
func TestParseSymbolSpellings(t *testing.T) {
	for name, node := range map[string]string{
		"attrs":          `{"op":"X","name":"n","attrs":{"kernel":"(3, 3)","no_bias":"True"},"inputs":[[0,0,0]]}`,
		"attr":           `{"op":"X","name":"n","attr":{"kernel":"(3,3)","no_bias":"1"},"inputs":[[0,0,1]]}`,
		"param":          `{"op":"X","param":{"kernel":"(3L, 3L)","no_bias":"true"},"name":"n","inputs":[[0,0]],"backward_source_id":-1}`,
		"list":           `{"op":"X","name":"n","attrs":{"kernel":"[3, 3,]","no_bias":true},"inputs":[[0,0]]}`,
		"attrs win":      `{"op":"X","name":"n","attrs":{"kernel":"(3,3)","no_bias":"True"},"attr":{"kernel":"(9,9)"},"inputs":[[0,0]]}`,
		"foreign things": `{"op":"X","name":"n","what":{"is":[1,{"this":null}]},"attrs":{"kernel":"(3,3)","no_bias":"True"},"inputs":[[0,0]]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, err := ParseSymbol(fmt.Appendf(nil, `{"nodes":[{"op":"null","name":"data","inputs":[]},%s],"heads":[[1,0]]}`, node))
			if err != nil {
				t.Fatal(err)
			}
			n := &s.Nodes[1]
			if got, err := n.Tuple("kernel"); err != nil || !cmp.Equal(got, []int64{3, 3}) {
				t.Errorf("Tuple gives %v and error %v, want [3 3]", got, err)
			}
			if got, err := n.Bool("no_bias", false); err != nil || !got {
				t.Errorf("Bool gives %v and error %v, want true", got, err)
			}
			if diff := cmp.Diff([]Ref{{0, 0}}, n.Inputs); diff != "" {
				t.Errorf("inputs differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAttributeDefaultsAndFaults(t *testing.T) {
	n := &Node{Operator: "Pooling", Name: "pool0", attributes: map[string]string{
		"none": "None", "empty": "()", "one": "7", "tuple": "(2,)", "bad": "(1, x)", "huge": "99999999999999999999", "nan": "nan",
	}}
	if v, err := n.Int("none", 5); v != 5 || err != nil {
		t.Errorf("Int of None gives %v, %v, want the default 5", v, err)
	}
	if v, err := n.Tuple("empty"); v != nil || err != nil {
		t.Errorf("Tuple of () gives %v, %v, want nil", v, err)
	}
	if v, err := n.Tuple("one"); !cmp.Equal(v, []int64{7}) || err != nil {
		t.Errorf("Tuple of 7 gives %v, %v", v, err)
	}
	if v, err := n.Tuple("tuple"); !cmp.Equal(v, []int64{2}) || err != nil {
		t.Errorf("Tuple of (2,) gives %v, %v", v, err)
	}
	_, tuple := n.Tuple("bad")
	_, whole := n.Int("huge", 0)
	_, number := n.Float("nan", 0)
	_, truth := n.Bool("one", false)
	for _, err := range []error{tuple, whole, number, truth} {
		if !errors.Is(err, ErrArtifact) || !strings.Contains(err.Error(), "Pooling") || !strings.Contains(err.Error(), "pool0") {
			t.Errorf("error %v, want ErrArtifact that names operator and node", err)
		}
	}
}

// TestParseSymbolHostile gives symbols that are broken; each must be an error that wraps ErrArtifact.
func TestParseSymbolHostile(t *testing.T) {
	many := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	for name, text := range map[string]string{
		"empty":                "",
		"no object":            "[]",
		"cut":                  `{"nodes":[{"op":"null","na`,
		"no heads":             `{"nodes":[{"op":"null","name":"a","inputs":[]}],"heads":[]}`,
		"head out of range":    `{"nodes":[{"op":"null","name":"a","inputs":[]}],"heads":[[1,0]]}`,
		"negative head":        `{"nodes":[{"op":"null","name":"a","inputs":[]}],"heads":[[-1,0]]}`,
		"input out of range":   `{"nodes":[{"op":"X","name":"a","inputs":[[7,0,0]]}],"heads":[[0,0]]}`,
		"one number":           `{"nodes":[{"op":"X","name":"a","inputs":[[0]]}],"heads":[[0,0]]}`,
		"four numbers":         `{"nodes":[{"op":"X","name":"a","inputs":[[0,0,0,0]]}],"heads":[[0,0]]}`,
		"no number":            `{"nodes":[{"op":"X","name":"a","inputs":[["x",0]]}],"heads":[[0,0]]}`,
		"fraction":             `{"nodes":[{"op":"X","name":"a","inputs":[[0.5,0]]}],"heads":[[0,0]]}`,
		"no operator":          `{"nodes":[{"name":"a","inputs":[]}],"heads":[[0,0]]}`,
		"variable with inputs": `{"nodes":[{"op":"null","name":"a","inputs":[[0,0]]}],"heads":[[0,0]]}`,
		"too many nodes":       `{"nodes":[` + many(maxNodes+1, `{"op":"null"}`) + `],"heads":[[0,0]]}`,
		"too many inputs":      `{"nodes":[{"op":"X","inputs":[` + many(maxInputs+1, `[0,0]`) + `]}],"heads":[[0,0]]}`,
		"too many attributes":  `{"nodes":[{"op":"X","attrs":{` + manyKeys(maxAttributes+1) + `}}],"heads":[[0,0]]}`,
		"deep":                 `{"nodes":` + strings.Repeat("[", 100_000),
		"deep and foreign":     `{"x":` + strings.Repeat(`{"a":`, 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseSymbol([]byte(text)); !errors.Is(err, ErrArtifact) {
				t.Errorf("ParseSymbol gives error %v, want ErrArtifact", err)
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":"v",`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func TestReachedCircle(t *testing.T) {
	s, err := ParseSymbol([]byte(`{"nodes":[{"op":"X","name":"a","inputs":[[1,0]]},{"op":"X","name":"b","inputs":[[0,0]]}],"heads":[[1,0]]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reached(s.Heads[0]); !errors.Is(err, ErrArtifact) || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("Reached gives error %v, want ErrArtifact that names node b", err)
	}
}

// TestOldBatchNormGetsItsVariables covers symbols from before MXNet 0.9.
func TestOldBatchNormGetsItsVariables(t *testing.T) {
	s, err := ParseSymbol([]byte(`{"nodes":[{"op":"null","name":"x"},{"op":"null","name":"g"},{"op":"null","name":"b"},
		{"op":"BatchNorm","name":"bn","inputs":[[0,0],[1,0],[2,0]]}],"heads":[[3,0]]}`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, in := range s.Nodes[3].Inputs {
		names = append(names, s.Nodes[in.Node].Name)
	}
	if want := []string{"x", "g", "b", "bn_moving_mean", "bn_moving_var"}; !cmp.Equal(names, want) {
		t.Errorf("inputs are %v, want %v", names, want)
	}
}
