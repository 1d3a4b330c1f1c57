package bench

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/load"
	"github.com/scones-unlimited/scones/infer/pairs"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// Run measures one model. The share of the processor that others had meanwhile goes into m.
func Run(ctx context.Context, s *Subject, o Options, m *Machine) (ModelReport, error) {
	o.defaults(s)
	r := ModelReport{Model: s.Name, MultiplyAdds: s.MultiplyAdds, Plan: o.Plan}
	o.Say("load " + s.Name)
	alone, free, err := s.Open(ctx, 1)
	if err != nil {
		return r, err
	}
	defer free()
	whole := alone
	if o.Plan.Threads != 1 {
		var free func()
		if whole, free, err = s.Open(ctx, o.Plan.Threads); err != nil {
			return r, err
		}
		defer free()
	}
	parts, err := newPieces(alone, s.Device, o.Pictures, o.Plan.Batch)
	if err != nil {
		return r, err
	}
	watch := newOthers()
	var stages []Stages
	var quotients, used []float64
	for round := range o.Rounds {
		o.Say(fmt.Sprintf("%s: round %d of %d, each stage alone", s.Name, round+1, o.Rounds))
		cost, err := parts.measure(ctx, o.Time/8)
		if err != nil {
			return r, err
		}
		stages = append(stages, cost)
		limit := cost.limit(o.Cores, s.Device)
		if r.Count == 0 {
			r.Count = o.count(limit)
		}
		o.Say(fmt.Sprintf("%s: round %d of %d, %d pictures", s.Name, round+1, o.Rounds, r.Count))
		watch.start()
		done, err := pipeline(ctx, whole, o.Pictures, r.Count, o.Plan)
		watch.stop()
		if err != nil {
			return r, err
		}
		r.Rates, r.Failed, used = append(r.Rates, done.rate), done.failed, append(used, done.used)
		quotients = append(quotients, done.rate/limit)
	}
	r.Rate, r.Efficiency, r.Used = pairs.Median(r.Rates), pairs.Median(quotients), pairs.Median(used)
	r.Stages = medianStages(stages)
	r.Limit = r.Stages.limit(o.Cores, s.Device)
	o.Say(s.Name + ": latency")
	if r.Latency, err = latency(ctx, whole, parts.files, o.Time/2); err != nil {
		return r, err
	}
	m.OthersShare = max(m.OthersShare, watch.share)
	return r, nil
}

// count is the number of pictures that take about the wanted time at a rate.
func (o *Options) count(rate float64) int {
	if o.Count > 0 {
		return min(o.Count, maxCount)
	}
	n := int(min(rate*o.Time.Seconds(), maxCount))
	return max(n, o.Plan.Workers*o.Plan.Batch, 1)
}

// A pass is one run of the pipeline.
type pass struct {
	rate   float64 // pictures a second
	failed int
	used   float64 // microseconds of the processor a picture, all threads; 0 where the system does not tell
}

// pipeline classifies n pictures as a folder run does, rows included.
func pipeline(ctx context.Context, c *infer.Classifier, images []preprocess.Image, n int, plan infer.Plan) (pass, error) {
	var p pass
	columns := result.Columns{TopK: 1}
	rows, err := result.NewWriter(result.CSV, io.Discard, columns, true)
	if err != nil {
		return p, err
	}
	start, used := time.Now(), processTime()
	for r, err := range c.Batch(ctx, around(images, n), infer.BatchOptions{Size: plan.Batch, Workers: plan.Workers}) {
		if err != nil {
			return p, err
		}
		if r.Err != nil {
			p.failed++
		}
		if err := rows.Write(result.New(r, columns)); err != nil {
			return p, err
		}
	}
	err = rows.Flush()
	p.rate = float64(n) / time.Since(start).Seconds()
	p.used = float64((processTime() - used).Nanoseconds()) / 1e3 / float64(n)
	return p, err
}

// around yields n pictures, from the start again when they are used up.
func around(images []preprocess.Image, n int) iter.Seq2[preprocess.Image, error] {
	return func(yield func(preprocess.Image, error) bool) {
		for i := range n {
			if !yield(images[i%len(images)], nil) {
				return
			}
		}
	}
}

// maxLatencies is how many pictures the quantiles are taken of, at most.
const maxLatencies = 2000

// latency classifies pictures in memory one after the other.
func latency(ctx context.Context, c *infer.Classifier, files [][]byte, limit time.Duration) (Latency, error) {
	var took []float64
	begin := time.Now()
	for i := 0; i < maxLatencies && (i < 10 || time.Since(begin) < limit); i++ {
		start := time.Now()
		if _, err := c.Classify(ctx, files[i%len(files)]); err != nil {
			return Latency{}, err
		}
		if i > 0 { // the first makes room for itself
			took = append(took, float64(time.Since(start).Nanoseconds())/1e3)
		}
	}
	slices.Sort(took)
	return Latency{Count: len(took), P50: load.Quantile(took, 50), P90: load.Quantile(took, 90), P99: load.Quantile(took, 99)}, nil
}

func medianStages(all []Stages) Stages {
	of := func(field func(*Stages) float64) float64 {
		var values []float64
		for i := range all {
			values = append(values, field(&all[i]))
		}
		return pairs.Median(values)
	}
	return Stages{
		Read:           of(func(s *Stages) float64 { return s.Read }),
		Decode:         of(func(s *Stages) float64 { return s.Decode }),
		Resize:         of(func(s *Stages) float64 { return s.Resize }),
		Inference:      of(func(s *Stages) float64 { return s.Inference }),
		InferenceBatch: all[len(all)-1].InferenceBatch,
	}
}
