package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/figure"
)

// sample has labels, confidences and one measure, with times or without.
func sample(n int, seed uint64, timed bool) *drift.Sample {
	random := rand.New(rand.NewPCG(seed, 1))
	s := &drift.Sample{Threshold: 0.7, Source: "here", Columns: []drift.Column{
		{Name: drift.LabelColumn, Group: drift.Predictions, Values: []string{}},
		{Name: drift.ConfidenceColumn, Group: drift.Scores, Numbers: []float64{}},
		{Name: "Bytes / Pixel", Group: drift.Pictures, Unit: "bytes", Numbers: []float64{}},
	}}
	for i := range n {
		row := drift.Row{}
		if timed {
			row.Time = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 17 * time.Minute)
		}
		s.Rows = append(s.Rows, row)
		s.Columns[0].Values = append(s.Columns[0].Values, fmt.Sprintf("class with a long name %d", random.IntN(3)))
		s.Columns[1].Numbers = append(s.Columns[1].Numbers, 0.5+random.Float64()/2)
		value := math.NaN()
		if i%5 > 0 {
			value = random.NormFloat64() + float64(seed)/2
		}
		s.Columns[2].Numbers = append(s.Columns[2].Numbers, value)
	}
	return s
}

func TestFiguresOfAnyReport(t *testing.T) {
	for _, c := range []struct {
		n     int
		timed bool
		want  int
	}{{150, true, 6}, {150, false, 5}, {6, true, 6}, {1, true, 0}} {
		base, err := drift.NewBaseline(sample(120, 1, true), 1)
		if err != nil {
			t.Fatal(err)
		}
		r, err := drift.Run(base, sample(c.n, 2, c.timed), drift.Options{})
		if err != nil {
			t.Fatal(err)
		}
		figures := figure.Of(r)
		if c.want > 0 && len(figures) != c.want {
			t.Errorf("%d rows: %d figures, want %d", c.n, len(figures), c.want)
		}
		for _, f := range figures {
			var out bytes.Buffer
			if err := f.Write(&out, "png"); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(t.ArtifactDir(), f.Name+".png"), out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			m, err := png.Decode(&out)
			if err != nil {
				t.Fatal(err)
			}
			if size := m.Bounds().Size(); size.X != 800 && size.X != 1600 {
				t.Errorf("%s is %v", f.Name, size)
			}
			if err := f.Write(&out, "svg"); err != nil {
				t.Fatal(err)
			}
			for tokens := xml.NewDecoder(&out); ; {
				if _, err := tokens.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", f.Name, err)
				}
			}
			if err := f.Write(&out, "bmp"); err == nil {
				t.Error("BMP is written")
			}
		}
	}
}
