package main

import (
	"net/http"
	"testing"

	"github.com/scones-unlimited/scones/aws/awstest"
)

// TestTrainFaults breaks every call that changes something in every way. The command completes, or does so when it is run again, and one
// job is made.
func TestTrainFaults(t *testing.T) {
	positions := 0
	defer func() { t.Logf("%d positions tried", positions) }()
	for _, effect := range []awstest.Effect{awstest.FailBefore, awstest.FailAfter, awstest.CutBefore, awstest.CutAfter, awstest.Throttle} {
		for call, met := 1, true; met; call++ {
			g := newTrainingGround(t, "test")
			before := writes(g)
			g.Inject(awstest.Fault{Writes: true, Call: call, Effect: effect})
			args := []string{"--data", "s3://pictures/vehicles", "--yes", "--detach", "--set", "mini_batch_size=3"}
			if err := g.scones(t, args...).Run(); err != nil {
				if out, err := g.scones(t, args...).CombinedOutput(); err != nil {
					t.Errorf("effect %d at call %d, run again: %v\n%s", effect, call, err, out)
				}
			}
			made := 0
			for _, call := range g.Calls() {
				if call.Operation == "sagemaker:CreateTrainingJob" && call.Status == http.StatusOK {
					made++
				}
			}
			answered := effect != awstest.FailAfter && effect != awstest.CutAfter // else a job may be made and nobody told
			if made > 1 || answered && made != 1 {
				t.Errorf("effect %d at call %d: %d jobs were made", effect, call, made)
			}
			if met = call <= writes(g)-before; met {
				positions++
			}
		}
	}
}

// writes counts the calls that changed something.
func writes(g *trainingGround) (n int) {
	for _, call := range g.Calls() {
		if call.Write {
			n++
		}
	}
	return n
}
