// Command drift measures how often scones and the rules of others alarm on windows whose drift is known. By hand:
//
//	go run ./.ci/peers/drift -out work [-list FILE.lst] [-draws 100]
//	python .ci/peers/drift/evidently_peer.py work
//
// Without -list it draws pictures and a stand-in judges; with a list of pictures of the two classes, bicycles 0 and motorcycles 1, beside the
// folder of its name, the built-in model does, on the runtime that -onnxruntime names. Every rule sees the same draws: work/pool.csv has the answers, work/draws.jsonl
// which of them are in each baseline and window, work/table.json the counts so far.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg"
	_ "image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/bench"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/drifttest"
	"github.com/scones-unlimited/scones/infer/features"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

var labels = []string{"bicycle", "motorcycle"}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "drift:", err)
		os.Exit(1)
	}
}

// A drawn window: which answers are in it and in its baseline.
type drawn struct {
	Change drifttest.Change `json:"change"`
	N      int              `json:"n"`
	Base   []int            `json:"base"`
	Window []int            `json:"window"`
}

// A count of alarms by rule.
type count struct {
	Change drifttest.Change `json:"change"`
	N      int              `json:"n"`
	Draws  int              `json:"draws"`
	Alarms map[string]int   `json:"alarms"`
}

func run() error {
	list := flag.String("list", "", "list of pictures: index, class, path")
	out := flag.String("out", "drift-peers", "folder to write to")
	draws := flag.Int("draws", 100, "windows of each kind")
	baseline := flag.Int("baseline", 500, "rows of a baseline")
	threshold := flag.Float64("threshold", 0.93, "confidence that is accepted")
	library := flag.String("onnxruntime", "", "ONNX Runtime library")
	flag.Parse()
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	pool, err := newPool(*list, *library)
	if err != nil {
		return err
	}
	if err := writePool(filepath.Join(*out, "pool.csv"), pool); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(*out, "draws.jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	lines := json.NewEncoder(file)
	r := rand.New(rand.NewPCG(21, 21))
	powers := new(drift.Powers)
	var table []count
	for _, n := range []int{50, 200} {
		for _, change := range drifttest.Changes {
			c := count{change, n, *draws, map[string]int{}}
			began := time.Now()
			for range *draws {
				base, rest := pool.Deal(r, *baseline)
				d := drawn{change, n, base, pool.Draw(r, change, rest, n)}
				if err := lines.Encode(d); err != nil {
					return err
				}
				if err := judge(pool, &d, *threshold, powers, c.Alarms); err != nil {
					return err
				}
			}
			table = append(table, c)
			fmt.Printf("%3d  %-12s %v  %v a window\n", n, change, c.Alarms, (time.Since(began) / time.Duration(*draws)).Round(time.Millisecond))
		}
	}
	text, err := json.MarshalIndent(table, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*out, "table.json"), text, 0o644)
}

// judge counts the alarms of one window by every rule that is written in Go.
func judge(pool *drifttest.Pool, d *drawn, threshold float64, powers *drift.Powers, alarms map[string]int) error {
	b, err := drift.NewBaseline(pool.Sample(drifttest.Nothing, d.Base, threshold), 1)
	if err != nil {
		return err
	}
	window := pool.Sample(d.Change, d.Window, threshold)
	var report *drift.Report
	for _, rule := range []struct {
		name  string
		level drift.Level
	}{
		{"scones every 1h", drift.Every(drift.DefaultAlpha, time.Hour)},
		{"scones once", drift.Alone(drift.DefaultAlpha)},
	} {
		if report, err = drift.Run(b, window, drift.Options{Level: rule.level, Powers: powers}); err != nil {
			return err
		}
		if report.Verdict == drift.Drift {
			alarms[rule.name]++
		}
	}
	beyond := func(name string, of func(*drift.Compared) drift.Number) {
		if slices.ContainsFunc(report.Columns, func(c drift.Compared) bool { return of(&c) > 0.1 }) {
			alarms[name]++
		}
	}
	beyond("Model Monitor, Simple 0.1", func(c *drift.Compared) drift.Number { return c.Simple })
	beyond("Model Monitor, Robust 0.1", func(c *drift.Compared) drift.Number { return c.Robust })
	beyond("PSI 0.1", func(c *drift.Compared) drift.Number { return c.PSI })
	return nil
}

