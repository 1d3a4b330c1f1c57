package main

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// The largest values of the flags that say how pictures are run.
const (
	maxThreads = 1024
	maxBatch   = 1024
)

// planFlags force what is otherwise chosen from the model and the cores.
func planFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "batch", DefaultText: "chosen, scones bench says why", Usage: "give the runtime `N` pictures at once, 1 to 1024"},
		&cli.IntFlag{Name: "workers", Usage: "decode and score `N` batches side by side, 1 to 1024", DefaultText: "one a core"},
		&cli.IntFlag{Name: "call-threads", Usage: "let `N` threads work inside one call of the runtime, 1 to 1024", DefaultText: "1"},
	}
}

// checkPlanFlags refuses what no machine can do, before anything is loaded.
func checkPlanFlags(c *cli.Context) error {
	for name, most := range map[string]int{"threads": maxThreads, "workers": maxThreads, "call-threads": maxThreads, "batch": maxBatch} {
		if n := c.Int(name); c.IsSet(name) && (n < 1 || n > most) {
			return &usageError{fmt.Sprintf("--%s %d: must be 1 to %d", name, n, most), ""}
		}
	}
	return nil
}

// coresFromFlags is how many cores may be used.
func coresFromFlags(c *cli.Context) int {
	if n := c.Int("threads"); n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// planFromFlags chooses how a model is run on a device and so many cores; what flags force is said in the plan's reason.
func planFromFlags(c *cli.Context, s *source.Source, cores int, device infer.Device) infer.Plan {
	plan := infer.NewPlan(multiplyAdds(s), cores, device)
	for _, forced := range []struct {
		flag string
		to   *int
	}{{"batch", &plan.Batch}, {"workers", &plan.Workers}, {"call-threads", &plan.Threads}} {
		if c.IsSet(forced.flag) {
			*forced.to = c.Int(forced.flag)
			plan.Reason += fmt.Sprintf("; --%s %d", forced.flag, *forced.to)
		}
	}
	return plan
}

// multiplyAdds of one picture, 0 when the graph does not tell.
func multiplyAdds(s *source.Source) int64 {
	n, err := s.File.MultiplyAdds(preprocess.NewTensor(&s.Model.Input, 1).Shape)
	if err != nil {
		return 0
	}
	return n
}
