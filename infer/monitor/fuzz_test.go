package monitor_test

import (
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/monitor"

	"context"
)

// FuzzLoad reads any bytes under each name: it ends, counts, and gives only rows that can be used.
func FuzzLoad(f *testing.F) {
	good := record("a", "2026-01-02T03:04:05Z", scene(1), "[0.25, 0.75]")
	for _, seed := range []string{
		good, good[:300], good + good[:300] + "\n" + good, "\xff\x00{}\n" + good, strings.Replace(good, "BASE64", "CSV", 1), strings.Replace(good, "iVBOR", "!!!!!", 1),
		`[{"prefix":"s3://b/"},"a.out"]`, `{"events":[{"type":"ExecutionStarted"}]}`, `{"event_id":"x","index":0,"label":"a","confidence":0.5,"scores":[0.5]}`,
		`{"path":"a.png","label":"b","index":1,"score":0.5}`, "time,event_id,index,confidence\n,a,0,0.5\n", strings.Repeat("[", 5000), "path,label,index,score\na,b,0,0.5\n",
	} {
		f.Add(seed, uint8(0))
		f.Add(seed, uint8(1))
	}
	names := []string{"a.jsonl", "output/2026/01/02/03/a.json"}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		l, err := monitor.NewLoader(monitor.Options{MaxRecord: 64 << 10, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		file := capture.File{Name: names[int(kind)%len(names)], Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
		var files iter.Seq2[capture.File, error] = func(yield func(capture.File, error) bool) { yield(file, nil) }
		rows := 0
		for row, err := range l.Load(t.Context(), []monitor.Source{{Name: "x", Files: files}}) {
			if err != nil {
				return
			}
			rows++
			if row.Error == "" && (row.Index < 0 || !(row.Confidence >= 0 && row.Confidence <= 1) || len(row.Scores) > 0 && row.Index >= len(row.Scores)) {
				t.Errorf("row %+v", row)
			}
		}
		if s := l.Summary(); s.Rows != rows || s.Rows > s.Records {
			t.Errorf("%d rows, %+v", rows, s)
		}
	})
}
