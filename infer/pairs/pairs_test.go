package pairs_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/pairs"
)

// Each side runs once a pair, first in every other one.
func TestRun(t *testing.T) {
	var order []int
	got, err := pairs.Run(3, func(pair, side int) (float64, error) {
		order = append(order, side)
		return float64(10*pair + side), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 1, 1, 0, 0, 1}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]float64{{0, 1}, {10, 11}, {20, 21}}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	broken := errors.New("broken")
	got, err = pairs.Run(3, func(pair, side int) (float64, error) {
		if pair == 1 {
			return 0, broken
		}
		return 1, nil
	})
	if !errors.Is(err, broken) || len(got) != 1 {
		t.Errorf("got %v, %v; want one pair and the error", got, err)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{5, 1, 3}, 3}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := pairs.Median(c.values); got != c.want {
			t.Errorf("Median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}
