package capture_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/capture"
)

func parsed(t *testing.T) *capture.Record {
	t.Helper()
	r, err := capture.Parse([]byte(picture))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// uuids are random; they are cut out of names before these are compared.
var uuids = regexp.MustCompile(`-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.jsonl$`)

// lines counts the lines of each file under a folder.
func lines(t *testing.T, root string) map[string]int {
	t.Helper()
	found := map[string]int{}
	err := filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if strings.ReplaceAll(string(data), picture, "") != "" {
			t.Errorf("%s holds something else than whole lines", name)
		}
		relative, _ := filepath.Rel(root, name)
		found[uuids.ReplaceAllString(filepath.ToSlash(relative), "-UUID")] = strings.Count(string(data), "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWriterLaysFilesOutAsSageMakerDoes(t *testing.T) {
	root := t.TempDir()
	var finished []string
	w, err := capture.NewWriter(capture.WriterOptions{Dir: filepath.Join(root, "new"), Endpoint: "image-classification-2024-10-15-12-46-27-184",
		Finished: func(name string) { finished = append(finished, uuids.ReplaceAllString(name, "-UUID")) }})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2024, 10, 15, 14, 5, 12, 996e6, time.UTC)
	for _, after := range []time.Duration{0, 59 * time.Second, 71 * time.Second, 55 * time.Minute, 55*time.Minute + time.Millisecond} {
		if err := w.Write(parsed(t), start.Add(after).In(time.FixedZone("", 3600))); err != nil {
			t.Fatal(err)
		}
	}
	// 14:59:50 and 15:00:10 are within a minute, yet an hour's folder holds that hour's records.
	for _, at := range []time.Time{start.Add(54*time.Minute + 37*time.Second), start.Add(54*time.Minute + 57*time.Second)} {
		if err := w.Write(parsed(t), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(parsed(t), start); !errors.Is(err, capture.ErrClosed) {
		t.Errorf("Write after Close: %v, want ErrClosed", err)
	}
	const folder = "image-classification-2024-10-15-12-46-27-184/AllTraffic/2024/10/15/"
	want := map[string]int{
		folder + "14/05-12-996-UUID": 2, folder + "14/06-23-996-UUID": 1, folder + "15/00-12-996-UUID": 2,
		folder + "14/59-49-996-UUID": 1, folder + "15/00-09-996-UUID": 1,
	}
	if diff := cmp.Diff(want, lines(t, filepath.Join(root, "new"))); diff != "" {
		t.Error(diff)
	}
	order := []string{folder + "14/05-12-996-UUID", folder + "14/06-23-996-UUID", folder + "15/00-12-996-UUID", folder + "14/59-49-996-UUID", folder + "15/00-09-996-UUID"}
	if diff := cmp.Diff(order, finished); diff != "" {
		t.Error(diff)
	}
}

// TestWriterFinishesAFileWithoutAnotherRecord waits a minute of the test's own clock.
func TestWriterFinishesAFileWithoutAnotherRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var finished atomic.Int32
		w, err := capture.NewWriter(capture.WriterOptions{Dir: t.TempDir(), Endpoint: "e", Variant: "v", Finished: func(string) { finished.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(parsed(t), time.Now()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(capture.Roll - time.Millisecond)
		synctest.Wait()
		if n := finished.Load(); n != 0 {
			t.Errorf("%d files finished before the minute is over, want 0", n)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := finished.Load(); n != 1 {
			t.Errorf("%d files finished after a minute, want 1", n)
		}
		if err := w.Close(); err != nil || finished.Load() != 1 {
			t.Errorf("Close: %v, %d files finished, want 1", err, finished.Load())
		}
	})
}

func TestWriterIsSafeForConcurrentUse(t *testing.T) {
	root := t.TempDir()
	w, err := capture.NewWriter(capture.WriterOptions{Dir: root, Endpoint: "e"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 10, 15, 14, 5, 12, 0, time.UTC)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if err := w.Write(parsed(t), at); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"e/AllTraffic/2024/10/15/14/05-12-000-UUID": 400}, lines(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestWriterRefusesNamesThatArePaths(t *testing.T) {
	for _, name := range []string{"", "..", "a/b", `a\b`, "-a", "a-", strings.Repeat("a", 64)} {
		if _, err := capture.NewWriter(capture.WriterOptions{Dir: t.TempDir(), Endpoint: name}); err == nil {
			t.Errorf("endpoint %q was taken", name)
		}
	}
}
