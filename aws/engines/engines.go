// Package engines computes how long each way to classify many pictures takes, and what it costs: the machine that one has, SageMaker's Batch
// Transform, and a Distributed Map of Step Functions. It is arithmetic on assumptions, all of which are fields of [Assumptions]; the ones
// that matter most, the rate of a processor and the start of an instance, should be measured.
package engines

import (
	"fmt"
	"math"
	"time"

	"github.com/scones-unlimited/scones/aws/price"
	"github.com/scones-unlimited/scones/aws/transform"
	"github.com/scones-unlimited/scones/aws/workflow/cost"
)

// Assumptions are what a comparison rests on.
type Assumptions struct {
	// Rate of this machine in pictures a second, on all of its Processors; scones bench measures it. Hourly is its price in USD, 0 for one
	// that is there anyway.
	Rate       float64 `json:"pictures_per_second"`
	Processors int     `json:"processors"`
	Hourly     float64 `json:"usd_per_hour"`
	// PictureBytes is the mean size of a picture, Uplink what this machine sends to S3 in bits a second, and receives from it. InS3 tells
	// where the pictures are.
	PictureBytes int64   `json:"picture_bytes"`
	Uplink       float64 `json:"uplink_bits_per_second"`
	InS3         bool    `json:"in_s3"`
	// Region of the cloud; Instance and Instances of Batch Transform, and of the endpoint behind the map.
	Region    string `json:"region"`
	Instance  string `json:"instance"`
	Instances int    `json:"instances"`
	// Start is from asking for a transform job to its first picture, Idle how much of that is charged.
	Start time.Duration `json:"start"`
	Idle  time.Duration `json:"idle"`
	// MapStart is from starting an execution to its first picture. Concurrent child executions of BatchSize pictures run at a time, four
	// pictures of each; a picture takes Latency through its three functions, of MemoryMB each.
	MapStart   time.Duration `json:"map_start"`
	Concurrent int           `json:"concurrent"`
	BatchSize  int           `json:"batch_size"`
	Latency    time.Duration `json:"latency"`
	MemoryMB   int           `json:"memory_mb"`
}

// Defaults are what is assumed where nothing else is known: an instance is there within four minutes and charged for the last of them;
// the map's concurrency and batch are those of the definition that scones workflow definition writes; a picture is 100 kB, a line
// 100 Mbit/s.
func Defaults() Assumptions {
	return Assumptions{
		PictureBytes: 100_000, Uplink: 100e6, Region: "us-east-1", Instance: "ml.m5.xlarge", Instances: 1, Start: 4 * time.Minute, Idle: time.Minute,
		MapStart: 10 * time.Second, Concurrent: 50, BatchSize: 20, Latency: 400 * time.Millisecond, MemoryMB: 256,
	}
}

// inline is the number of pictures that a child execution has under way, as the definition says.
const inline = 4

// An Engine is a way to classify, with its time and its price as straight lines over the number of pictures.
type Engine struct {
	Name string `json:"name"`
	// Begin is before the first picture, Each is for every one, in seconds; likewise in USD.
	Begin   float64 `json:"begin_seconds"`
	Each    float64 `json:"each_seconds"`
	BeginUS float64 `json:"begin_usd"`
	EachUSD float64 `json:"each_usd"`
	// Unknown says why there is no price.
	Unknown string `json:"unknown,omitempty"`
}

// Time that so many pictures take.
func (e *Engine) Time(pictures float64) time.Duration {
	return time.Duration((e.Begin + e.Each*pictures) * float64(time.Second))
}

// USD that so many pictures cost.
func (e *Engine) USD(pictures float64) float64 { return e.BeginUS + e.EachUSD*pictures }

// Engines computes this machine, Batch Transform and the map, in that order. Errors say which assumption makes no sense.
func Engines(a Assumptions) ([]Engine, error) {
	for _, field := range []struct {
		name  string
		value float64
	}{
		{"rate", a.Rate}, {"processors", float64(a.Processors)}, {"picture size", float64(a.PictureBytes)}, {"line", a.Uplink}, {"instances", float64(a.Instances)},
		{"concurrency", float64(a.Concurrent)}, {"batch size", float64(a.BatchSize)}, {"latency", a.Latency.Seconds()}, {"memory", float64(a.MemoryMB)},
	} {
		if !(field.value > 0) || math.IsInf(field.value, 0) {
			return nil, fmt.Errorf("a %s of %v makes no sense", field.name, field.value)
		}
	}
	return []Engine{a.here(), a.transform(), a.mapped()}, nil
}

// line is the time to send or to receive a picture, in seconds.
func (a *Assumptions) line() float64 { return float64(a.PictureBytes) * 8 / a.Uplink }

