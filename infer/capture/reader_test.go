package capture_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/capture"
)

// read lists what a stream holds: a record's event, or the code of what is wrong.
func read(r *capture.Reader) (found []string, final error) {
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		bad, ok := errors.AsType[*capture.RecordError](err)
		switch {
		case ok:
			found = append(found, fmt.Sprint(r.Line(), " ", bad.Code))
		case err != nil:
			return found, err
		default:
			found = append(found, fmt.Sprint(r.Line(), " ", record.EventMetadata.EventID[:4]))
		}
	}
}

func TestReaderGoesOnBehindADamagedLine(t *testing.T) {
	long := strings.Repeat("x", 70<<10)
	stream := "\ufeff" + picture + "\n" + long + "\n" + "{]\n" + strings.ReplaceAll(outputOnly, "\n", "\r\n") + picture[:300] + "\n" + inputOnly[:100]
	want := []string{"1 6953", "3 record-too-large", "4 not-a-record", "5 8f45", "6 truncated-record", "7 truncated-record"}
	for name, r := range map[string]io.Reader{"whole": strings.NewReader(stream), "a byte at a time": iotest.OneByteReader(strings.NewReader(stream))} {
		got, err := read(capture.NewReader(r, 1000))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	// The last line feed may be missing, and a line that is too long may be the last.
	got, err := read(capture.NewReader(strings.NewReader(strings.TrimSpace(picture)), 0))
	if diff := cmp.Diff([]string{"1 6953"}, got); diff != "" || err != nil {
		t.Errorf("without a line feed: %v %s", err, diff)
	}
	got, err = read(capture.NewReader(strings.NewReader(long), 1000))
	if diff := cmp.Diff([]string{"1 record-too-large"}, got); diff != "" || err != nil {
		t.Errorf("too long, without a line feed: %v %s", err, diff)
	}
	if _, err := read(capture.NewReader(io.MultiReader(strings.NewReader(picture), iotest.ErrReader(os.ErrDeadlineExceeded)), 0)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a stream that breaks: %v, want its error", err)
	}
}

// entries reads a folder.
func entries(ctx context.Context, root string, o capture.Options) (found []string, final error) {
	for entry, err := range capture.Read(ctx, capture.Folder(ctx, root), o) {
		if err != nil {
			return found, err
		}
		name, err := filepath.Rel(root, filepath.FromSlash(entry.Name()))
		if err != nil {
			return found, err
		}
		if bad, ok := errors.AsType[*capture.RecordError](entry.Err); ok {
			name += " " + string(bad.Code)
		}
		found = append(found, filepath.ToSlash(name))
	}
	return found, nil
}

func TestFolderOfPartitions(t *testing.T) {
	root := t.TempDir()
	at := func(clock string) string { return strings.ReplaceAll(picture, "14:05:12", clock) }
	for name, text := range map[string]string{
		"e/AllTraffic/2024/10/15/09/59-59-001-a.jsonl": at("09:59:59") + at("10:00:30"),
		"e/AllTraffic/2024/10/15/10/05-00-000-b.jsonl": at("10:05:00"),
		"e/AllTraffic/2024/10/15/14/00-00-000-c.jsonl": at("14:00:00")[:99],
		"manifest.json":         `[{"prefix":"s3://bucket/"},"a.csv"]` + "\n",
		"e/AllTraffic/note.txt": "no captures",
		".hidden/x.jsonl":       picture,
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2024, 10, 15, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		o    capture.Options
		want []string
	}{
		"all": {capture.Options{}, []string{
			"e/AllTraffic/2024/10/15/09/59-59-001-a.jsonl:1", "e/AllTraffic/2024/10/15/09/59-59-001-a.jsonl:2",
			"e/AllTraffic/2024/10/15/10/05-00-000-b.jsonl:1", "e/AllTraffic/2024/10/15/14/00-00-000-c.jsonl:1 truncated-record",
			"manifest.json:1 batch-manifest"}},
		"an hour": {capture.Options{From: day.Add(10 * time.Hour), Until: day.Add(11 * time.Hour)}, []string{
			"e/AllTraffic/2024/10/15/09/59-59-001-a.jsonl:2", "e/AllTraffic/2024/10/15/10/05-00-000-b.jsonl:1", "manifest.json:1 batch-manifest"}},
	} {
		got, err := entries(t.Context(), root, c.o)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if _, err := entries(t.Context(), filepath.Join(root, "none"), capture.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v, want ErrNotExist", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := entries(ctx, root, capture.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, want its error", err)
	}
}

// FuzzReader checks that a record that was read comes out in a line that reads as the same record.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{picture, custom, outputOnly, inputOnly, picture[:100], "[1]\n\n{}\n", "\ufeff" + picture + custom} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := capture.NewReader(bytes.NewReader(data), 4096)
		for {
			record, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				continue
			}
			_, _ = record.Picture() // neither may panic
			_, _ = record.Scores()
			line, err := record.Line()
			if err != nil {
				t.Fatalf("Line of %q: %v", data, err)
			}
			again, err := capture.Parse(line)
			if diff := cmp.Diff(record, again); diff != "" || err != nil {
				t.Fatalf("%q came back otherwise: %v %s", line, err, diff)
			}
		}
	})
}
