package cost_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/cost"
)

// TestUsageOf counts an execution with a retry, of which the last try works, in both ways to name a function: three states and the way
// to the end, and one more for the other try.
func TestUsageOf(t *testing.T) {
	for _, resource := range []string{`"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"}`, `"arn:aws:lambda:us-east-1:123456789012:function:f"`} {
		synctest.Test(t, func(t *testing.T) {
			m, err := asl.Parse([]byte(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Task","Resource":` + resource +
				`,"Retry":[{"ErrorEquals":["X"]}],"Next":"C"},"C":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true}}}`))
			if err != nil {
				t.Fatal(err)
			}
			calls := 0
			e, err := m.Run(t.Context(), []byte(`{}`), asl.Options{Task: func(context.Context, asl.Call) (any, error) {
				time.Sleep(99*time.Millisecond + time.Microsecond) // charged as 100
				if calls++; calls == 1 {
					return nil, &asl.Error{Name: "X"}
				}
				return map[string]any{}, nil
			}})
			if err != nil || e.Status != asl.Succeeded {
				t.Fatalf("%v %v", err, e.Error)
			}
			want := cost.Usage{Transitions: 5, Requests: 2, GBMilliseconds: 2 * 100 * 0.5}
			if got := cost.UsageOf(e.History, 512); got != want {
				t.Errorf("%s: %+v, want %+v", resource, got, want)
			}
			// A history that was written and read again says the same, but for the fraction of a millisecond that it does not have.
			data, err := json.Marshal(asl.History{Events: e.History})
			if err != nil {
				t.Fatal(err)
			}
			var read asl.History
			if err := json.Unmarshal(data, &read); err != nil {
				t.Fatal(err)
			}
			if got := cost.UsageOf(read.Events, 512); got.Transitions != 5 || got.Requests != 2 || math.Abs(got.GBMilliseconds-100) > 1 {
				t.Errorf("%s, read again: %+v", resource, got)
			}
		})
	}
}

// TestPrices compares a price with one computed by hand from the published tables.
func TestPrices(t *testing.T) {
	u := cost.Usage{Transitions: 4000, Requests: 3000, GBMilliseconds: 600_000}
	for architecture, want := range map[string]float64{"arm64": 0.1 + 0.0006 + 0.00800004, "x86_64": 0.1 + 0.0006 + 0.01000002} {
		p, err := cost.PricesOf("us-east-1", architecture)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Of(u); math.Abs(got-want) > 1e-9 || !strings.Contains(p.String(), "us-east-1, "+architecture+", from aws.amazon.com/step-functions/pricing (") {
			t.Errorf("%s: $%v, want $%v; %s", architecture, got, want, p)
		}
	}
	if _, err := cost.PricesOf("mars-north-1", "arm64"); err == nil {
		t.Error("mars has prices")
	}
}
