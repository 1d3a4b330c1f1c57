package awstest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// A Drill interrupts something that changes the cloud at every single call that it makes, and sees that running it again completes it.
type Drill struct {
	Options Options
	// Begin makes what is there before, and returns what is to be interrupted: a function that can be called again and then completes
	// what it began. It finds the cloud by the environment. It is called once for each position, with a new cloud each time.
	Begin func(t *testing.T, cloud *Server) (run func() error)
	// Check may say more of what must hold after a run that succeeded; it is not interrupted.
	Check func(t *testing.T, cloud *Server) error
}

// EnvDrill is the environment variable that says how many positions a [Drill] tries: set to all, every one in the first way and each third
// in the others, as CI does; set to each, every one in every way, which takes a quarter of an hour. Without it each eleventh is tried in
// the first way, and each 29th in the others.
const EnvDrill = "SCONES_TEST_DRILL"

// stride is how far positions are from each other.
func stride(way int) int {
	switch os.Getenv(EnvDrill) {
	case "each":
		return 1
	case "all":
		return 1 + 2*min(way, 1)
	}
	return 11 + 18*min(way, 1)
}

// How a Drill interrupts. Its clients make as many attempts as they usually do, but in those where the network is gone for good.
var interruptions = []struct {
	name     string
	attempts string // AWS_MAX_ATTEMPTS
	faults   func(call int) []Fault
}{
	// The call was served, its answer and all later calls were lost: the caller was killed then.
	{"killed", "1", func(n int) []Fault {
		return []Fault{{Call: n, Effect: CutAfter}, {Call: n + 1, Times: -1, Effect: CutBefore}}
	}},
	// The answer was lost, and the client tries again what was done already.
	{"answer lost", "4", func(n int) []Fault { return []Fault{{Call: n, Effect: CutAfter}} }},
	// The call is refused, once: whoever takes that for "there is none" makes a mistake.
	{"denied", "1", func(n int) []Fault { return []Fault{{Call: n, Effect: Deny}} }},
}

// Run tries the positions, and returns how many. In each the run that follows must succeed and leave what an undisturbed one leaves.
// Time passes in a bubble of [testing/synctest]: pauses take none.
func (d *Drill) Run(t *testing.T) (positions int) {
	t.Helper()
	want, calls := d.undisturbed(t)
	for way, how := range interruptions {
		for n := 1; n <= calls; n += stride(way) {
			name := fmt.Sprintf("%s at call %d", how.name, n)
			d.bubble(t, name, func(t *testing.T, cloud *Server) {
				run := d.Begin(t, cloud)
				cloud.Forget()
				for _, f := range how.faults(n) {
					cloud.Inject(f)
				}
				os.Setenv(attemptsVariable, how.attempts) // the test's environment ends with it
				first := run()
				os.Setenv(attemptsVariable, calm)
				struck := cloud.call(n)
				cloud.Heal()
				if err := run(); err != nil {
					t.Errorf("%s (%s), which ended with %v: the next run: %v", name, struck, first, err)
					return
				}
				if got := cloud.Inventory(); !slices.Equal(got, want) {
					t.Errorf("%s (%s), which ended with %v: the next run leaves\n%s\nwant\n%s", name, struck, first, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				d.check(t, cloud, name)
			})
			positions++
			if t.Failed() {
				return positions
			}
		}
	}
	return positions
}

// undisturbed says what a run leaves, and how many calls it makes.
func (d *Drill) undisturbed(t *testing.T) (left []string, calls int) {
	t.Helper()
	d.bubble(t, "undisturbed", func(t *testing.T, cloud *Server) {
		run := d.Begin(t, cloud)
		cloud.Forget()
		if err := run(); err != nil {
			t.Fatalf("undisturbed: %v", err)
		}
		left, calls = cloud.Inventory(), len(cloud.Calls())
		d.check(t, cloud, "undisturbed")
	})
	if t.Failed() {
		t.FailNow()
	}
	return left, calls
}

func (d *Drill) check(t *testing.T, cloud *Server, name string) {
	if d.Check == nil {
		return
	}
	if err := d.Check(t, cloud); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// What is not to be interrupted makes several attempts: in a bubble a client's deadline can pass while the kernel still has the answer.
const (
	attemptsVariable = "AWS_MAX_ATTEMPTS"
	calm             = "4"
)

func (d *Drill) bubble(t *testing.T, name string, do func(*testing.T, *Server)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		cloud := New(t, d.Options)
		cloud.Setenv(t)
		t.Setenv(attemptsVariable, calm)
		synctest.Test(t, func(t *testing.T) { do(t, cloud) })
	})
}

// call is the operation of the n-th call of the log.
func (s *Server) call(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > len(s.calls) {
		return "not reached"
	}
	return s.calls[n-1].Operation
}
