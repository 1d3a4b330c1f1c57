package bench

import (
	"context"
	"errors"
	"time"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Subject is a model that can be run.
type Subject struct {
	// Name of the model in reports.
	Name string
	// MultiplyAdds of one picture; 0 when unknown.
	MultiplyAdds int64
	// Device that it computes on.
	Device infer.Device
	// Open loads the model with so many threads inside a call. The function that it returns frees it.
	Open func(ctx context.Context, threads int) (*infer.Classifier, func(), error)
}

// Options say what is measured and for how long. All but Pictures have defaults.
type Options struct {
	// Pictures are run in this order, again from the start when there are fewer than Count.
	Pictures []preprocess.Image
	// Count of pictures in one run of the pipeline; 0 means as many as take about Time.
	Count int
	// Time of one run of the pipeline, about; 0 means 3 s.
	Time time.Duration
	// Rounds of pieces and whole, of which the median counts; 0 means 3.
	Rounds int
	// Plan that is measured; the zero value means [infer.NewPlan]'s.
	Plan infer.Plan
	// Cores that the limit is divided among; 0 means GOMAXPROCS.
	Cores int
	// Say is called when a step begins, with what it is; it may be nil.
	Say func(step string)
}

// maxCount bounds one run of the pipeline.
const maxCount = 10_000_000

// ErrNoPicture is returned when there is no picture that could be classified.
var ErrNoPicture = errors.New("no picture can be read")

func (o *Options) defaults(s *Subject) {
	if o.Time <= 0 {
		o.Time = 3 * time.Second
	}
	if o.Rounds <= 0 {
		o.Rounds = 3
	}
	if o.Cores <= 0 {
		o.Cores = cores()
	}
	if o.Plan.Workers <= 0 {
		o.Plan = infer.NewPlan(s.MultiplyAdds, o.Cores, s.Device)
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
}
