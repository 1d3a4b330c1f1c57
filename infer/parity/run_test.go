package parity_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// A fake answers by what the picture's bytes say.
type fake map[string]func() ([]float32, error)

func (f fake) Classify(_ context.Context, image []byte) ([]float32, error) {
	if answer := f[string(image)]; answer != nil {
		return answer()
	}
	return f[""]()
}

func answer(scores ...float32) func() ([]float32, error) {
	return func() ([]float32, error) { return scores, nil }
}

func fails(err error) func() ([]float32, error) {
	return func() ([]float32, error) { return nil, err }
}

// questions are asked about pictures whose bytes are their names.
func questions(names ...string) iter.Seq2[parity.Question, error] {
	return func(yield func(parity.Question, error) bool) {
		for _, name := range names {
			if !yield(parity.Question{Name: name, Image: func() ([]byte, error) { return []byte(name), nil }}, nil) {
				return
			}
		}
	}
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, strconv.Itoa(i))
	}
	return names
}

// rows runs everything and leaves the latencies out.
func rows(src iter.Seq2[parity.Question, error], local, remote parity.Classifier, concurrency int) (list []parity.Row, final error) {
	for pair, err := range parity.Run(context.Background(), src, local, remote, parity.RunOptions{Concurrency: concurrency}) {
		if err != nil {
			return list, err
		}
		pair.Row.LocalMS, pair.Row.RemoteMS = 0, 0
		list = append(list, pair.Row)
	}
	return list, nil
}

