package monitor_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/capture/capturetest"
	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// load reads sources by name.
func load(t *testing.T, o monitor.Options, names ...string) ([]monitor.Row, monitor.Summary) {
	t.Helper()
	rows, summary, err := tryLoad(t, o, names...)
	if err != nil {
		t.Fatal(err)
	}
	return rows, summary
}

func tryLoad(t *testing.T, o monitor.Options, names ...string) (rows []monitor.Row, s monitor.Summary, err error) {
	t.Helper()
	l, err := monitor.NewLoader(o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var sources []monitor.Source
	for _, name := range names {
		sources = append(sources, monitor.Path(t.Context(), name))
	}
	for row, err := range l.Load(t.Context(), sources) {
		if err != nil {
			return rows, l.Summary(), err
		}
		rows = append(rows, row)
	}
	return rows, l.Summary(), nil
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// record is a captured line; picture may be nil.
func record(id, at string, picture []byte, answer string) string {
	r := &capture.Record{EventMetadata: capture.Metadata{EventID: id, InferenceID: "mine", InferenceTime: at}, EventVersion: capture.Version}
	types := capture.DefaultContentTypes()
	if picture != nil {
		r.CaptureData.EndpointInput = capture.NewPayload(capture.Input, "image/png", picture, types)
	}
	r.CaptureData.EndpointOutput = capture.NewPayload(capture.Output, "application/json", []byte(answer), types)
	line, err := r.Line()
	if err != nil {
		panic(err)
	}
	return string(line)
}

func scene(seed uint64) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, phashtest.Scene(seed, 32, 24)); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// TestCapturesBecomeRows reads a folder in which a record stands twice, and every picture again from its place.
func TestCapturesBecomeRows(t *testing.T) {
	dir := t.TempDir()
	one, two := scene(1), scene(2)
	first := write(t, filepath.Join(dir, "e/AllTraffic/2026/01/02/03/a.jsonl"),
		"\ufeff"+record("a", "2026-01-02T03:04:05Z", one, "[0.25, 0.75]")+"\n"+record("b", "2026-01-02T03:04:06Z", two, "[0.5, 0.5]"))
	write(t, filepath.Join(dir, "e/AllTraffic/2026/01/02/04/b.jsonl"), record("a", "2026-01-02T03:04:05Z", one, "[0.25, 0.75]"))
	rows, s := load(t, monitor.Options{Labels: []string{"bicycle"}}, dir)
	want := []monitor.Row{
		{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), EventID: "a", InferenceID: "mine", Scores: []float32{0.25, 0.75}, Index: 1, Label: "class 1", Confidence: 0.75, Latency: monitor.NoLatency},
		{Time: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), EventID: "b", InferenceID: "mine", Scores: []float32{0.5, 0.5}, Label: "bicycle", Confidence: 0.5, Latency: monitor.NoLatency},
	}
	if diff := cmp.Diff(want, rows, cmpopts.IgnoreFields(monitor.Row{}, "Picture", "Place")); diff != "" {
		t.Error(diff)
	}
	for i, picture := range [][]byte{one, two} {
		if p := rows[i].Picture; p == nil || p.Width != 32 || p.Height != 24 || p.Bytes != len(picture) {
			t.Errorf("row %d: picture %+v", i, p)
		}
		place := monitor.ParsePlace(rows[i].Place.String())
		if place != rows[i].Place || place.File != filepath.ToSlash(first) {
			t.Errorf("place %v", place)
		}
		got, err := monitor.ReadPlace(t.Context(), place, nil, monitor.Options{}.Limits)
		if err != nil || !bytes.Equal(got, picture) {
			t.Errorf("row %d: the picture at %v: %d bytes, %v", i, place, len(got), err)
		}
	}
	s.Elapsed, s.Bytes = 0, 0
	if diff := cmp.Diff(monitor.Summary{Files: 2, Records: 3, Rows: 2, Duplicates: 1, Pictures: 2, Causes: []monitor.Cause{}, Earliest: want[0].Time, Latest: want[1].Time}, s); diff != "" {
		t.Error(diff)
	}
}

