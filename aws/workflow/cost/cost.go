// Package cost says what executions of a workflow use of what AWS charges for, and what that costs.
package cost

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/aws/price"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// A Usage is what executions use of what AWS charges for.
type Usage struct {
	// Transitions of states: each state that is entered, each further try of one, and the way to the end.
	Transitions int `json:"transitions"`
	// Requests of Lambda functions, and the time of each, rounded up to a millisecond, times its memory, in GB·ms.
	Requests       int     `json:"requests"`
	GBMilliseconds float64 `json:"gb_ms"`
}

// UsageOf reads an execution's history, of this machine or of Step Functions, for functions with a memory in MB. Step Functions' history
// has the time from the call of a function to its answer, which is a little more than what Lambda charges for.
func UsageOf(history []asl.Event, memory int) Usage {
	u := Usage{Transitions: 1}
	began := map[int64]time.Time{} // by event: when the call that it belongs to was scheduled
	states := map[int64]bool{}     // events after which a state has not called anything yet
	for _, e := range history {
		function := strings.HasPrefix(e.Type, "LambdaFunction") || strings.HasPrefix(e.Type, "Task") && e.Details != nil && e.Details.Type == "lambda"
		switch {
		case strings.HasSuffix(e.Type, "StateEntered"):
			u.Transitions++
			states[e.ID] = true
		case strings.HasSuffix(e.Type, "Scheduled"):
			if !states[e.Previous] {
				u.Transitions++ // another try
			}
			if function {
				u.Requests++
				began[e.ID] = e.Timestamp
			}
		case function && began[e.Previous] != (time.Time{}):
			start := began[e.Previous]
			if strings.HasSuffix(e.Type, "Started") {
				began[e.ID] = start
				continue
			}
			u.GBMilliseconds += math.Ceil(e.Timestamp.Sub(start).Seconds()*1000) * float64(memory) / 1024
		}
	}
	return u
}

// Prices are what a region charges, in US dollars. The free tier is left out.
type Prices struct {
	Region, Architecture          string
	Transition, Request, GBSecond price.Entry
}

// PricesOf are the prices of a region for functions of an architecture, arm64 or x86_64. An error names what the table does not have.
func PricesOf(region, architecture string) (*Prices, error) {
	p := &Prices{Region: region, Architecture: architecture}
	time := "lambda x86 time"
	if architecture == "arm64" {
		time = "lambda arm time"
	}
	for item, to := range map[string]*price.Entry{"states transition": &p.Transition, "lambda request": &p.Request, time: &p.GBSecond} {
		entry, ok := price.Find(region, item)
		if !ok {
			return nil, fmt.Errorf("there is no price of %s in %s in the table", item, region)
		}
		*to = entry
	}
	return p, nil
}

// Of is the price of a usage.
func (p *Prices) Of(u Usage) float64 {
	return float64(u.Transitions)*p.Transition.USD + float64(u.Requests)*p.Request.USD + u.GBMilliseconds/1000*p.GBSecond.USD
}

// String says where the prices come from.
func (p *Prices) String() string {
	var from []string
	for _, entry := range []price.Entry{p.Transition, p.Request, p.GBSecond} {
		if text := entry.Source + " (" + entry.Date + ")"; !slices.Contains(from, text) {
			from = append(from, text)
		}
	}
	return fmt.Sprintf("%s, %s, from %s", p.Region, p.Architecture, strings.Join(from, ", "))
}
