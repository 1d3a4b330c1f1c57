package monitor

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// fillAtOnce is how many pictures are read at once: they may lie far away.
const fillAtOnce = 8

// FillPictures measures pictures of a sample whose rows were loaded without: up to most of them, all where most is 0. They are chosen by
// seed, and in an order that is drawn, so that those measured when ctx ends are an even sample as well. Read gives a picture's bytes; it
// is called from several goroutines. What it or the decoder refuses stays missing and is counted in the sample's Skipped. Measured is how
// many have their numbers; an error is ctx's.
func FillPictures(ctx context.Context, s *drift.Sample, most int, seed uint64, reader *picturestats.Reader, read func(context.Context, Place) ([]byte, error)) (measured int, err error) {
	columns, formats := pictureColumns(s)
	var rows []int
	for i, row := range s.Rows {
		if row.Picture != "" && formats.Values[i] == "" {
			rows = append(rows, i)
		}
	}
	random := rand.New(rand.NewPCG(seed, 6))
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if most > 0 && len(rows) > most {
		rows = rows[:most]
	}
	var mu sync.Mutex
	var workers sync.WaitGroup
	decoding := make(chan struct{}, runtime.GOMAXPROCS(0)) // which bounds the memory of pictures
	next := make(chan int)
	for range min(fillAtOnce, len(rows)) {
		workers.Go(func() {
			for row := range next {
				data, err := read(ctx, ParsePlace(s.Rows[row].Picture))
				var stats picturestats.Stats
				if err == nil {
					decoding <- struct{}{}
					stats, err = reader.Stats(data)
					<-decoding
				}
				mu.Lock()
				switch {
				case err == nil:
					measured++
					formats.Values[row] = stats.Format
					for i, metric := range picturestats.Metrics {
						columns[i].Numbers[row] = metric.Of(&stats)
					}
				case ctx.Err() == nil:
					skip(s, string(BadPicture)+": "+string(preprocess.CodeOf(err)), 1)
				}
				mu.Unlock()
			}
		})
	}
feed:
	for _, row := range rows {
		select {
		case next <- row:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	return measured, ctx.Err()
}

// pictureColumns are the columns of a sample's pictures, made where they are not there.
func pictureColumns(s *drift.Sample) (numbers []*drift.Column, formats *drift.Column) {
	for _, metric := range picturestats.Metrics {
		if s.Column(metric.Name) != nil {
			continue
		}
		missing := make([]float64, len(s.Rows))
		for i := range missing {
			missing[i] = math.NaN()
		}
		s.Columns = append(s.Columns, drift.Column{Name: metric.Name, Group: drift.Pictures, Unit: metric.Unit, Numbers: missing})
	}
	if s.Column(FormatColumn) == nil {
		s.Columns = append(s.Columns, drift.Column{Name: FormatColumn, Group: drift.Pictures, Values: make([]string, len(s.Rows))})
	}
	for _, metric := range picturestats.Metrics {
		numbers = append(numbers, s.Column(metric.Name))
	}
	return numbers, s.Column(FormatColumn)
}

// skip counts records that gave nothing.
func skip(s *drift.Sample, cause string, n int) {
	if s.Skipped == nil {
		s.Skipped = map[string]int{}
	}
	s.Skipped[cause] += n
}
