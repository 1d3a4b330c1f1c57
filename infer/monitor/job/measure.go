package job

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/infer/monitor"
	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// fetches is how many pictures are under way from the store at once: a call takes some tens of milliseconds, a decoder less.
const fetches = 8

// measure takes the statistics of up to [Config.MaxPictures] of the rows' pictures, in an order that is drawn: where time runs out, those
// that were measured are still an even sample. It returns how many could be measured, and what was wrong with others.
func (r *run) measure(ctx context.Context, rows []monitor.Row) (int, []monitor.Cause, error) {
	var at []int
	for i := range rows {
		if strings.HasPrefix(rows[i].Place.File, "s3://") {
			at = append(at, i)
		}
	}
	draw := rand.New(rand.NewPCG(r.c.Seed, 7))
	draw.Shuffle(len(at), func(i, k int) { at[i], at[k] = at[k], at[i] })
	at = at[:min(len(at), r.c.MaxPictures)]
	reader, err := picturestats.NewReader(r.c.limits())
	if err != nil {
		return 0, nil, fail(ComparisonFailed, err)
	}
	var (
		all     sync.WaitGroup
		mu      sync.Mutex
		n       int
		causes  = map[string]*monitor.Cause{}
		todo    = make(chan int)
		decoder = make(chan struct{}, runtime.GOMAXPROCS(0)) // bounds the memory of pictures
	)
	one := func(row *monitor.Row) {
		data, err := monitor.ReadPlace(ctx, row.Place, r.fetch, r.c.limits())
		if ctx.Err() != nil {
			return
		}
		var stats picturestats.Stats
		if err == nil {
			decoder <- struct{}{}
			stats, err = reader.Stats(data)
			<-decoder
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			row.Picture = &stats
			n++
			return
		}
		code := string(preprocess.CodeOf(err))
		if causes[code] == nil {
			causes[code] = &monitor.Cause{Kind: monitor.BadPicture, Code: code, First: row.Place.Short(), Text: err.Error()}
		}
		causes[code].Count++
	}
	for range min(fetches, len(at)) {
		all.Go(func() {
			for i := range todo {
				one(&rows[i])
			}
		})
	}
	for _, i := range at {
		if ctx.Err() != nil {
			break
		}
		todo <- i
	}
	close(todo)
	all.Wait()
	var list []monitor.Cause
	for _, c := range causes {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b monitor.Cause) int { return strings.Compare(a.Code, b.Code) })
	return n, list, nil
}
