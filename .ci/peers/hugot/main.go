// Command hugot classifies a folder of pictures with hugot's image classification pipeline on ONNX Runtime and writes a CSV file.
//
//	hugot LIBRARYFOLDER MODELFOLDER PICTURES OUT WORKERS BATCH
//
// The session is set up as hugot's README advises: WORKERS goroutines, one thread inside the runtime, no arena, no patterns. The
// model takes the pictures as they are, so there are no steps of preprocessing.
package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/knights-analytics/hugot"
	"github.com/knights-analytics/hugot/options"
	"github.com/knights-analytics/hugot/pipelines"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hugot:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 6 {
		return errors.New("usage: hugot LIBRARYFOLDER MODELFOLDER PICTURES OUT WORKERS BATCH")
	}
	workers, err := strconv.Atoi(args[4])
	if err != nil {
		return err
	}
	batch, err := strconv.Atoi(args[5])
	if err != nil {
		return err
	}
	session, err := hugot.NewORTSession(
		options.WithOnnxLibraryPath(args[0]),
		options.WithIntraOpNumThreads(1), options.WithInterOpNumThreads(1),
		options.WithCPUMemArena(false), options.WithMemPattern(false),
	)
	if err != nil {
		return err
	}
	defer session.Destroy()
	pipeline, err := hugot.NewPipeline(session, hugot.ImageClassificationConfig{
		ModelPath: args[1], Name: "pictures",
		Options: []hugot.ImageClassificationOption{pipelines.WithTopK(1)},
	})
	if err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(args[2], "*"))
	if err != nil {
		return err
	}
	rows, err := classify(pipeline, paths, workers, batch)
	if err != nil {
		return err
	}
	return write(args[3], paths, rows)
}

// classify gives batches of pictures to goroutines that share the pipeline.
func classify(pipeline *pipelines.ImageClassificationPipeline, paths []string, workers, batch int) ([]pipelines.ImageClassificationResult, error) {
	rows := make([]pipelines.ImageClassificationResult, len(paths))
	type job struct {
		first int
		paths []string
	}
	jobs := make(chan job)
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for j := range jobs { // goes on after an error, so that the sender is never stuck
				out, err := pipeline.RunPipeline(j.paths)
				if err != nil {
					errs[w] = err
					continue
				}
				for i, best := range out.Predictions {
					rows[j.first+i] = best[0]
				}
			}
		})
	}
	first := 0
	for part := range slices.Chunk(paths, batch) {
		jobs <- job{first, part}
		first += len(part)
	}
	close(jobs)
	group.Wait()
	return rows, errors.Join(errs...)
}

func write(path string, paths []string, rows []pipelines.ImageClassificationResult) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := csv.NewWriter(f)
	if err := out.Write([]string{"path", "label", "index", "score"}); err != nil {
		return err
	}
	for i, row := range rows {
		if err := out.Write([]string{paths[i], row.Label, strconv.Itoa(row.ClassIndex), strconv.FormatFloat(float64(row.Score), 'g', -1, 32)}); err != nil {
			return err
		}
	}
	out.Flush()
	return errors.Join(out.Error(), f.Close())
}
