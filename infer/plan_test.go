package infer_test

import (
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer"
)

func TestNewPlan(t *testing.T) {
	for _, c := range []struct {
		name         string
		multiplyAdds int64
		cores        int
		device       infer.Device
		want         infer.Plan // without reason
		says         string
	}{
		{"ResNet-20 at 32", 41_000_000, 2, infer.CPU, infer.Plan{Workers: 2, Threads: 1, Batch: 16}, "41 M multiply-adds a picture on 2 cores"},
		{"ResNet-50 at 224", 4_089_000_000, 8, "", infer.Plan{Workers: 8, Threads: 1, Batch: 1}, "4089 M multiply-adds a picture on 8 cores"},
		{"one core", 300_000_000, 1, infer.CPU, infer.Plan{Workers: 1, Threads: 1, Batch: 2}, "on 1 core:"},
		{"a call's work exactly", 500_000_000, 4, infer.CPU, infer.Plan{Workers: 4, Threads: 1, Batch: 2}, "2 pictures a call"},
		{"a little more", 500_000_001, 4, infer.CPU, infer.Plan{Workers: 4, Threads: 1, Batch: 1}, "1 picture a call"},
		{"tiny", 1, 4, infer.CPU, infer.Plan{Workers: 4, Threads: 1, Batch: 32}, "0.0 M"},
		{"unknown", 0, 4, infer.CPU, infer.Plan{Workers: 4, Threads: 1, Batch: 4}, "unknown"},
		{"graphics card", 4_089_000_000, 16, infer.CUDA, infer.Plan{Workers: 16, Threads: 1, Batch: 32}, "keep the device busy"},
		{"no cores", 41_000_000, 0, infer.CPU, infer.Plan{Workers: 1, Threads: 1, Batch: 16}, "1 core"},
	} {
		got := infer.NewPlan(c.multiplyAdds, c.cores, c.device)
		if !strings.Contains(got.Reason, c.says) {
			t.Errorf("%s: reason %q, want one that says %q", c.name, got.Reason, c.says)
		}
		if got.Reason = ""; got != c.want {
			t.Errorf("%s: NewPlan(%d, %d, %q) = %+v, want %+v", c.name, c.multiplyAdds, c.cores, c.device, got, c.want)
		}
	}
}
