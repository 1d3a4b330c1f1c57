package preprocess

import (
	"slices"
	"testing"

	"github.com/scones-unlimited/scones/model"
)

// Kept weights are those that would be computed, the least used give way, and long ones share a place.
func TestAxesKeepTheLast(t *testing.T) {
	var kept axes
	get := func(in int) (fresh bool) {
		d := direction{in: in, out: 20, from: 3, n: 7, filter: model.Lanczos, antialias: true}
		a, fresh := kept.of(d)
		var want axis
		want.prepare(d)
		if a.direction != d || !slices.Equal(a.first, want.first) || !slices.Equal(a.weights[:a.count[0]], want.weights[:want.count[0]]) {
			t.Errorf("of(%d) gives other weights", in)
		}
		return fresh
	}
	for _, step := range []struct {
		in    int
		fresh bool
	}{
		{30, true}, {40, true}, {50, true}, {60, true}, {30, false}, {40, false}, {50, false}, {60, false},
		{70, true}, {40, false}, {30, true}, {60, false}, {50, true}, // 30 gave way to 70, 50 to 30, 70 to 50
		{longest + 1, true}, {longest + 2, true}, {longest + 1, true}, {60, false}, {longest + 1, false},
	} {
		if fresh := get(step.in); fresh != step.fresh {
			t.Errorf("of(%d): fresh is %v, want %v", step.in, fresh, step.fresh)
		}
	}
}
