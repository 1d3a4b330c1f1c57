package parity

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// cause puts what was found in words. Best is nil when nothing removes the difference.
func (s *search) cause(best *finding, all []*finding, pairs int) *Cause {
	c := &Cause{Before: s.before, Sample: len(s.sample), Pairs: pairs, Untried: s.untried, Blind: blind(all)}
	byMean(all)
	for _, f := range all {
		if len(f.hypotheses) == 1 {
			c.Tried = append(c.Tried, Trial{f.parts()[0], f.after})
		}
	}
	if best != nil {
		c.Kind, c.Parts, c.Before, c.After = Named, best.parts(), best.before, best.after
		c.Like = s.like(best, all)
		c.Text = fmt.Sprintf("The other side %s: with that the largest difference falls from %.3g to %.2g%s.", joined(c.Parts), c.Before.Max, c.After.Max, fewerFlips(c))
		if rest := c.After.Beyond - c.After.Solved; rest > 0 {
			c.Text += fmt.Sprintf(" That brings %d of %d pictures together; %s for another reason.", c.After.Solved, c.After.Beyond, differStill(rest))
		}
		if len(c.Like) > 0 {
			c.Text += fmt.Sprintf(" These pictures do not tell whether it %s instead.", either(c.Like))
		}
		return c
	}
	var nearest *finding
	if len(all) > 0 {
		nearest = all[0]
		c.Nearest, c.After = nearest.parts(), nearest.after
	}
	switch {
	case s.before.Max <= smallDelta && s.before.Flips == 0:
		c.Kind = Noise
		c.Text = fmt.Sprintf("None of %d differences removes it. Differences of at most %.2g come from arithmetic: another runtime, processor or decoder.", len(c.Tried)+pairs, s.before.Max)
	case nearest == nil || nearest.gain() < math.Pow(near, float64(len(nearest.hypotheses))):
		c.Kind = Model
		c.Text = fmt.Sprintf("A different model: none of %d differences in preprocessing, arithmetic and output comes near.", len(c.Tried)+pairs)
	default:
		c.Kind = Unknown
		c.Text = fmt.Sprintf("None of %d differences removes it.", len(c.Tried)+pairs)
	}
	if nearest != nil {
		c.Text += fmt.Sprintf(" Nearest: the other side %s (mean difference %.2g instead of %.2g).", joined(c.Nearest), nearest.after.Mean, nearest.before.Mean)
	}
	if len(c.Blind) > 0 {
		c.Text += fmt.Sprintf(" These pictures cannot show: %s.", listed(c.Blind))
	}
	return c
}

// like are hypotheses of the best one's axes that do as well: the largest difference is as good as the same.
func (s *search) like(best *finding, all []*finding) (parts []Part) {
	if len(best.hypotheses) != 1 {
		return nil
	}
	for _, f := range all {
		if f == best || len(f.hypotheses) != 1 || !removes(f.before, f.after, s.options.Tolerance) {
			continue
		}
		if f.after.Max <= max(2*best.after.Max, s.options.Tolerance) {
			parts = append(parts, f.parts()...)
		}
	}
	return parts
}

// blind are the axes in which nothing that ran changed an answer.
func blind(all []*finding) (axes []Axis) {
	moved := map[Axis]bool{}
	for _, f := range all {
		if len(f.hypotheses) == 1 && f.hypotheses[0].runs() {
			moved[f.hypotheses[0].axis] = moved[f.hypotheses[0].axis] || !f.idle
		}
	}
	for axis, did := range moved {
		if !did {
			axes = append(axes, axis)
		}
	}
	slices.Sort(axes)
	return axes
}

func differStill(n int) string {
	if n == 1 {
		return "1 differs"
	}
	return fmt.Sprintf("%d differ", n)
}

func fewerFlips(c *Cause) string {
	if c.Before.Flips == 0 {
		return ""
	}
	return fmt.Sprintf(" and changed labels from %d to %d", c.Before.Flips, c.After.Flips)
}

func joined(parts []Part) string {
	says := make([]string, len(parts))
	for i, p := range parts {
		says[i] = p.Says
	}
	return strings.Join(says, " and ")
}

func either(parts []Part) string { return strings.ReplaceAll(joined(parts), " and ", ", or ") }

func listed(axes []Axis) string {
	names := make([]string, len(axes))
	for i, a := range axes {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}
