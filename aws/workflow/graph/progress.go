package graph

import (
	"strings"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// An Outcome is what a run did with a state.
type Outcome int

// The outcomes, from the least to the most telling: of a state that was visited several times the last one shows.
const (
	Idle      Outcome = iota // it was not reached
	Succeeded                // it was left as planned
	Running                  // it was reached and not left
	Caught                   // it failed, and a Catch went on
	Failed                   // it failed, and with it the run
)

// Outcomes tells by a run's history what became of each state, by name. What a Distributed Map's items did is not in the history of
// the run around them.
func Outcomes(events []asl.Event) map[string]Outcome {
	outcomes := map[string]Outcome{}
	state := map[int64]string{} // by event: the state that it happened in
	broken := map[string]bool{} // states whose last try failed
	open := map[string]int{}    // visits that were not left
	failed := false
	for _, e := range events {
		name := state[e.Previous]
		switch {
		case strings.HasSuffix(e.Type, "StateEntered"):
			name = e.Details.Name
			open[name]++
			outcomes[name] = max(outcomes[name], Running)
		case strings.HasSuffix(e.Type, "StateExited"):
			name = e.Details.Name
			if open[name]--; open[name] > 0 {
				break
			}
			switch was := outcomes[name]; {
			case broken[name]:
				outcomes[name] = Caught
			case was == Running:
				outcomes[name] = Succeeded
			}
		case e.Type == "ExecutionFailed" || e.Type == "ExecutionTimedOut":
			failed = true
		case strings.HasSuffix(e.Type, "Failed") || strings.HasSuffix(e.Type, "TimedOut"):
			broken[name] = true
		case strings.HasSuffix(e.Type, "Succeeded"):
			broken[name] = false
		}
		state[e.ID] = name
	}
	for name, n := range open {
		if n > 0 && failed {
			outcomes[name] = Failed
		}
	}
	return outcomes
}
