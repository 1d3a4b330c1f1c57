package capture_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer/capture"
)

// endless repeats a text n times without holding it.
type endless struct {
	text string
	n    int
	rest strings.Reader
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest.Len() == 0 {
		if e.n == 0 {
			return 0, io.EOF
		}
		e.n--
		e.rest.Reset(e.text)
	}
	return e.rest.Read(p)
}

// TestReaderMemoryIsThatOfARecord reads 20,000 records of 4 kB.
func TestReaderMemoryIsThatOfARecord(t *testing.T) {
	line := strings.Replace(picture, "iVBORw0KGgo=", strings.Repeat("AAAA", 1_000), 1)
	r := capture.NewReader(&endless{text: line, n: 20_000}, 0)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var first uint64
	for n := 1; ; n++ {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			if n != 20_001 {
				t.Errorf("%d records, want 20000", n-1)
			}
			break
		}
		if err != nil {
			t.Fatal(fmt.Errorf("record %d: %w", n, err))
		}
		if n == 100 {
			first = heap()
		}
	}
	if last := heap(); last > first+1<<20 {
		t.Errorf("the heap holds %d bytes behind the last record, %d behind the 100th", last, first)
	}
}