// TestDamageIsCounted reads what can go wrong with captures, each by its cause; the good records between are all there.
func TestDamageIsCounted(t *testing.T) {
	dir := t.TempDir()
	good := func(id string) string { return record(id, "2026-01-02T03:04:05Z", scene(7), "[0.25, 0.75]") }
	bad64 := strings.Replace(good("c"), base64.StdEncoding.EncodeToString(scene(7))[:8], "?*!;'\x27-\x60", 1)
	text := good("a") +
		good("x")[:200] + "\n" + // cut in the middle of a file
		"\x00\xff\xfe binary\n" + bad64 +
		`{"captureData":{"endpointOutput":{"data":"` + strings.Repeat("1", 20_000) + `"}}}` + "\n" + // too long
		`{"path":"a.png"}` + "\n" + "[1,2]\n" +
		good("d")[:100] + good("e") + // two records run into one
		record("f", "yesterday", scene(7), "[0.5, 0.5]") +
		record("g", "2026-01-02T03:04:05Z", scene(7), "<html>busy</html>") +
		record("h", "2026-01-02T03:04:05Z", []byte("no picture"), "[0.5, 0.5]") +
		record("i", "2026-01-02T03:04:05Z", scene(7), "[1.5, 0.5]") +
		`{"event_id":"","index":0,"label":""}` + "\n" + `{"path":"","label":"a"}` + "\n" +
		good("b") + good("y")[:150] // cut at the end
	write(t, filepath.Join(dir, "a.jsonl"), text)
	rows, s := load(t, monitor.Options{MaxRecord: 16 << 10}, dir)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.EventID+r.Error)
	}
	if diff := cmp.Diff([]string{"a", "c", "f", "gnot-scores", "h", "inot-scores", "b"}, ids); diff != "" {
		t.Error(diff)
	}
	got := map[string]int{}
	for _, c := range s.Causes {
		got[string(c.Kind)+" "+c.Code] = c.Count
		if c.First == "" || c.Text == "" {
			t.Errorf("cause %+v", c)
		}
	}
	want := map[string]int{
		"record truncated-record": 2, "record not-a-record": 3, "record batch-manifest": 1, "record record-too-large": 1, "picture bad-encoding": 1,
		"record bad-time": 1, "answer not-scores": 2, "picture unsupported-format": 1, "record bad-row": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s.Records != 16 {
		t.Errorf("%d records", s.Records)
	}
}

// TestWindow bounds captures by time: whole hours are not opened, records within an hour are left out.
func TestWindow(t *testing.T) {
	dir := t.TempDir()
	if err := capturetest.Folder(dir, capturetest.Options{Records: 600, Every: time.Minute}); err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 4, 30, 0, 0, time.UTC)
	rows, s := load(t, monitor.Options{From: from, Until: from.Add(time.Hour)}, dir)
	if len(rows) != 60 || s.Rows != 60 || !s.Earliest.Equal(from) || !s.Latest.Equal(from.Add(59*time.Minute)) || s.Files > 5 || s.Outside+60 != s.Records {
		t.Errorf("%d rows, %+v", len(rows), s)
	}
}