func TestRun(t *testing.T) {
	bad := &preprocess.ImageError{Code: preprocess.CodeCorrupt, Err: errors.New("broken")}
	refused := &parity.CallError{Code: parity.CodeRefused, Err: errors.New("no")}
	local := fake{"": answer(0.75, 0.25), "bad": fails(bad)}
	remote := fake{"": answer(0.75, 0.25), "flip": answer(0.25, 0.75), "refused": fails(refused), "bad": fails(refused), "three": answer(0, 0, 1)}
	got, err := rows(questions("same", "flip", "refused", "bad", "three"), local, remote, 3)
	want := []parity.Row{
		{Name: "same", Local: []float32{0.75, 0.25}, Remote: []float32{0.75, 0.25}, Margin: 0.5},
		{Name: "flip", Local: []float32{0.75, 0.25}, Remote: []float32{0.25, 0.75}, MaxDelta: 0.5, Flip: true, Margin: 0.5},
		{Name: "refused", Local: []float32{0.75, 0.25}, RemoteError: &parity.Failure{Code: "refused", Text: "no"}},
		{Name: "bad", LocalError: &parity.Failure{Code: "corrupt", Text: "broken"}, RemoteError: &parity.Failure{Code: "refused", Text: "no"}},
		{Name: "three", Local: []float32{0.75, 0.25}, Remote: []float32{0, 0, 1},
			RemoteError: &parity.Failure{Code: "other-classes", Text: "the other side answers with 3 numbers, the local model has 2 classes"}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestRunKeepsTheOrder(t *testing.T) {
	side := fake{"": answer(1)}
	got, err := rows(questions(numbered(300)...), side, side, 16)
	for i, row := range got {
		if row.Name != strconv.Itoa(i) {
			t.Fatalf("row %d is %s", i, row.Name)
		}
	}
	if len(got) != 300 || err != nil {
		t.Errorf("%d rows, %v, want 300", len(got), err)
	}
}

func TestRunEnds(t *testing.T) {
	fine := fake{"": answer(1)}
	gone := &parity.CallError{Code: parity.CodeUnavailable, Err: errors.New("connection refused")}
	denied := &parity.CallError{Code: parity.CodeDenied, Err: errors.New("no such endpoint")}
	for name, c := range map[string]struct {
		remote fake
		want   error
		rows   int
	}{
		"the other side is gone":   {fake{"": fails(gone), "0": answer(1), "1": answer(1)}, parity.ErrGone, 2},
		"one failure is a row":     {fake{"": answer(1), "7": fails(gone), "9": fails(gone)}, nil, 10},
		"failures at the end":      {fake{"": answer(1), "8": fails(gone), "9": fails(gone)}, nil, 10},
		"an error for all":         {fake{"": fails(denied)}, denied, 0},
		"every error but the last": {fake{"": fails(gone), "4": answer(1), "9": answer(1)}, nil, 10},
	} {
		got, err := rows(questions(numbered(10)...), fine, c.remote, 2)
		if !errors.Is(err, c.want) || len(got) != c.rows {
			t.Errorf("%s: %d rows and %v, want %d and %v", name, len(got), err, c.rows, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range parity.Run(ctx, questions("a"), fine, fine, parity.RunOptions{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// counting counts how often it is asked.
type counting struct {
	parity.Classifier
	asked int
}

func (c *counting) Classify(ctx context.Context, image []byte) ([]float32, error) {
	c.asked++
	return c.Classifier.Classify(ctx, image)
}

// TestFileResumes cuts a file in many places, as a killed process leaves it, and wants the same rows in the end, none asked twice.
func TestFileResumes(t *testing.T) {
	side := fake{"": answer(0.75, 0.25)}
	meta := parity.Meta{Local: "a", LocalSHA: "1", Other: "endpoint e in us-east-1"}
	pass := func(name string, resume bool) (asked int, err error) {
		file, err := parity.OpenFile(name, meta, resume, false)
		if err != nil {
			return 0, err
		}
		remote := &counting{Classifier: side}
		for pair, err := range parity.Run(t.Context(), file.Resume(questions(numbered(5)...)), side, remote, parity.RunOptions{}) {
			if err != nil {
				return remote.asked, errors.Join(err, file.Close())
			}
			pair.Row.LocalMS, pair.Row.RemoteMS = 0, 0
			if err := file.Write(&pair); err != nil {
				return remote.asked, err
			}
		}
		return remote.asked, file.Close()
	}
	name := filepath.Join(t.TempDir(), "rows.jsonl")
	if asked, err := pass(name, false); asked != 5 || err != nil {
		t.Fatalf("%d asked, %v", asked, err)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	line := len(whole) / 5
	for cut := 0; cut <= len(whole); cut += 23 {
		if err := os.WriteFile(name, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		asked, err := pass(name, true)
		got, readErr := os.ReadFile(name)
		if err != nil || readErr != nil || string(got) != string(whole) || asked != 5-cut/line {
			t.Fatalf("cut at %d: %v, %v, %d asked, want %d; file %s", cut, err, readErr, asked, 5-cut/line, got)
		}
	}
	if _, err := pass(name, false); !errors.Is(err, result.ErrUnfinished) {
		t.Errorf("without resume: %v, want ErrUnfinished", err)
	}
	meta.Other = "endpoint f in us-east-1"
	if _, err := pass(name, true); !errors.Is(err, result.ErrDiffers) {
		t.Errorf("another endpoint: %v, want ErrDiffers", err)
	}
	meta.Other = "endpoint e in us-east-1"
	file, err := parity.OpenFile(name, meta, true, false)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, err := range file.Resume(questions("x")) {
		if !errors.Is(err, result.ErrDiffers) {
			t.Errorf("other pictures: %v, want ErrDiffers", err)
		}
	}
}

func ExampleRun() {
	local, remote := fake{"": answer(0.9, 0.1)}, fake{"": answer(0.9, 0.1), "b": answer(0.4, 0.6)}
	var summary parity.Summary
	for pair, err := range parity.Run(context.Background(), questions("a", "b"), local, remote, parity.RunOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		summary.Add(&pair.Row)
	}
	r := summary.Result(parity.DefaultTolerance)
	fmt.Println(r.Verdict, r.Reason)
	// Output: FAIL 1 picture changed its label without a near tie
}
