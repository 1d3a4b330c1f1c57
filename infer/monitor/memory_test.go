package monitor

import (
	"runtime"
	"testing"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
)

// TestMemoryStaysTheSame loads five times as many records and compares what is held at the end.
func TestMemoryStaysTheSame(t *testing.T) {
	held := func(records int) uint64 {
		dir := t.TempDir()
		if err := capturetest.Folder(dir, capturetest.Options{Records: records}); err != nil {
			t.Fatal(err)
		}
		l, err := NewLoader(Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		l.seen.most = 1000
		n := 0
		for _, err := range l.Load(t.Context(), []Source{Path(t.Context(), dir)}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if n != records {
			t.Errorf("%d rows of %d", n, records)
		}
		runtime.KeepAlive(l)
		return m.HeapAlloc
	}
	if few, many := held(4_100), held(20_100); many > few+1<<19 {
		t.Errorf("%d bytes are held after 20,100 records, %d after 4,100", many, few)
	}
}
