package evaluate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// twoClasses has n pictures, of which the first wrong are taken for the other class.
func twoClasses(n, wrong int) *evaluate.Set {
	s := &evaluate.Set{Labels: []string{"bicycle", "motorcycle"}}
	for i := range n {
		a := evaluate.Answer{Picture: fmt.Sprintf("%03d.png", i), Truth: i % 2, Predicted: i % 2, Score: 0.75}
		if i < wrong {
			a.Predicted, a.Score = 1-a.Truth, 0.6
		}
		a.Scores = make([]float64, 2)
		a.Scores[a.Predicted], a.Scores[1-a.Predicted] = a.Score, 1-a.Score
		s.Answers = append(s.Answers, a)
	}
	return s
}

func TestRunCounts(t *testing.T) {
	r, err := evaluate.Run(twoClasses(20, 3), evaluate.Doubts{}, evaluate.Options{Threshold: 0.7, Worst: 4})
	check(t, err)
	if diff := cmp.Diff([][]int{{8, 2}, {1, 9}}, r.Confusion); diff != "" {
		t.Errorf("confusion (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(evaluate.NewProportion(17, 20), r.Accuracy); diff != "" {
		t.Errorf("accuracy (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]evaluate.Pair{{Truth: "bicycle", Predicted: "motorcycle", Count: 2}, {Truth: "motorcycle", Predicted: "bicycle", Count: 1}}, r.Mistakes); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if r.Threshold.Accepted != 17 || r.Threshold.Right != 17 || r.Frequent != 0.5 {
		t.Errorf("threshold %+v, most frequent class %v", r.Threshold, r.Frequent)
	}
	var worst []string
	for _, w := range r.Worst {
		worst = append(worst, w.Picture)
	}
	if diff := cmp.Diff([]string{"000.png", "001.png", "002.png", "003.png"}, worst); diff != "" {
		t.Errorf("worst (-want +got):\n%s", diff)
	}
	loss := -(17*math.Log(0.75) + 3*math.Log(0.4)) / 20
	near(t, "log loss", float64(r.LogLoss), &loss)
}

// TestRunIsDeterministic: two runs agree in every byte of their JSON.
func TestRunIsDeterministic(t *testing.T) {
	var first string
	for range 2 {
		r, err := evaluate.Run(twoClasses(200, 31), evaluate.Doubts{}, evaluate.Options{Target: 0.7, Worst: -1})
		check(t, err)
		text, err := json.Marshal(r)
		check(t, err)
		if first == "" {
			first = string(text)
		} else if first != string(text) {
			t.Error("two runs differ")
		}
		var back evaluate.Report
		check(t, json.Unmarshal(text, &back))
	}
}

// TestRunWithoutAllScores: with the best score alone the figures that need the others are missing, and the report says why.
func TestRunWithoutAllScores(t *testing.T) {
	s := twoClasses(10, 2)
	for i := range s.Answers {
		s.Answers[i].Scores = nil
	}
	r, err := evaluate.Run(s, evaluate.Doubts{}, evaluate.Options{})
	check(t, err)
	for name, n := range map[string]evaluate.Number{"log loss": r.LogLoss, "Brier": r.Brier, "ROC": r.ROCArea, "PR": r.PRArea, "top 5": r.Top5, "class": r.Classes[0].ROCArea} {
		if !n.Missing() {
			t.Errorf("%s is %v, want none", name, n)
		}
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "--top-k 0") {
		t.Errorf("notes are %q", r.Notes)
	}
	text, err := json.Marshal(r)
	check(t, err)
	if !strings.Contains(string(text), `"log_loss":null`) {
		t.Errorf("the JSON has no null: %s", text)
	}
}

func TestRunMultiLabel(t *testing.T) {
	s := twoClasses(10, 2)
	for i := range s.Answers {
		s.Answers[i].Scores[1-s.Answers[i].Predicted] = 0.5 // with a sigmoid each class has its own probability
	}
	r, err := evaluate.Run(s, evaluate.Doubts{}, evaluate.Options{})
	check(t, err)
	if !r.LogLoss.Missing() || !r.Brier.Missing() || r.ROCArea.Missing() || len(r.Notes) != 1 {
		t.Errorf("log loss %v, Brier %v, ROC %v, notes %q", r.LogLoss, r.Brier, r.ROCArea, r.Notes)
	}
}

func TestGates(t *testing.T) {
	for _, c := range []struct {
		gates  evaluate.Gates
		passed []bool
	}{
		{evaluate.Gates{}, nil},
		{evaluate.Gates{MinAccuracy: 0.9}, []bool{true}},
		{evaluate.Gates{MinAccuracy: 0.9, Strict: true}, []bool{false}}, // 90 of 100: Wilson's lower end is 0.826
		{evaluate.Gates{MinAccuracy: 0.82, Strict: true}, []bool{true}},
		{evaluate.Gates{MinAccuracy: 0.91, MaxECE: 0.5}, []bool{false, true}},
		{evaluate.Gates{MaxECE: 0.01}, []bool{false}},
	} {
		r, err := evaluate.Run(twoClasses(100, 10), evaluate.Doubts{}, evaluate.Options{Gates: c.gates})
		check(t, err)
		var passed []bool
		for _, g := range r.Gates {
			passed = append(passed, g.Passed)
		}
		if diff := cmp.Diff(c.passed, passed); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.gates, diff)
		}
	}
}

