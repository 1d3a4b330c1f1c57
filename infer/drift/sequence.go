package drift

import (
	"fmt"
	"math"
	"time"
)

// DefaultAlpha is the false-alarm rate that is promised.
const DefaultAlpha = 0.05

// leastRuns is the number of runs that [Every] promises at least, for intervals so long that a year has fewer.
const leastRuns = 200

const year = 365 * 24 * time.Hour

// Alone is the level of a run that stands for itself.
func Alone(alpha float64) Level {
	return Level{Alpha: alpha, Run: alpha, Guarantee: fmt.Sprintf("in this run alone, a false alarm has a chance of %s at most", percent(alpha))}
}

// Every is the level of runs that come at an interval: alpha divided evenly among the runs of a year, 200 at least. It needs no memory of
// earlier runs.
func Every(alpha float64, every time.Duration) Level {
	runs := max(leastRuns, math.Ceil(float64(year)/float64(every)))
	over := fmt.Sprintf("a year (%.0f runs, one every %s)", runs, short(every))
	if runs == leastRuns {
		over = fmt.Sprintf("%.0f runs", runs)
	}
	return Level{Alpha: alpha, Run: alpha / runs, Guarantee: fmt.Sprintf("over %s, any false alarm at all has a chance of %s at most", over, percent(alpha))}
}

// Spend is the level of the look-th run against one baseline, from 1: alpha c / ((look+1) ln²(look+1)), c such that all looks for ever sum
// to alpha. Looks may depend on each other, as they do through the baseline: the sum bounds the chance of any false alarm all the same
// (alpha spending with Bonferroni's inequality; Lan and DeMets 1983). Of sequences that sum it is among the slowest to fall.
func Spend(alpha float64, look int) Level {
	k := float64(look) + 1
	run := alpha / (spending * k * math.Log(k) * math.Log(k))
	return Level{Alpha: alpha, Run: run, Look: look,
		Guarantee: fmt.Sprintf("over all runs against this baseline, for ever, any false alarm at all has a chance of %s at most", percent(alpha))}
}

// spending is the sum of 1 / (k ln² k) over k from 2, OEIS A115563.
const spending = 2.109742801236891

func percent(p float64) string { return fmt.Sprintf("%.4g %%", 100*p) }

// short prints a duration without zero minutes and seconds.
func short(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
