package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"testing"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/evaluate/figure"
)

// TestFiguresOfAnyReport draws ordinary and degenerate reports: one picture, all right, many classes.
func TestFiguresOfAnyReport(t *testing.T) {
	for _, c := range []struct{ n, classes, wrong int }{{1, 1, 0}, {1, 2, 1}, {30, 2, 0}, {200, 9, 40}, {200, 60, 20}, {200, 101, 20}} {
		set := &evaluate.Set{}
		for i := range c.classes {
			set.Labels = append(set.Labels, fmt.Sprintf("class %d <&>", i))
		}
		for i := range c.n {
			a := evaluate.Answer{Picture: fmt.Sprint(i), Truth: i % c.classes, Predicted: i % c.classes, Score: 0.5 + float64(i)/2/float64(c.n)}
			if i < c.wrong {
				a.Predicted = (i + 1) % c.classes
			}
			set.Answers = append(set.Answers, a)
		}
		r, err := evaluate.Run(set, evaluate.Doubts{}, evaluate.Options{Threshold: 0.93, Target: 0.8})
		if err != nil {
			t.Fatal(err)
		}
		kinds := figure.Kinds(r)
		if want := 3; c.classes <= evaluate.MaxMatrix && len(kinds) != want || c.classes > evaluate.MaxMatrix && len(kinds) != 2 {
			t.Errorf("%d classes: figures %v", c.classes, kinds)
		}
		for _, kind := range kinds {
			var out bytes.Buffer
			if err := figure.Write(&out, r, kind, "png"); err != nil {
				t.Fatal(err)
			}
			m, err := png.Decode(&out)
			if err != nil {
				t.Fatal(err)
			}
			if size := m.Bounds().Size(); size.X != 800 || size.Y != 800 {
				t.Errorf("%s is %v", kind, size)
			}
			if err := figure.Write(&out, r, kind, "svg"); err != nil {
				t.Fatal(err)
			}
			tokens := xml.NewDecoder(&out)
			for {
				if _, err := tokens.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
			}
			if err := figure.Write(&out, r, kind, "bmp"); err == nil {
				t.Error("BMP is written")
			}
		}
	}
}
