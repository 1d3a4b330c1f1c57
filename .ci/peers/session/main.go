// Command session runs a model on ready tensors through [infer.Session] and says how fast: our side of the comparison with c_peer.c.
//
//	session LIBRARY MODEL BATCH SECONDS
//
// With 0 seconds it only loads the model, so that its memory is what runtime and weights need.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// measured is what is printed, with the fields of c_peer.c.
type measured struct {
	Pictures   int       `json:"pictures"`
	Seconds    float64   `json:"seconds"`
	CPUSeconds float64   `json:"cpu_seconds"`
	Scores     []float32 `json:"scores"` // of the first picture
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: session LIBRARY MODEL BATCH SECONDS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "session:", err)
		os.Exit(1)
	}
}

func run(library, path, batchArg, secondsArg string) error {
	batch, err := strconv.Atoi(batchArg)
	if err != nil {
		return err
	}
	limit, err := strconv.ParseFloat(secondsArg, 64)
	if err != nil {
		return err
	}
	f, err := onnx.Open(path)
	if err != nil {
		return err
	}
	m, err := f.Manifest()
	if err != nil {
		return err
	}
	ctx := context.Background()
	session, err := infer.OpenSession(ctx, m, infer.ModelFile{Path: path}, infer.SessionOptions{Library: ort.Library{Path: library}, Threads: 1})
	if err != nil {
		return err
	}
	defer session.Close()
	if limit == 0 {
		return json.NewEncoder(os.Stdout).Encode(measured{})
	}

	tensor := preprocess.NewTensor(&m.Input, batch)
	fill(tensor)
	scores := make([]float32, batch*len(m.Labels))
	for range 3 {
		if err := session.Scores(ctx, scores, tensor, batch); err != nil {
			return err
		}
	}
	var out measured
	start, cpu := time.Now(), processorSeconds()
	for out.Seconds < limit {
		if err := session.Scores(ctx, scores, tensor, batch); err != nil {
			return err
		}
		out.Pictures += batch
		out.Seconds = time.Since(start).Seconds()
	}
	out.CPUSeconds = processorSeconds() - cpu
	out.Scores = scores[:len(m.Labels)]
	return json.NewEncoder(os.Stdout).Encode(out)
}

// fill writes the sequence of bytes that c_peer.c writes.
func fill(t *preprocess.Tensor) {
	state := uint32(1)
	next := func() uint8 {
		state ^= state << 13 // xorshift32 (Marsaglia 2003)
		state ^= state >> 17
		state ^= state << 5
		return uint8(state >> 24)
	}
	for i := range t.U8 {
		t.U8[i] = next()
	}
	for i := range t.F32 {
		t.F32[i] = float32(next())
	}
}

// processorSeconds is the time that this process's threads have spent on processors.
func processorSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}