func newPool(list, library string) (*drifttest.Pool, error) {
	r := rand.New(rand.NewPCG(11, 11))
	var pictures, foreign []drifttest.Picture
	if list == "" {
		for i := range 2000 {
			pictures = append(pictures, drifttest.Draw(r, i%2))
		}
		for range 200 {
			foreign = append(foreign, drifttest.Draw(r, drifttest.Foreign))
		}
		return drifttest.NewPool(labels, pictures, foreign, drifttest.StandIn)
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 || fields[1] != "0" && fields[1] != "1" {
			return nil, fmt.Errorf("%q: want index, class and path", line)
		}
		m, err := open(filepath.Join(strings.TrimSuffix(list, filepath.Ext(list)), fields[2]))
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", fields[2], err)
		}
		pictures = append(pictures, drifttest.Picture{Class: int(fields[1][0] - '0'), Image: m})
	}
	textures, err := bench.Draw(bench.Small) // which are of no class
	if err != nil {
		return nil, err
	}
	for _, t := range textures {
		in, err := t.Open()
		if err != nil {
			return nil, err
		}
		m, _, err := image.Decode(in)
		if err := errors.Join(err, in.Close()); err != nil {
			return nil, err
		}
		foreign = append(foreign, drifttest.Picture{Class: drifttest.Foreign, Image: rgba(m)})
	}
	return builtinPool(pictures, foreign, library)
}

// builtinPool asks the built-in model.
func builtinPool(pictures, foreign []drifttest.Picture, library string) (*drifttest.Pool, error) {
	ctx := context.Background()
	s, err := source.Open(ctx, source.BuiltinName, source.Options{})
	if err != nil {
		return nil, err
	}
	o := infer.SessionOptions{Library: ort.Library{Path: library}}
	session, err := infer.OpenSession(ctx, s.Model, infer.ModelFile{Data: s.Data}, o)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	classifier, err := infer.New(s.Model, session, preprocess.Limits{})
	if err != nil {
		return nil, err
	}
	extractor, err := features.Open(ctx, s, o, preprocess.Limits{})
	if err != nil {
		return nil, err
	}
	defer extractor.Close()
	return drifttest.NewPool(s.Model.Labels, pictures, foreign, func(picture []byte) ([]float32, []float32, error) {
		scores, err := classifier.Classify(ctx, picture)
		if err != nil {
			return nil, nil, err
		}
		vector, err := extractor.Vector(ctx, picture)
		return scores, vector, err
	})
}

func open(name string) (*image.NRGBA, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	m, _, err := image.Decode(in)
	if err != nil {
		return nil, err
	}
	return rgba(m), nil
}

func rgba(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

// writePool writes the answers for the peers that are not written in Go: a row for each picture after each change.
func writePool(name string, p *drifttest.Pool) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	w := csv.NewWriter(file)
	header := []string{"change", "row", "label", "confidence", "score"}
	for _, m := range picturestats.Metrics {
		header = append(header, m.Name)
	}
	if err := w.Write(header); err != nil {
		return err
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	write := func(change drifttest.Change, row int) error {
		a := p.At(change, row)
		best := 0
		if a.Scores[1] > a.Scores[0] {
			best = 1
		}
		record := []string{string(change), strconv.Itoa(row), p.Labels[best], number(float64(a.Scores[best])), number(float64(a.Scores[0]))}
		for _, m := range picturestats.Metrics {
			record = append(record, number(m.Of(&a.Stats)))
		}
		return w.Write(record)
	}
	for _, change := range drifttest.Changes {
		for row := range p.Answers[change] {
			if err := write(change, row); err != nil {
				return err
			}
		}
	}
	for k := range p.Foreign {
		if err := write(drifttest.Class, -1-k); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
