// Package job is one run of a monitor that nobody looks at: it compares the captures of a window of time with a baseline, and leaves what
// it found where people and alarms look for it.
//
// A [Job] knows no cloud. It reads and writes through [Store], [Metrics] and [Topic], and lists captures through a function. What it leaves for a window that ends at 15:00 lies under
//
//	OUTPUT/ENDPOINT/NAME/2026/11/25/15/   report.json, report.html, statistics.json, constraint_violations.json
//	OUTPUT/ENDPOINT/NAME/sequence-SHA.json   the runs against one baseline, by its hash
//
// the first as SageMaker's Model Monitor laid out its reports.
//
// A run may be ended at any moment, may be started twice at once, and may be repeated: the sequence gives each window one number, which
// no other window gets, by conditional writes; a window that was judged is not judged again unless the [Event] says so, because a second
// look at the same rows would be one that the error rate does not know of.
package job

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/page"
	"github.com/scones-unlimited/scones/preprocess"
)

// The defaults of [Config].
const (
	DefaultEvery       = time.Hour
	DefaultDelay       = 20 * time.Minute
	DefaultMaxPictures = 2000
	DefaultMaxPixels   = 40_000_000
)

// A Config says what is compared, and where the outcome goes. Zero fields have the defaults.
type Config struct {
	// Name of the monitor and Endpoint that it watches: they are dimensions of the metrics, and folders of the output.
	Name, Endpoint string
	// Captures is the prefix as people read it; Baseline the baseline's address, Output the prefix of what is written.
	Captures, Baseline, Output string
	// Every is the interval of the runs, Window the time that each looks back, which is Every when 0.
	Every, Window time.Duration
	// Delay is how long captures may take to arrive.
	Delay time.Duration
	// Alpha is the false-alarm rate that is promised, over what Guarantee says; [drift.DefaultAlpha] when 0.
	Alpha     float64
	Guarantee Guarantee
	// MinEffect is the size below which a difference is no drift; [drift.DefaultMinEffect] when 0.
	MinEffect float64
	// Labels of the classes in order; those of the baseline when empty.
	Labels []string
	// MaxPictures bounds the pictures that are measured: of more a sample is drawn, evenly. MaxPixels bounds each.
	MaxPictures int
	MaxPixels   int64
	// Seed of everything that is drawn.
	Seed uint64
	// Spellings of the metrics; nil for none but the verdict's own.
	Spellings []Spelling
	// Robust takes Model Monitor's robust distance for the metrics of drift, else its simple one.
	Robust bool
	// Version of the program, for reports.
	Version string
}

func (c *Config) defaults() {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&c.Every, DefaultEvery)
	set(&c.Window, c.Every)
	if c.Alpha == 0 {
		c.Alpha = drift.DefaultAlpha
	}
	if c.MaxPictures == 0 {
		c.MaxPictures = DefaultMaxPictures
	}
	if c.MaxPixels == 0 {
		c.MaxPixels = DefaultMaxPixels
	}
	if c.Guarantee == "" {
		c.Guarantee = Year
	}
}

// A Job runs the same comparison for one window after the other. It is safe for concurrent use.
type Job struct {
	Config
	Store Store
	// List yields the capture files of a window.
	List func(ctx context.Context, window capture.Options) iter.Seq2[capture.File, error]
	// Range opens an object from an offset on.
	Range func(ctx context.Context, uri string, offset int64) (io.ReadCloser, error)
	// Metrics may be nil, as may Topic: then nothing is counted, nobody told.
	Metrics Metrics
	Topic   Topic
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// An Outcome is what a run came to.
type Outcome struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Verdict  drift.Verdict `json:"verdict"`
	Sentence string        `json:"sentence"`
	// Look is the run's number against its baseline; 0 where there was too little to test anything.
	Look int `json:"look"`
	// Rows of the window, and how many had their picture measured.
	Rows     int `json:"rows"`
	Pictures int `json:"pictures"`
	// Report is the address of the folder that holds the report.
	Report string `json:"report"`
	// Told says that people were told.
	Told bool `json:"told,omitempty"`
	// Before says that the window had been judged before, and nothing was done.
	Before bool `json:"judged_before,omitempty"`
}

// Run makes one run. Errors are [*Error].
func (j *Job) Run(ctx context.Context, e Event) (*Outcome, error) {
	c := j.Config
	c.defaults()
	r := &run{Job: j, c: &c, now: time.Now, silent: e.Silent, again: e.Again}
	if j.Now != nil {
		r.now = j.Now
	}
	var err error
	if r.from, r.to, err = e.window(r.now(), &c); err != nil {
		return nil, fail(EventInvalid, err)
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	if past := r.sequence.find(r.from, r.to); past != nil && !e.Again {
		o := *past
		o.Before = true
		return &o, nil
	}
	return r.judge(ctx)
}

// A run is one under way.
type run struct {
	*Job
	c             *Config
	now           func() time.Time
	from, to      time.Time
	silent, again bool
	base          *drift.Baseline
	sequence      *tracked
	problems      []page.Problem
}

// open reads the baseline, and the sequence of runs against it.
func (r *run) open(ctx context.Context) error {
	data, _, err := r.Store.Get(ctx, r.c.Baseline, drift.MaxBaselineBytes)
	if err != nil {
		return failf(BaselineUnreadable, "read the baseline %s: %w", r.c.Baseline, err)
	}
	if r.base, err = drift.ReadBaseline(bytes.NewReader(data)); err != nil {
		return failf(BaselineInvalid, "read the baseline %s: %w", r.c.Baseline, err)
	}
	digest := drift.Digest(&r.base.Sample)
	r.sequence = &tracked{store: r.Store, uri: r.folder() + "sequence-" + digest[:12] + ".json", baseline: digest}
	return r.sequence.read(ctx)
}

// judge compares the window, and leaves what was found.
func (r *run) judge(ctx context.Context) (*Outcome, error) {
	window, rows, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	o := &Outcome{From: r.from, To: r.to}
	if testable(r.base, window) {
		if o.Look, err = r.sequence.claim(ctx, r.c, rows, window.Seen(), r.now()); err != nil {
			return nil, err
		}
	}
	report, err := drift.Run(r.base, window, drift.Options{Level: r.c.level(o.Look), MinEffect: r.c.MinEffect, Seed: r.c.Seed})
	if err != nil {
		return nil, failf(ComparisonFailed, "compare the window with the baseline: %w", err)
	}
	pictures, done := measured(window)
	report.Scones = r.c.Version
	report.Notes = append(report.Notes, r.c.notes(o.Look)...)
	if done < pictures {
		report.Notes = append(report.Notes, fmt.Sprintf("%d of %d pictures were measured, drawn evenly with seed %d", done, pictures, r.c.Seed))
	}
	statistics := r.constraints(report, window, done < pictures)
	o.Verdict, o.Sentence, o.Rows, o.Pictures, o.Report = report.Verdict, report.Sentence, report.Window.Rows, done, r.place(o)
	if err := r.write(ctx, o.Report, report, statistics); err != nil {
		return nil, err
	}
	if err := r.publish(ctx, report, o); err != nil {
		return nil, err
	}
	if err := r.sequence.finish(ctx, rows, report, o, r.now()); err != nil {
		return nil, err
	}
	return o, nil
}

// limits of each picture.
func (c *Config) limits() preprocess.Limits { return preprocess.Limits{MaxPixels: c.MaxPixels} }
