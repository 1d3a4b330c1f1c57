package engines_test

import (
	"math"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/engines"
)

// TestEngines computes by hand: 400 pictures a second on two processors, two instances of four, so 1,600 there.
func TestEngines(t *testing.T) {
	a := engines.Defaults()
	a.Rate, a.Processors, a.Instances = 400, 2, 2
	all, err := engines.Engines(a)
	if err != nil {
		t.Fatal(err)
	}
	here, transform, mapped := &all[0], &all[1], &all[2]
	const upload = 100_000 * 8 / 100e6
	const put, get, hosting = 0.005 / 1000, 0.0004 / 1000, 2 * 0.23
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"here", here.Each, 1 / 400.}, {"here USD", here.EachUSD, 0},
		{"transform", transform.Each, upload + 1/1600.}, {"transform begin", transform.Begin, 240},
		{"transform USD", transform.EachUSD, 2*put + 2*get + hosting/3600/1600}, {"transform begin USD", transform.BeginUS, hosting / 60},
		{"map", mapped.Each, upload + max(0.4/200, 1/1600.)}, {"map begin", mapped.Begin, 10},
		{"map USD", mapped.EachUSD, put + get + 4.1*0.025/1000 + 3*0.2/1e6 + 0.4*0.25*0.0000133334 + hosting/3600*0.002},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if n := transform.FasterFrom(here); !math.IsInf(n, 1) {
		t.Errorf("over this line batch transform is faster from %v", n) // sending takes 8 ms, classifying here 2.5
	}
	a.InS3 = true
	if all, err = engines.Engines(a); err != nil {
		t.Fatal(err)
	}
	here, transform, mapped = &all[0], &all[1], &all[2]
	if want := 240 / (upload - 1/1600.); math.Abs(transform.FasterFrom(here)-want) > 1e-6 {
		t.Errorf("batch transform is faster from %v, want %v", transform.FasterFrom(here), want)
	}
	n := transform.CheaperFrom(mapped)
	if math.Abs(transform.USD(n)-mapped.USD(n)) > 1e-9 || n <= 0 {
		t.Errorf("batch transform is cheaper from %v: %v and %v", n, transform.USD(n), mapped.USD(n))
	}
}

func TestFrom(t *testing.T) {
	for _, c := range []struct{ begin, each, thanBegin, thanEach, want float64 }{
		{10, 1, 0, 2, 10}, {0, 1, 10, 2, 0}, {10, 2, 0, 1, math.Inf(1)}, {0, 1, 1, 1, 0}, {1, 1, 1, 1, math.Inf(1)}, {0, 2, 1, 1, math.Inf(1)},
	} {
		if got := engines.From(c.begin, c.each, c.thanBegin, c.thanEach); got != c.want {
			t.Errorf("From(%v, %v, %v, %v) = %v, want %v", c.begin, c.each, c.thanBegin, c.thanEach, got, c.want)
		}
	}
}

// TestUnknownPricesAreSaid and assumptions that make no sense are refused.
func TestUnknownPricesAreSaid(t *testing.T) {
	a := engines.Defaults()
	a.Rate, a.Processors, a.Region = 400, 2, "mars-north-1"
	all, err := engines.Engines(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all[1:] {
		if !strings.Contains(e.Unknown, "mars-north-1") {
			t.Errorf("%s: the price is not unknown: %q", e.Name, e.Unknown)
		}
	}
	a.Rate = 0
	if _, err := engines.Engines(a); err == nil || !strings.Contains(err.Error(), "rate") {
		t.Errorf("a rate of 0 gives %v", err)
	}
}
