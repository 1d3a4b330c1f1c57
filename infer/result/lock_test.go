package result_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/infer/result"
)

// TestOneWriter opens a file that is being written, in each way; the rows of the first must come out whole.
func TestOneWriter(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	meta := newMeta(result.CSV)
	f, err := result.Create(out, meta, false)
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*result.File, error){
		"create":    func() (*result.File, error) { return result.Create(out, meta, false) },
		"overwrite": func() (*result.File, error) { return result.Create(out, meta, true) },
		"resume":    func() (*result.File, error) { return result.Resume(out, meta) },
	} {
		if _, err := open(); !errors.Is(err, result.ErrInUse) {
			t.Errorf("%s: got error %v, want ErrInUse", name, err)
		}
	}
	finish(t, f, meta)
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v (%v), want the rows and their meta", entries, err)
	}
	again, err := result.Create(out, meta, false)
	if err != nil {
		t.Fatalf("create after the first run ended: %v", err)
	}
	finish(t, again, meta)
}

// TestResumeOfCompleteFile resumes a complete file and adds nothing, as when the folder has changed since.
func TestResumeOfCompleteFile(t *testing.T) {
	for _, format := range []result.Format{result.CSV, result.JSONL, result.Parquet} {
		t.Run(string(format), func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out."+string(format))
			meta := newMeta(format)
			f, err := result.Create(out, meta, false)
			if err != nil {
				t.Fatal(err)
			}
			finish(t, f, meta)
			want, wantMeta := read(t, out), read(t, result.MetaPath(out))
			if f, err = result.Resume(out, meta); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if got := read(t, out); !bytes.Equal(got, want) {
				t.Errorf("the rows are now %q, were %q", got, want)
			}
			if got := read(t, result.MetaPath(out)); !bytes.Equal(got, wantMeta) {
				t.Errorf("the meta is now %s, was %s", got, wantMeta)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
				t.Errorf("the folder holds %v (%v)", entries, err)
			}
		})
	}
}
