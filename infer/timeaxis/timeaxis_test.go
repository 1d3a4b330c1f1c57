package timeaxis_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/timeaxis"
)

func TestTicks(t *testing.T) {
	begin := time.Date(2026, 1, 31, 22, 10, 0, 0, time.UTC)
	for _, c := range []struct {
		span time.Duration
		want []string
	}{
		{20 * time.Second, []string{"22:10:00", "22:10:05", "22:10:10", "22:10:15", "22:10:20"}},
		{4 * time.Hour, []string{"23:00", "00:00", "01:00", "02:00"}},
		{30 * time.Hour, []string{"1 Feb 00:00", "1 Feb 06:00", "1 Feb 12:00", "1 Feb 18:00", "2 Feb 00:00"}},
		{5 * 24 * time.Hour, []string{"1 Feb", "2 Feb", "3 Feb", "4 Feb", "5 Feb"}},
		{0, nil},
	} {
		var got []string
		low := float64(begin.Unix())
		for _, tick := range timeaxis.Ticks(low, low+c.span.Seconds(), 5) {
			got = append(got, tick.Text)
		}
		if c.span == 0 {
			got = nil
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.span, diff)
		}
	}
	if n := len(timeaxis.Ticks(0, 1e12, 5)); n > 24 {
		t.Errorf("%d ticks", n)
	}
}
