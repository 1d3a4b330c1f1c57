package train_test

import (
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/train"
)

// FuzzCurve reads any log. What it keeps stays in order and is bounded by what was said.
func FuzzCurve(f *testing.F) {
	f.Add(run)
	f.Add("Epoch[0] Train-accuracy=1e309\nEpoch[7] Batch [1]#011Speed: 1 samples/sec\nEpoch[3] Validation-accuracy=0.5\nClientError: x")
	f.Fuzz(func(t *testing.T, log string) {
		c := new(train.Curve)
		for line := range strings.Lines(log) {
			c.Add(strings.TrimRight(line, "\n"))
		}
		for i, e := range c.Epochs {
			if e.Number < 1 || i > 0 && e.Number <= c.Epochs[i-1].Number || e.Train != e.Train || e.Validation != e.Validation {
				t.Errorf("epoch %d is %+v", i, e)
			}
		}
		if best := c.Best(); best != nil && best.Validation < 0 {
			t.Errorf("the best is %+v", best)
		}
		if len(c.Done()) > len(c.Epochs) {
			t.Error("more epochs are done than begun")
		}
	})
}

// FuzzList reads any list. What is accepted has as many pictures as its classes together, or more columns.
func FuzzList(f *testing.F) {
	f.Add("0\t0\ta.png\n1\t1\tb.png\n")
	f.Add("0\t1\t0\ta.png\n1\t0\t1\tb.png")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := train.ReadList("x.lst", strings.NewReader(text))
		if err != nil {
			return
		}
		sum := 0
		for _, n := range l.Counts {
			sum += n
		}
		if l.Pictures < 1 || l.Classes < 1 || !l.MultiLabel && sum != l.Pictures {
			t.Errorf("ReadList(%q) = %+v", text, l)
		}
	})
}