// here is this machine. Pictures that lie in S3 are received while others are classified; the slower of the two counts.
func (a *Assumptions) here() Engine {
	e := Engine{Name: "this machine", Each: 1 / a.Rate}
	if a.InS3 {
		e.Each = max(e.Each, a.line())
		e.EachUSD, e.Unknown = a.requests(0, 1)
	}
	e.EachUSD += e.Each * a.Hourly / 3600
	return e
}

// instanceRate is the pictures a second of all instances: a processor there does what one does here.
func (a *Assumptions) instanceRate() float64 {
	return a.Rate / float64(a.Processors) * float64(transform.Processors(a.Instance)*a.Instances)
}

// upload is what it takes to bring a picture to S3.
func (a *Assumptions) upload() (seconds float64, puts int) {
	if a.InS3 {
		return 0, 0
	}
	return a.line(), 1
}

// requests is the price of so many requests to S3 for every picture.
func (a *Assumptions) requests(puts, gets int) (usd float64, unknown string) {
	for _, r := range []struct {
		item  string
		count int
	}{{"s3 put", puts}, {"s3 get", gets}} {
		p := price.Uses(a.Region, r.item)
		if p.UnknownUse != "" {
			unknown = p.UnknownUse
		}
		for _, rate := range p.Uses { // 1,000 requests
			usd += rate.USD / 1000 * float64(r.count)
		}
	}
	return usd, unknown
}

// transform is Batch Transform: all is uploaded before the job begins. Its instances are taken to cost what hosting costs, where the table has
// no price of their own.
func (a *Assumptions) transform() Engine {
	seconds, puts := a.upload()
	e := Engine{Name: fmt.Sprintf("batch transform, %d × %s", a.Instances, a.Instance), Begin: a.Start.Seconds(), Each: seconds + 1/a.instanceRate()}
	hourly, unknown := TransformHourly(a.Region, a.Instance, a.Instances)
	e.Unknown = unknown
	e.BeginUS = a.Idle.Hours() * hourly
	usd, unknown := a.requests(puts+1, 2) // the picture in, read; the answer written, read
	if e.Unknown == "" {
		e.Unknown = unknown
	}
	e.EachUSD = usd + hourly/3600/a.instanceRate()
	return e
}

// TransformHourly is the price of the instances of a transform job, or else of hosting on them, in USD an hour; unknown says why there is
// none.
func TransformHourly(region, instance string, count int) (usd float64, unknown string) {
	p := price.Hourly(region, "transform "+instance, float64(count))
	if p.Unknown != "" {
		p = price.Hourly(region, "hosting "+instance, float64(count))
	}
	return p.Hourly, p.Unknown
}

// mapped is the Distributed Map: four states and three functions a picture, and the endpoint while it runs. What is slower, the functions or
// the endpoint, counts.
func (a *Assumptions) mapped() Engine {
	seconds, puts := a.upload()
	functions := a.Latency.Seconds() / float64(a.Concurrent*inline)
	each := max(functions, 1/a.instanceRate())
	e := Engine{Name: fmt.Sprintf("step functions, endpoint of %d × %s", a.Instances, a.Instance), Begin: a.MapStart.Seconds(), Each: seconds + each}
	hosting := price.Hourly(a.Region, "hosting "+a.Instance, float64(a.Instances))
	e.Unknown = hosting.Unknown
	prices, err := cost.PricesOf(a.Region, "arm64")
	if err != nil {
		if e.Unknown == "" {
			e.Unknown = err.Error()
		}
		return e
	}
	usd, unknown := a.requests(puts, 1)
	if e.Unknown == "" {
		e.Unknown = unknown
	}
	// A child execution: its own start, the state that holds the inline map, and four states for every picture.
	transitions := 4 + 2/float64(a.BatchSize)
	functionTime := a.Latency.Seconds() * float64(a.MemoryMB) / 1024
	e.EachUSD = usd + transitions*prices.Transition.USD + 3*prices.Request.USD + functionTime*prices.GBSecond.USD + hosting.Hourly/3600*each
	e.BeginUS = hosting.Hourly / 3600 * a.MapStart.Seconds()
	return e
}

// From is the number of pictures from which a line is below another: 0 where it always is, +Inf where it never is.
func From(begin, each, thanBegin, thanEach float64) float64 {
	switch {
	case each < thanEach && begin <= thanBegin:
		return 0
	case each < thanEach:
		return (begin - thanBegin) / (thanEach - each)
	case begin < thanBegin && each == thanEach:
		return 0
	}
	return math.Inf(1)
}

// FasterFrom is the number of pictures from which an engine is faster than another; CheaperFrom likewise.
func (e *Engine) FasterFrom(than *Engine) float64 {
	return From(e.Begin, e.Each, than.Begin, than.Each)
}

// CheaperFrom is the number of pictures from which an engine is cheaper than another.
func (e *Engine) CheaperFrom(than *Engine) float64 {
	return From(e.BeginUS, e.EachUSD, than.BeginUS, than.EachUSD)
}
