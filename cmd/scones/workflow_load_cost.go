package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/price"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/cost"
	"github.com/scones-unlimited/scones/infer/load"
)

// A loadMeter adds up what executions use. It is safe for concurrent use.
type loadMeter struct {
	prices   *cost.Prices
	unknown  error // why there are none
	memory   int
	endpoint *plan.Price // nil where --instance is not given
	measured string      // where
	mu       sync.Mutex
	usage    cost.Usage
	count    int
}

func newLoadMeter(c *cli.Context, region, measured string) (*loadMeter, error) {
	m := &loadMeter{memory: c.Int("memory"), measured: measured}
	m.prices, m.unknown = cost.PricesOf(region, c.String("architecture"))
	if text := c.String("instance"); text != "" {
		instance, times, several := strings.Cut(text, "*")
		count := 1
		if n, err := strconv.Atoi(times); several && (err != nil || n < 1) {
			return nil, &usageError{fmt.Sprintf("--instance %s: want TYPE or TYPE*COUNT", text), "--instance ml.m5.large*2"}
		} else if several {
			count = n
		}
		p := price.Hourly(region, "hosting "+instance, float64(count))
		if p.Unknown != "" {
			return nil, &hintedError{fmt.Errorf("--instance %s: %s", text, p.Unknown), "leave it out: endpoint hours are counted without a price"}
		}
		m.endpoint = &p
	}
	return m, nil
}

// add counts an execution and returns its price.
func (m *loadMeter) add(history []asl.Event) float64 {
	u := cost.UsageOf(history, m.memory)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	m.usage.Transitions += u.Transitions
	m.usage.Requests += u.Requests
	m.usage.GBMilliseconds += u.GBMilliseconds
	return m.price(u)
}

func (m *loadMeter) price(u cost.Usage) float64 {
	if m.prices == nil {
		return 0
	}
	return m.prices.Of(u)
}

// guess is an execution that nothing is known of yet: the seed's three states, each function a fifth of a second.
func (m *loadMeter) guess() cost.Usage {
	return cost.Usage{Transitions: 4, Requests: 3, GBMilliseconds: 3 * 200 * float64(m.memory) / 1024}
}

// estimate is the price of one execution by those that were counted.
func (m *loadMeter) estimate() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == 0 {
		return m.price(m.guess())
	}
	return m.price(m.usage) / float64(m.count)
}

// affordable refuses a load of n executions that is expected to exceed its budget, or whose price nobody knows.
func (m *loadMeter) affordable(budget float64, n int) (sameBudget, each float64, err error) {
	if m.prices == nil {
		return 0, 0, &hintedError{fmt.Errorf("a budget cannot be kept: %w", m.unknown), "run it in a region whose prices are known, such as us-east-1"}
	}
	each = m.estimate()
	if price := each * float64(n); price > budget {
		return 0, 0, &hintedError{fmt.Errorf("this load would cost about $%.2f, the budget is $%.2f", price, budget), "a lower --rate, a shorter --for, or a larger --budget"}
	}
	return budget, each, nil
}

// A loadCost is what 1,000 executions cost in the cloud, in USD.
type loadCost struct {
	cost.Usage
	TransitionsUSD float64 `json:"transitions_usd"`
	RequestsUSD    float64 `json:"requests_usd"`
	GBSecondsUSD   float64 `json:"gb_seconds_usd"`
	// Hours of the endpoint while 1,000 executions ended at the rate that was reached; its price is absent where it was not given.
	EndpointHours float64 `json:"endpoint_hours"`
	EndpointUSD   float64 `json:"endpoint_usd,omitempty"`
	TotalUSD      float64 `json:"total_usd"`
	Measured      string  `json:"measured"`
	Prices        string  `json:"prices"`
}

// cost is nil where nothing ended or the prices are not known.
func (m *loadMeter) cost(r *load.Report) *loadCost {
	if m.prices == nil || m.count == 0 {
		return nil
	}
	each := 1000 / float64(m.count)
	k := &loadCost{Measured: m.measured, Prices: m.prices.String()}
	k.Transitions, k.Requests = int(float64(m.usage.Transitions)*each+0.5), int(float64(m.usage.Requests)*each+0.5)
	k.GBMilliseconds = m.usage.GBMilliseconds * each
	k.TransitionsUSD, k.RequestsUSD = float64(k.Transitions)*m.prices.Transition.USD, float64(k.Requests)*m.prices.Request.USD
	k.GBSecondsUSD = k.GBMilliseconds / 1000 * m.prices.GBSecond.USD
	if r.PerSecond > 0 {
		k.EndpointHours = 1000 / r.PerSecond / 3600
		if m.endpoint != nil {
			k.EndpointUSD = k.EndpointHours * m.endpoint.Hourly
			k.Prices += fmt.Sprintf(", %s (%s)", m.endpoint.Source, m.endpoint.Date)
		}
	}
	k.TotalUSD = k.TransitionsUSD + k.RequestsUSD + k.GBSecondsUSD + k.EndpointUSD
	return k
}

// loadReportTable prints a report for people.
func loadReportTable(out io.Writer, r *load.Report, k *loadCost) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\n%v for %v s, %s, seed %d\n\n", printable(r.Target), r.Rate, r.Seconds, counted(r.Inputs, "picture"), r.Seed)
	share := func(what string, n int) {
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\n", what, n, 100*float64(n)/float64(max(r.Started, 1)))
	}
	fmt.Fprintf(w, "started\t%d\tof %d\n", r.Started, r.Planned)
	share("succeeded", r.Succeeded)
	share("below threshold", r.BelowThreshold)
	share("failed", r.Failed)
	for _, name := range r.ErrorNames() {
		share("  "+printable(name), r.Errors[name])
	}
	for _, left := range []struct {
		what string
		n    int
		why  string
	}{{"refused", r.Refused, r.FirstRefusal}, {"found no room", r.Unsent, "raise --in-flight if the target can take more"}, {"not started", r.NotDue, r.Stopped}} {
		if left.n > 0 {
			fmt.Fprintf(w, "%s\t%d\t%s\n", left.what, left.n, printable(left.why))
		}
	}
	fmt.Fprintf(w, "ended\t%.1f/s\twhile they were started\n", r.PerSecond)
	fmt.Fprintln(w, "\nms\tp50\tp90\tp99\tmax")
	for _, line := range []struct {
		what string
		q    load.Quantiles
	}{{"from due to end", r.Latency}, {"the execution itself", r.Took}} {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.1f\n", line.what, line.q.P50, line.q.P90, line.q.P99, line.q.Max)
	}
	if k != nil {
		costTable(w, k)
	}
	return w.Flush()
}

func costTable(w io.Writer, k *loadCost) {
	fmt.Fprintf(w, "\n1,000 executions in the cloud\t\t$%.6f\n", k.TotalUSD)
	fmt.Fprintf(w, "  state transitions\t%d\t$%.6f\n", k.Transitions, k.TransitionsUSD)
	fmt.Fprintf(w, "  Lambda requests\t%d\t$%.6f\n", k.Requests, k.RequestsUSD)
	fmt.Fprintf(w, "  Lambda GB-ms\t%.0f\t$%.6f\n", k.GBMilliseconds, k.GBSecondsUSD)
	price := "priced by --instance"
	if k.EndpointUSD > 0 {
		price = fmt.Sprintf("$%.6f", k.EndpointUSD)
	}
	fmt.Fprintf(w, "  endpoint hours\t%.4f\t%s\n", k.EndpointHours, price)
	fmt.Fprintf(w, "\nLambda's time is measured %s; prices: %s\n", k.Measured, k.Prices)
}
