package calibrate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/scones-unlimited/scones/infer/calibrate"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A sample is pictures whose classes were drawn from the softmax of logits that are then multiplied by heat: its temperature is about
// heat.
type sample struct {
	Logits [][]float64 `json:"logits"`
	Truth  []int       `json:"truth"`
}

func draw(seed uint64, pictures, classes int, heat float64) sample {
	random := rand.New(rand.NewPCG(seed, 7))
	s := sample{}
	for range pictures {
		row := make([]float64, classes)
		sum := 0.0
		for c := range row {
			row[c] = 2 * random.NormFloat64()
			sum += math.Exp(row[c])
		}
		left, truth := random.Float64()*sum, 0
		for truth < classes-1 && left > math.Exp(row[truth]) {
			left -= math.Exp(row[truth])
			truth++
		}
		for c := range row {
			row[c] *= heat * (1 + 0.2*float64(c)/float64(classes))
		}
		s.Logits, s.Truth = append(s.Logits, row), append(s.Truth, truth)
	}
	return s
}

// samples are few and many pictures, two and many classes, scores that are too sure, right and not sure enough.
func samples() []sample {
	var all []sample
	for i, s := range []struct {
		pictures, classes int
		heat              float64
	}{{20, 2, 1}, {200, 2, 3}, {1000, 2, 0.3}, {60, 3, 1}, {500, 5, 2.5}, {400, 10, 0.2}, {300, 40, 1.5}, {50, 4, 40}} {
		all = append(all, draw(uint64(i), s.pictures, s.classes, s.heat))
	}
	return all
}

// TestFitsAreScipys compares temperature, weights and biases with what scipy finds by other methods.
func TestFitsAreScipys(t *testing.T) {
	interpreter := os.Getenv("SCONES_TEST_PYTHON")
	if interpreter == "" {
		orttest.Missing(t, "sklearn", "SCONES_TEST_PYTHON does not name a Python that has scipy")
	}
	cases := samples()
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), interpreter, "testdata/reference.py")
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []struct {
		Temperature     float64
		Weights, Biases []float64
	}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(cases) {
		t.Fatalf("%d results for %d cases", len(want), len(cases))
	}
	for i, s := range cases {
		temperature, _, err := calibrate.Temperature(s.Logits, s.Truth)
		if err != nil {
			t.Fatal(err)
		}
		if off := math.Abs(temperature/want[i].Temperature - 1); !(off <= 1e-6) {
			t.Errorf("case %d: the temperature is %v, scipy finds %v", i, temperature, want[i].Temperature)
		}
		weights, biases, err := calibrate.Vector(s.Logits, s.Truth, temperature)
		if err != nil {
			t.Fatal(err)
		}
		for c := range weights {
			off := max(math.Abs(weights[c]-want[i].Weights[c])*temperature, math.Abs(biases[c]-want[i].Biases[c]))
			if !(off <= 1e-5) {
				t.Errorf("case %d, class %d: weight %v and bias %v, scipy finds %v and %v", i, c, weights[c], biases[c], want[i].Weights[c], want[i].Biases[c])
			}
		}
	}
}

// TestTemperatureIsFound draws many pictures of a known temperature: the interval must hold it.
func TestTemperatureIsFound(t *testing.T) {
	for _, heat := range []float64{0.25, 1, 4} {
		s := draw(99, 20_000, 2, heat)
		got, deviation, err := calibrate.Temperature(s.Logits, s.Truth)
		if err != nil {
			t.Fatal(err)
		}
		want := heat * 1.05 // draw gives the second class a tenth more
		if off := math.Abs(math.Log(got / want)); off > 4*deviation || deviation > 0.05 {
			t.Errorf("the temperature is %v ± %v, want %v", got, deviation*got, want)
		}
	}
}

// TestNoTemperature asks for what cannot be told.
func TestNoTemperature(t *testing.T) {
	for name, s := range map[string]sample{
		"no pictures":        {},
		"all right":          {[][]float64{{1, 0}, {0, 1}, {3, 2}}, []int{0, 1, 0}},
		"no better than not": {[][]float64{{1, 0}, {0, 1}, {1, 0}, {0, 1}}, []int{0, 0, 1, 1}},
		"classes swapped":    {[][]float64{{1, 0}, {0, 1}, {3, 2}}, []int{1, 0, 1}},
	} {
		if got, _, err := calibrate.Temperature(s.Logits, s.Truth); !errors.Is(err, calibrate.ErrPictures) {
			t.Errorf("%s: temperature %v, error %v, want %v", name, got, err, calibrate.ErrPictures)
		}
	}
}
