package infer_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// foreignCase is what another library says of the pictures in testdata/images; .ci/exporters makes it.
type foreignCase struct {
	Library string `json:"library"`
	Backend string `json:"backend"`
	// Tolerance is what the library's own exporter changes where that is more than usual.
	Tolerance float64              `json:"tolerance"`
	Labels    []string             `json:"labels"`
	Answers   map[string][]float64 `json:"answers"`
	// Input is what a user must say of a model that carries nothing; labels come from flags too then.
	Input json.RawMessage `json:"input"`
}

// tolerance in probability. Where decoder and resize are Pillow's, only the order of float32 additions differs: seen are 2e-6. The
// networks are made so that a wrong pixel shows; decoders of JPEG differ by a few of 255 (seen: 8e-3), and torchvision's resize on
// tensors rounds otherwise than Pillow's (seen: 9e-4).
func (c *foreignCase) tolerance(picture string) float64 {
	switch {
	case strings.Contains(picture, "-jpeg-"):
		return 2e-2
	case c.Backend == "torchvision":
		return 3e-3
	}
	return max(1e-5, c.Tolerance)
}

// Models of other libraries answer as in their own library, whole vectors: contract, preprocessing and activation together. The
// folder in SCONES_MODELS, which .ci/exporters/run.sh makes with fresh exporters, replaces the committed one.
func TestForeignModelsAnswerAsTheirLibrary(t *testing.T) {
	library := orttest.Library(t)
	dir := os.Getenv("SCONES_MODELS")
	if dir == "" {
		dir = filepath.Join("..", "testdata", "models")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "expected.json"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no cases in %q: %v", dir, err)
	}
	for _, file := range found {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { testForeign(t, filepath.Dir(file), library) })
	}
}

func testForeign(t *testing.T, dir, library string) {
	var c foreignCase
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	classifier := openForeign(t, dir, &c, library)
	if diff := cmp.Diff(c.Labels, classifier.Model.Labels); diff != "" {
		t.Errorf("labels (-%s +scones):\n%s", c.Library, diff)
	}
	largest := map[float64]float64{}
	for _, name := range slices.Sorted(maps.Keys(c.Answers)) {
		picture, err := os.ReadFile(filepath.Join("..", "testdata", "images", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := classifier.Classify(t.Context(), picture)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, tolerance := c.Answers[name], c.tolerance(name)
		if len(got) != len(want) {
			t.Fatalf("%s: %d probabilities, %s gives %d", name, len(got), c.Library, len(want))
		}
		for i := range want {
			off := math.Abs(float64(got[i]) - want[i])
			largest[tolerance] = max(largest[tolerance], off)
			if !(off <= tolerance) {
				t.Errorf("%s: class %d is %v, %s gives %v: off by %.2g", name, i, got[i], c.Library, want[i], off)
			}
		}
	}
	t.Logf("%s: largest differences by tolerance: %v", c.Library, largest)
}

// openForeign opens a model as classify does.
func openForeign(t *testing.T, dir string, c *foreignCase, library string) *infer.Classifier {
	t.Helper()
	var options source.Options
	if c.Input != nil {
		options.Labels, options.Activation = c.Labels, model.Softmax
		options.Input = func(base *model.Input) (*model.Input, error) {
			in := *base
			return &in, json.Unmarshal(c.Input, &in)
		}
	}
	s, err := source.Open(t.Context(), dir, options)
	if err != nil {
		t.Fatal(err)
	}
	session, err := infer.OpenSession(t.Context(), s.Model, infer.ModelFile{Path: s.Path, Data: s.Data}, infer.SessionOptions{Library: ort.Library{Path: library}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	classifier, err := infer.New(s.Model, session, preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return classifier
}
