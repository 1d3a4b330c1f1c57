package parity

import (
	"fmt"
	"strings"
)

// A Verdict says in one word what a run came to.
type Verdict string

// The verdicts.
const (
	// Pass: every answer is within the tolerance.
	Pass Verdict = "PASS"
	// Drift: some answers are beyond it, and no label changed that was not a near tie.
	Drift Verdict = "DRIFT"
	// Fail: labels changed, or one side could not answer where the other did.
	Fail Verdict = "FAIL"
	// Nothing: no picture was answered by both sides, so nothing can be said.
	Nothing Verdict = "NOTHING"
)

// judge fills in the verdict and its reason.
func (r *Result) judge() {
	oneSided := total(r.LocalErrors) + total(r.RemoteErrors)
	surprising := r.Flips - r.NearTies
	var why []string
	if oneSided > 0 {
		why = append(why, fmt.Sprintf("%s only one side could answer for", pictures(oneSided)))
	}
	if surprising > 0 {
		why = append(why, fmt.Sprintf("%s changed %s label without a near tie", pictures(surprising), its(surprising)))
	}
	switch beyond := r.Compared - r.Within; {
	case len(why) > 0:
		r.Verdict = Fail
	case r.Compared == 0:
		r.Verdict = Nothing
		why = []string{"no picture was answered by both sides"}
	case beyond > 0:
		r.Verdict = Drift
		why = append(why, fmt.Sprintf("%s of %d differ by more than %v, at most %.3g", pictures(beyond), r.Compared, r.Tolerance, r.Delta.Max))
		switch {
		case r.Flips == 0:
			why = append(why, "no label changed")
		default:
			why = append(why, fmt.Sprintf("%s changed %s label, each a near tie (margin up to %.3g)", pictures(r.Flips), its(r.Flips), r.TieMargin))
		}
	default:
		r.Verdict = Pass
		why = []string{fmt.Sprintf("%s within %v", pictures(r.Compared), r.Tolerance)}
	}
	r.Reason = strings.Join(why, "; ")
}

func pictures(n int) string {
	if n == 1 {
		return "1 picture"
	}
	return fmt.Sprintf("%d pictures", n)
}

func its(n int) string {
	if n == 1 {
		return "its"
	}
	return "their"
}
