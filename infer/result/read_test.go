package result_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/infer/result"
)

// TestReadGivesWhatWasWritten reads every format back, with and without the optional fields.
func TestReadGivesWhatWasWritten(t *testing.T) {
	for _, format := range []result.Format{result.CSV, result.JSONL, result.Parquet} {
		for _, columns := range []result.Columns{{TopK: 1}, {TopK: 0, Threshold: new(0.93)}} {
			out := filepath.Join(t.TempDir(), "rows."+string(format))
			meta := newMeta(format)
			meta.Columns = columns
			f, err := result.Create(out, meta, false)
			if err != nil {
				t.Fatal(err)
			}
			finish(t, f, meta)
			var got, want []result.Row
			for row, err := range result.Read(out) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row)
			}
			for _, r := range results {
				row := result.New(r, columns)
				switch format {
				case result.CSV: // whose readers turn CR LF into LF
					row.Path = strings.ReplaceAll(row.Path, "\r\n", "\n")
				default: // JSON, which is also Parquet's journal, has no bytes that are not UTF-8
					row.Path = strings.ToValidUTF8(row.Path, "\ufffd")
					row.Path = strings.ReplaceAll(row.Path, "utf-8 \ufffd.png", "utf-8 \ufffd\ufffd.png")
				}
				want = append(want, row)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, top-k %d (-want +got):\n%s", format, columns.TopK, diff)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	const header = "path,label,index,score,width,height,error,error_text\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty.csv", "", "the header is missing"},
		{"other.csv", "file,class\na,b\n", `no column "path"`},
		{"short.csv", header + "a.png,bicycle,0\n", "wrong number of fields"},
		{"word.csv", header + "a.png,bicycle,0,high,1,1,,\n", `score is "high"`},
		{"nan.csv", header + "a.png,bicycle,0,NaN,1,1,,\n", "score NaN, want 0 to 1"},
		{"large.csv", header + "a.png,bicycle,0,1.5,1,1,,\n", "score 1.5, want 0 to 1"},
		{"none.csv", header + "a.png,bicycle,0,,1,1,,\n", "neither a score nor an error"},
		{"negative.csv", header + "a.png,bicycle,-2,0.5,1,1,,\n", "index -2"},
		{"path.csv", header + ",bicycle,0,0.5,1,1,,\n", "no path"},
		{"text.jsonl", "no json\n", "invalid character"},
		{"cut.jsonl", `{"path":"a.png","index":0,"sco`, "unexpected end"},
		{"top.jsonl", `{"path":"a.png","index":0,"score":0.5,"top_k":[{"index":0,"score":7}]}`, "class 0 with score 7"},
		{"text.parquet", "PAR1 and then nothing of the kind PAR1", "bad row"},
		{"rows.txt", "a table", "is not read back"},
		{"rows.xls", "", "cannot tell the format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), c.name)
			if err := os.WriteFile(name, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			var err error
			for _, err = range result.Read(name) {
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzRead reads files of any content: nothing may panic.
func FuzzRead(f *testing.F) {
	f.Add(0, []byte("path,label,index,score\na,b,0,0.5\n"))
	f.Add(1, []byte(`{"path":"a.png","index":0,"score":0.5}`))
	var whole bytes.Buffer
	whole.WriteString("PAR1\x00\x00\x00\x00PAR1")
	f.Add(2, whole.Bytes())
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		name := filepath.Join(dir, "rows"+[]string{".csv", ".jsonl", ".parquet"}[uint(kind)%3])
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		for row, err := range result.Read(name) {
			if err == nil && row.Path == "" {
				t.Error("a row without a path")
			}
		}
	})
}
