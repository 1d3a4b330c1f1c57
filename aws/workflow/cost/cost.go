// Package cost says what executions of a workflow use of what AWS charges for, and what that costs.
package cost

import (
	"fmt"
	"math"
	"strings"
	"time"

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
	Region, Architecture string
	Transition           float64 // of one, standard workflows
	Request              float64 // of one
	GBSecond             float64
	Source, Date         string
}

// transitionPrices are US dollars for 1,000 state transitions of standard workflows, where they differ from those of us-east-1.
var transitionPrices = map[string]float64{
	"us-west-1": 0.0279, "sa-east-1": 0.0375, "us-gov-east-1": 0.03, "us-gov-west-1": 0.03, "eu-west-3": 0.0297, "ap-northeast-2": 0.0271, "ap-south-1": 0.0285,
}

// samePrices are the regions with the prices of us-east-1.
var samePrices = map[string]bool{
	"us-east-1": true, "us-east-2": true, "us-west-2": true, "ca-central-1": true, "eu-west-1": true, "eu-central-1": true, "eu-west-2": true,
	"eu-north-1": true, "ap-southeast-1": true, "ap-northeast-1": true, "ap-southeast-2": true,
}

// PricesOf are the prices of a region for functions of an architecture, arm64 or x86_64; false for regions that the table does not have.
func PricesOf(region, architecture string) (Prices, bool) {
	p := Prices{
		Region: region, Architecture: architecture, Transition: 0.025 / 1000, Request: 0.20 / 1e6, GBSecond: 0.0000133334,
		Source: "aws.amazon.com/step-functions/pricing, aws.amazon.com/lambda/pricing", Date: pricesDate,
	}
	if architecture != "arm64" {
		p.GBSecond = 0.0000166667
	}
	if price, other := transitionPrices[region]; other {
		p.Transition = price / 1000
		return p, true
	}
	return p, samePrices[region]
}

// pricesDate is when the tables above were taken.
const pricesDate = "2026-11"

// Of is the price of a usage.
func (p *Prices) Of(u Usage) float64 {
	return float64(u.Transitions)*p.Transition + float64(u.Requests)*p.Request + u.GBMilliseconds/1000*p.GBSecond
}

// String says where the prices come from.
func (p *Prices) String() string {
	return fmt.Sprintf("%s, %s, %s, from %s", p.Region, p.Architecture, p.Date, p.Source)
}
