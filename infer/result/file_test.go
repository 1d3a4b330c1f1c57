package result_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// results are answers whose text is awkward in every format: quotes, commas, line breaks, bytes that are not UTF-8, tiny scores.
var results = []infer.Result{
	answer("a.png", 0.9388836622238159),
	answer("b, \"c\".png", 1.8984535472554853e-06),
	{Name: "bad\n.png", Err: &preprocess.ImageError{Code: preprocess.CodeTruncated, Err: errors.New("the file ends, \"early\"")}},
	answer("not utf-8 \xff\xfe.png", 1),
	answer("carriage\r\nreturn.png", 0),
	answer("schön & <gut>.png", 0.33333334),
}

func answer(name string, p float32) infer.Result {
	return infer.Result{Name: name, Width: 32, Height: 24, Scores: []float32{p, 1 - p},
		Top: []model.Class{{Index: 0, Label: "bicycle", Score: p}, {Index: 1, Label: "motorcycle, fast", Score: 1 - p}}}
}

func images(results []infer.Result) iter.Seq2[preprocess.Image, error] {
	return func(yield func(preprocess.Image, error) bool) {
		for _, r := range results {
			if !yield(preprocess.Image{Name: r.Name}, nil) {
				return
			}
		}
	}
}

func newMeta(f result.Format) result.Meta {
	return result.Meta{Format: f, Model: "m.onnx", ModelSHA: "aa", Contract: "bb", Runtime: "onnxruntime 1.24.4", Device: "cpu",
		Decoder: "go", Columns: result.Columns{TopK: 0, Threshold: new(0.93)}, Sources: []string{"photos"}}
}

// finish writes the results that a file has no row of yet, as classify does.
func finish(t *testing.T, f *result.File, meta result.Meta) {
	t.Helper()
	rest, byName := 0, map[string]infer.Result{}
	for _, r := range results {
		byName[r.Name] = r
	}
	for image, err := range f.Rest(t.Context(), images(results)) {
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Write(result.New(byName[image.Name], meta.Columns)); err != nil {
			t.Fatal(err)
		}
		rest++
	}
	if f.Kept()+rest != len(results) {
		t.Errorf("%d rows kept and %d written, want %d in all", f.Kept(), rest, len(results))
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
}

// TestResumeFromEveryByte cuts a finished file behind each of its bytes, as a kill can, and resumes.
func TestResumeFromEveryByte(t *testing.T) {
	for _, format := range []result.Format{result.CSV, result.JSONL, result.Parquet} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel() // they wait for the disk
			out := filepath.Join(t.TempDir(), "out."+string(format))
			meta := newMeta(format)
			f, err := result.Create(out, meta, false)
			if err != nil {
				t.Fatal(err)
			}
			finish(t, f, meta)
			want, wantMeta := read(t, out), read(t, result.MetaPath(out))

			// What a killed run leaves is a prefix of its stream: the file, or Parquet's journal, which holds JSON lines.
			stream, whole := out, want
			if format == result.Parquet {
				stream, whole = out+".journal", journalBytes(t)
			}
			step := 1
			if format == result.Parquet {
				step = 13 // each step writes a whole file to disk
			}
			for n := 0; n <= len(whole); n += step {
				unfinished(t, out, stream, whole[:n], meta)
				f, err := result.Resume(out, meta)
				if err != nil {
					t.Fatalf("resume after %d bytes: %v", n, err)
				}
				finish(t, f, meta)
				if got := read(t, out); !bytes.Equal(got, want) {
					t.Fatalf("resumed after %d bytes:\n%q\nwant\n%q", n, got, want)
				}
				if got := read(t, result.MetaPath(out)); !bytes.Equal(got, wantMeta) {
					t.Fatalf("meta after %d bytes:\n%s\nwant\n%s", n, got, wantMeta)
				}
				if _, err := os.Stat(out + ".journal"); err == nil {
					t.Fatalf("the journal is still there after %d bytes", n)
				}
			}
		})
	}
}

// unfinished lays out what a run leaves that was killed after it wrote these bytes.
func unfinished(t *testing.T, out, stream string, written []byte, meta result.Meta) {
	t.Helper()
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	meta.Version = result.MetaVersion
	if err := meta.Write(out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stream, written, 0o644); err != nil {
		t.Fatal(err)
	}
}

func journalBytes(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	columns := newMeta(result.JSONL).Columns
	w, err := result.NewWriter(result.JSONL, &buf, columns, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if err := w.Write(result.New(r, columns)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestParquetReadsBackExactly(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.parquet")
	meta := newMeta(result.Parquet)
	f, err := result.Create(out, meta, false)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, f, meta)
	got, err := parquet.ReadFile[result.Row](out)
	if err != nil {
		t.Fatal(err)
	}
	var want []result.Row
	for _, r := range results {
		want = append(want, result.New(r, meta.Columns))
	}
	want[2].TopK = []model.Class{}              // Parquet lists are never null here
	want[3].Path = "not utf-8 \ufffd\ufffd.png" // Parquet strings are UTF-8
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func TestResumeRefusesAnotherRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	meta := newMeta(result.CSV)
	f, err := result.Create(out, meta, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(result.New(results[0], meta.Columns)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*result.Meta){
		"model":       func(m *result.Meta) { m.ModelSHA = "cc" },
		"contract":    func(m *result.Meta) { m.Contract = "cc" },
		"runtime":     func(m *result.Meta) { m.Runtime = "onnxruntime 2" },
		"device":      func(m *result.Meta) { m.Device = "cuda" },
		"decoder":     func(m *result.Meta) { m.Decoder = "libjpeg-turbo" },
		"--threshold": func(m *result.Meta) { m.Threshold = nil },
		"--top-k":     func(m *result.Meta) { m.TopK = 3 },
	} {
		other := meta
		change(&other)
		_, err := result.Resume(out, other)
		if !errors.Is(err, result.ErrDiffers) || !bytes.Contains([]byte(err.Error()), []byte(field)) {
			t.Errorf("Resume with another %s = %v, want an error that names it", field, err)
		}
	}
	if _, err := result.Create(out, meta, false); !errors.Is(err, result.ErrUnfinished) {
		t.Errorf("Create over an unfinished run = %v, want %v", err, result.ErrUnfinished)
	}

	for name, src := range map[string][]infer.Result{"another first picture": results[1:], "no picture": nil} {
		f, err := result.Resume(out, meta)
		if err != nil {
			t.Fatal(err)
		}
		var last error
		for _, err := range f.Rest(t.Context(), images(src)) {
			last = err
		}
		if !errors.Is(last, result.ErrDiffers) {
			t.Errorf("%s: error %v, want %v", name, last, result.ErrDiffers)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestScoresReadBack(t *testing.T) {
	for _, score := range []float32{0, 1, 0.1, 1e-45, 1.1754944e-38, 0.33333334, 0.99999994, 4.07068437198177e-05} {
		var back float32
		if _, err := fmt.Sscan(result.FormatScore(score), &back); err != nil || back != score {
			t.Errorf("FormatScore(%v) = %s, which reads back as %v, %v", score, result.FormatScore(score), back, err)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