// TestTablesComeBack writes rows in every format and reads them again.
func TestTablesComeBack(t *testing.T) {
	dir := t.TempDir()
	if err := capturetest.Folder(filepath.Join(dir, "captures"), capturetest.Options{Records: 300, Side: 8}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "captures/odd.jsonl"), record("odd, \"quoted\"\n", "2026-01-02T03:04:05Z", nil, "no")+record("", "2026-01-02T03:04:05Z", scene(1), "[0.1, 0.2, 0.7]"))
	want, _ := load(t, monitor.Options{}, filepath.Join(dir, "captures"))
	want[3].Latency = 1500 * time.Microsecond
	for _, name := range []string{"t.parquet", "t.csv", "t.jsonl"} {
		name = filepath.Join(dir, name)
		table, err := monitor.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if err := table.Write(&want[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(table.Commit(), table.Close()); err != nil {
			t.Fatal(err)
		}
		got, s := load(t, monitor.Options{}, name)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff[:min(len(diff), 1500)])
		}
		if len(s.Causes) != 1 || s.Causes[0].Code != "not-scores" {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if _, err := monitor.Create(filepath.Join(dir, "t.txt")); err == nil {
		t.Error("a table for people is written")
	}
}

// TestBatchCaptures reads lists that Batch Transform leaves, and through them answers and pictures.
func TestBatchCaptures(t *testing.T) {
	dir := t.TempDir()
	objects := map[string]string{
		"s3://in/photos/a.png": string(scene(1)), "s3://in/photos/b.png": string(scene(2)),
		"s3://out/job/a.png.out": `{"prediction": [0.25, 0.75]}`, "s3://out/job/b.png.out": "[0.9, 0.1]",
	}
	write(t, filepath.Join(dir, "input/2026/01/02/03/x.json"), `[{"prefix":"s3://in/photos/"},"a.png","b.png","c.png"]`)
	write(t, filepath.Join(dir, "input/2026/01/02/03/other.json"), `[{"prefix":"s3://in/elsewhere/"},"z.png"]`)
	write(t, filepath.Join(dir, "output/2026/01/02/03/x.json"), "[\n"+`{"prefix":"s3://out/job/"},"a.png.out","b.png.out","c.png.out"]`)
	write(t, filepath.Join(dir, "output/2026/01/02/03/y.json"), `[{"prefix":"s3://out/job/"},{"prefix":"again"}]`)
	fetch := func(_ context.Context, uri string) (io.ReadCloser, error) {
		text, ok := objects[uri]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
	rows, s := load(t, monitor.Options{Fetch: fetch}, dir)
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	want := []monitor.Row{
		{Time: at, EventID: "s3://out/job/a.png.out", Scores: []float32{0.25, 0.75}, Index: 1, Label: "class 1", Confidence: 0.75, Latency: monitor.NoLatency, Place: monitor.Place{File: "s3://in/photos/a.png"}},
		{Time: at, EventID: "s3://out/job/b.png.out", Scores: []float32{0.9, 0.1}, Label: "class 0", Confidence: 0.9, Latency: monitor.NoLatency, Place: monitor.Place{File: "s3://in/photos/b.png"}},
	}
	if diff := cmp.Diff(want, rows, cmpopts.IgnoreFields(monitor.Row{}, "Picture")); diff != "" {
		t.Error(diff)
	}
	var causes []string
	for _, c := range s.Causes {
		causes = append(causes, fmt.Sprintf("%s %s %d", c.Kind, c.Code, c.Count))
	}
	if diff := cmp.Diff([]string{"file bad-manifest 1", "record no-such-file 1"}, causes); diff != "" || s.Pictures != 2 {
		t.Errorf("%d pictures, %s", s.Pictures, diff)
	}
}

// TestWhatCannotBeReadAtAll ends the run: nothing is there, or nothing of it can be read.
func TestWhatCannotBeReadAtAll(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := tryLoad(t, monitor.Options{}, filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	write(t, filepath.Join(dir, "a.parquet"), "no parquet")
	if _, s, err := tryLoad(t, monitor.Options{}, filepath.Join(dir, "a.parquet")); err == nil || s.Rows != 0 {
		t.Errorf("%v, %+v", err, s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, err := monitor.NewLoader(monitor.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, err := range l.Load(ctx, []monitor.Source{monitor.Path(ctx, dir)}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}

// TestFilesFarAway opens files that are slow to open several at a time, and yields the same rows in the same order.
func TestFilesFarAway(t *testing.T) {
	dir := t.TempDir()
	if err := capturetest.Folder(dir, capturetest.Options{Records: 300, Every: 10 * time.Minute, Side: 8}); err != nil {
		t.Fatal(err)
	}
	want, _ := load(t, monitor.Options{}, dir)
	var open, most, opened, closed atomic.Int32
	source := monitor.Path(t.Context(), dir)
	near := source.Files
	source.Far, source.Files = true, func(yield func(capture.File, error) bool) {
		for file, err := range near {
			file.Open = func(context.Context) (io.ReadCloser, error) {
				most.Store(max(most.Load(), open.Add(1)))
				defer open.Add(-1)
				time.Sleep(time.Millisecond)
				opened.Add(1)
				stream, err := os.Open(file.Name)
				return &counted{stream, &closed}, err
			}
			if !yield(file, err) {
				return
			}
		}
	}
	for _, enough := range []int{len(want) + 1, 7} { // all, and a reader that leaves early
		opened.Store(0)
		closed.Store(0)
		l, err := monitor.NewLoader(monitor.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []monitor.Row
		for row, err := range l.Load(t.Context(), []monitor.Source{source}) {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, row); len(got) == enough {
				break
			}
		}
		l.Close()
		if diff := cmp.Diff(want[:len(got)], got); diff != "" || len(got) != min(enough, len(want)) {
			t.Errorf("%d rows: %s", len(got), diff)
		}
		if opened.Load() != closed.Load() || most.Load() < 2 {
			t.Errorf("%d files were opened, %d closed, %d at once", opened.Load(), closed.Load(), most.Load())
		}
	}
}

// counted counts its closing.
type counted struct {
	io.ReadCloser
	n *atomic.Int32
}

func (c *counted) Close() error { c.n.Add(1); return c.ReadCloser.Close() }

// TestTablesOfOtherKinds are counted and end nothing.
func TestTablesOfOtherKinds(t *testing.T) {
	dir := t.TempDir()
	odd := filepath.Join(dir, "odd.parquet")
	if err := parquet.WriteFile(odd, []struct {
		EventID int `parquet:"event_id"`
		Time    string
	}{{1, "x"}, {2, "y"}}); err != nil {
		t.Fatal(err)
	}
	good := write(t, filepath.Join(dir, "good.csv"), "path,label,index,score\nnowhere.png,cat,0,0.5\n")
	cut := write(t, filepath.Join(dir, "cut.csv"), "time,event_id,index,confidence,label\n,a,0,0.5,cat\n,b,zero,0.5,cat\n,c,0,7,cat\n\"")
	rows, s := load(t, monitor.Options{}, odd, good, cut)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.EventID+" "+r.Label)
	}
	if diff := cmp.Diff([]string{" cat", "a cat"}, ids); diff != "" {
		t.Errorf("%s: %+v", diff, s.Causes)
	}
	got := map[string]int{}
	for _, c := range s.Causes {
		got[string(c.Kind)+" "+c.Code] += c.Count
	}
	if got["record bad-row"] < 3 || got["picture not-found"] != 1 {
		t.Errorf("%+v", s.Causes)
	}
}
