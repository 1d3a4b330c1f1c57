package evaluate

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash"
)

// A Sameness says in which sense two pictures are the same.
type Sameness string

// The senses, the narrowest first.
const (
	SameFile   Sameness = "same file"   // byte for byte
	SamePixels Sameness = "same pixels" // in another file
	Near       Sameness = "near"        // look the same: within [phash.Near]
	Mirrored   Sameness = "mirrored"    // look the same with left and right exchanged
)

// A Match is a picture that is there twice.
type Match struct {
	Picture string `json:"picture"`
	// Other is the picture that it is the same as: of the training pictures for a leak, else an earlier one of the same folder.
	Other    string   `json:"other"`
	Sameness Sameness `json:"sameness"`
	// Distance of their hashes, 0 to [phash.Near].
	Distance int `json:"distance"`
	// Label and OtherLabel are their true classes; empty where not known. Two labels for one picture cannot both be right.
	Label      string `json:"label,omitempty"`
	OtherLabel string `json:"other_label,omitempty"`
}

// Contradicts tells whether the two pictures have different labels.
func (m *Match) Contradicts() bool {
	return m.Label != "" && m.OtherLabel != "" && m.Label != m.OtherLabel
}

// A Print is a picture with its fingerprint and, where it is known, its label.
type Print struct {
	Picture string
	Label   string
	phash.Fingerprint
}

// maxPrints bounds the pictures that are compared: a million take 150 MB and, on two cores, some ten minutes.
const maxPrints = 1_000_000

// Prints reads the fingerprints of pictures, in their order. Those that cannot be read are failures. Done is called after each picture
// and may be nil. Errors are of the sequence or of ctx.
func Prints(ctx context.Context, images iter.Seq2[preprocess.Image, error], limits preprocess.Limits, done func()) ([]Print, []Failure, error) {
	reader, err := phash.NewReader(limits)
	if err != nil {
		return nil, nil, err
	}
	type read struct {
		print Print
		err   error
	}
	var all []*read
	work := make(chan func())
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for job := range work {
				job()
			}
		})
	}
	for image, e := range images {
		if err = e; err == nil {
			err = ctx.Err()
		}
		if err == nil && len(all) == maxPrints {
			err = fmt.Errorf("compare pictures: there are more than %d", maxPrints)
		}
		if err != nil {
			break
		}
		r := &read{print: Print{Picture: image.Name}}
		all = append(all, r)
		work <- func() { r.print.Fingerprint, r.err = reader.Fingerprint(image) }
		if done != nil {
			done()
		}
	}
	close(work)
	wg.Wait()
	if err != nil {
		return nil, nil, err
	}
	var prints []Print
	var failed []Failure
	for _, r := range all {
		if r.err != nil {
			failed = append(failed, Failure{r.print.Picture, string(preprocess.CodeOf(r.err)), r.err.Error()})
			continue
		}
		prints = append(prints, r.print)
	}
	return prints, failed, nil
}

// Duplicates names each picture that is the same as an earlier one, with the nearest of those.
func Duplicates(ctx context.Context, prints []Print) ([]Match, error) {
	return matches(ctx, prints, func(i int) []Print { return prints[:i] })
}

// Leaks names each picture that is the same as a training picture, with the nearest of those.
func Leaks(ctx context.Context, prints, train []Print) ([]Match, error) {
	return matches(ctx, prints, func(int) []Print { return train })
}

// matches compares each picture with the others that it is given, on all cores.
func matches(ctx context.Context, prints []Print, others func(int) []Print) ([]Match, error) {
	found := make([]*Match, len(prints))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(prints) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				found[i] = nearest(&prints[i], others(i))
			}
		})
	}
	wg.Wait()
	var all []Match
	for _, m := range found {
		if m != nil {
			all = append(all, *m)
		}
	}
	return all, ctx.Err()
}

// nearest finds the first of the others that is the same in the narrowest sense.
func nearest(p *Print, others []Print) *Match {
	best, distance, sense := -1, phash.Near+1, Sameness("")
	mirrored := p.Hash.Mirrored()
	for i := range others {
		o := &others[i]
		if p.File == o.File {
			best, distance, sense = i, 0, SameFile
			break
		}
		switch {
		case p.Pixels == o.Pixels:
			if sense != SamePixels {
				best, distance, sense = i, 0, SamePixels
			}
		case sense == SamePixels || p.Flat || o.Flat:
		case p.Hash.Within(o.Hash, distance-1):
			best, distance, sense = i, p.Hash.Distance(o.Hash), Near
		case mirrored.Within(o.Hash, distance-1):
			best, distance, sense = i, mirrored.Distance(o.Hash), Mirrored
		}
	}
	if best < 0 {
		return nil
	}
	return &Match{Picture: p.Picture, Other: others[best].Picture, Sameness: sense, Distance: distance, Label: p.Label, OtherLabel: others[best].Label}
}