// TestLeakedPicturesOpenNoGate: with the leaked pictures the accuracy is 90 of 100, without them 0 of 10.
func TestLeakedPicturesOpenNoGate(t *testing.T) {
	s := twoClasses(100, 10)
	var found evaluate.Doubts
	for _, a := range s.Answers[10:] {
		found.Leaked = append(found.Leaked, evaluate.Match{Picture: a.Picture, Other: "train/" + a.Picture, Sameness: evaluate.SameFile})
	}
	r, err := evaluate.Run(s, found, evaluate.Options{Gates: evaluate.Gates{MinAccuracy: 0.5, MaxECE: 0.3}})
	check(t, err)
	if r.Accuracy.Right != 90 || r.Clean == nil || r.Clean.Right != 0 || r.Clean.Pictures != 10 {
		t.Errorf("accuracy %+v, without copies %+v", r.Accuracy, r.Clean)
	}
	if len(r.Gates) != 2 || r.Gates[0].Passed || r.Gates[1].Passed || r.Gates[0].Pictures != 10 {
		t.Errorf("gates %+v", r.Gates)
	}
	if kind := r.Doubts.Doubts()[0].Kind; kind != evaluate.Leakage {
		t.Errorf("the first doubt is %q, want the leakage", kind)
	}
	found.Leaked = append(found.Leaked, evaluate.Match{})
	for _, a := range s.Answers[:10] {
		found.Leaked = append(found.Leaked, evaluate.Match{Picture: a.Picture})
	}
	if _, err := evaluate.Run(s, found, evaluate.Options{Gates: evaluate.Gates{MinAccuracy: 0.5}}); !errors.Is(err, evaluate.ErrInput) {
		t.Errorf("all are leaked: the error is %v", err)
	}
}

func TestDoubtsOfAnswers(t *testing.T) {
	s := &evaluate.Set{Labels: []string{"a", "b", "never"}, Unlabelled: []string{"x.png"}, Failed: []evaluate.Failure{{Picture: "y.png", Code: "empty", Text: "no bytes"}}}
	for i := range 40 {
		a := evaluate.Answer{Picture: fmt.Sprintf("%d.png", i), Truth: 0, Predicted: 0, Score: 0.9, Scores: []float64{0.9, 0.1, 0}}
		switch {
		case i == 7: // surely wrong
			a.Predicted, a.Score, a.Scores = 1, 0.97, []float64{0.03, 0.97, 0}
		case i == 9: // hardly wrong
			a.Predicted, a.Score, a.Scores = 1, 0.55, []float64{0.45, 0.55, 0}
		case i == 11: // wrong four times over
			a.Predicted, a.Score, a.Scores = 1, 0.82, []float64{0.18, 0.82, 0}
		case i%8 == 0:
			a.Truth, a.Predicted, a.Scores = 1, 1, []float64{0.1, 0.9, 0}
		}
		s.Answers = append(s.Answers, a)
	}
	r, err := evaluate.Run(s, evaluate.Doubts{Duplicates: []evaluate.Match{
		{Picture: "1.png", Other: "0.png", Sameness: evaluate.Near, Label: "a", OtherLabel: "a"},
		{Picture: "2.png", Other: "0.png", Sameness: evaluate.SameFile, Label: "a", OtherLabel: "b"},
	}}, evaluate.Options{})
	check(t, err)
	var got []string
	for _, d := range r.Doubts.Doubts() {
		got = append(got, d.Text)
		for _, line := range r.Doubts.Lines(d.Kind) {
			got = append(got, "  "+line)
		}
	}
	want := []string{
		"1 picture is there under two labels", "  2.png = 0.png (same file), a and b",
		"1 picture is there more than once", "  1.png = 0.png (near)",
		"2 labels are contradicted by the model with confidence",
		"  7.png: labelled a, the model says b 0.9700", "  11.png: labelled a, the model says b 0.8200",
		"1 class has no picture", "  never",
		"the classes are unequal: 35 pictures of a, 5 of b",
		"1 picture has no answer and is in no figure", "  y.png: empty: no bytes",
		"1 picture has no true class and is in no figure", "  x.png",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

func TestRunRefuses(t *testing.T) {
	good := twoClasses(3, 1)
	for name, spoil := range map[string]func(*evaluate.Set){
		"no answers":    func(s *evaluate.Set) { s.Answers = nil },
		"unknown class": func(s *evaluate.Set) { s.Answers[1].Truth = 2 },
		"NaN":           func(s *evaluate.Set) { s.Answers[1].Score = math.NaN() },
		"NaN in scores": func(s *evaluate.Set) { s.Answers[1].Scores = []float64{math.NaN(), 0} },
		"scores":        func(s *evaluate.Set) { s.Answers[1].Scores = []float64{1} },
	} {
		s := *good
		s.Answers = append([]evaluate.Answer(nil), good.Answers...)
		spoil(&s)
		if _, err := evaluate.Run(&s, evaluate.Doubts{}, evaluate.Options{}); !errors.Is(err, evaluate.ErrInput) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
